"""Conductances of limited range and resolution: clipped weights, levels of a cell, pairs or single cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spiking.core import check
from spiking.core.network import Network
from spiking.core.parts import Connection
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.memory.cells import Cells
from spiking.hardware.effects.weights import Values, on_weights


@EFFECTS.register("conductance-range")
@typed
def conductance_range(
    network: Network,
    rng: np.random.Generator,
    *,
    levels: int | None = None,
    percentile: float = 100.0,
    mapping: str = "pair",
    only: Sequence[str] | None = None,
) -> Network:
    """Return ``network`` with weights that cells of a limited range can hold; nothing is drawn.

    A pair of cells with ``n`` levels holds ``2n - 1`` weights, 0 among them; a single cell against a
    reference halfway holds ``n``, 0 only if ``n`` is odd. A least conductance above 0 changes neither.

    Args:
        levels: conductances that a cell can be written to, evenly spaced, 2 or more; None: any.
        percentile: of ``|w|`` that takes the whole range of a cell; larger weights are clipped.
        mapping: ``"pair"`` or ``"reference"`` (:class:`~spiking.hardware.effects.memory.cells.Cells`).
        only: names of connections; None: all.

    Raises:
        SpikingError: a value out of its range.
    """
    if levels is not None:
        check.whole("levels", levels, 2, 2**16)
    check.number("percentile", percentile, 0, 100, open_low=True)

    def change(c: Connection, w: Values) -> Values:
        top = float(np.percentile(np.abs(w), percentile)) if w.size else 0.0
        if top == 0.0:
            return w
        cells = Cells(mapping=mapping, g_min=0.0, g_max=1.0, top=top)
        if levels is None:
            return np.clip(w, -top, top)
        return cells.weights(tuple(np.rint(g * (levels - 1)) / (levels - 1) for g in cells.conductances(w)))

    return on_weights(network, change, only)
