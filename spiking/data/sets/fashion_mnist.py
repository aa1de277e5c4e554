"""Fashion-MNIST (Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747): 70 000 pictures of clothes, 28x28."""

from __future__ import annotations

from spiking.data.readers.family import Family, family
from spiking.data.sets import DATA_SETS

CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"
)  # fmt: skip

DATA_SETS.register("fashion-mnist")(
    family(
        Family(
            name="fashion-mnist",
            openml="Fashion-MNIST",
            variable="SPIKING_FASHION_MNIST",
            licence="MIT",
            summary="70 000 grey images of clothes, 28x28",
            class_names=CLOTHES,
        )
    )
)
