"""What a trained network loses in Loihi's integers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.coding.encode import Events
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.hardware.effects.loihi import to_loihi
from spiking.simulate import run

CHUNK = 1000  # samples whose spikes are held at a time


def accuracy_on_loihi(
    network: Network, x: NDArray[Any], y: NDArray[np.integer], seed: int
) -> tuple[float | None, str]:
    """Return the accuracy of ``network`` in Loihi's fixed point, or None and the reason why not.

    The chip sees the very spikes the network was given, drawn for its own number of steps; each
    layer then answers one step later.
    """
    try:
        chip = to_loihi(network)
    except SpikingError as error:
        return None, str(error)
    chip = chip.replace(inputs=[replace(i, encoder=Events()) for i in chip.inputs])
    hits = 0
    for first in range(0, len(x), CHUNK):
        part = x[first : first + CHUNK]
        raster = np.zeros((len(part), chip.steps, network.input_size), np.uint8)
        column = 0
        for i in network.inputs:
            columns = slice(column, column + i.size)
            if not i.encoder.analog:
                drawn = i.encoder.spikes(part[..., columns], network.steps, seed, first)
                raster[:, : network.steps, columns] = drawn
            column += i.size
        answers = run(chip, raster, precision="float64").predictions
        hits += int(np.sum(answers == y[first : first + CHUNK]))
    return hits / len(x), ""
