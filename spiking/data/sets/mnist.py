"""MNIST (LeCun, Cortes & Burges 1998): 70 000 handwritten digits, 28x28."""

from __future__ import annotations

from spiking.data.readers.family import Family, family
from spiking.data.sets import DATA_SETS

DATA_SETS.register("mnist")(
    family(
        Family(
            name="mnist",
            openml="mnist_784",
            variable="SPIKING_MNIST",
            licence="CC BY-SA 3.0",
            summary="70 000 grey images of handwritten digits, 28x28",
        )
    )
)
