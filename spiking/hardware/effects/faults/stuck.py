"""Cells that cannot be written: stuck off (no conductance) or stuck on (all of it).

A weight is the difference of two cells, ``w = W (g+ - g-)`` with ``g`` from 0 to 1 and one of them at 0,
``W`` the largest ``|w|`` of the connection. Each cell is stuck on its own (Chen et al. 2017, DATE: a share of
stuck-on and one of stuck-off cells), so that a positive weight whose idle cell is stuck on becomes ``w - W``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spiking.core import check
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.parts import Connection
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.weights import Values, on_weights


@EFFECTS.register("stuck-cells")
@typed
def stuck_cells(
    network: Network,
    rng: np.random.Generator,
    *,
    off: float = 0.0,
    on: float = 0.0,
    only: Sequence[str] | None = None,
) -> Network:
    """Return ``network`` with a random share of its cells stuck.

    Args:
        off, on: share of cells stuck without conductance, and at the largest one.
        only: names of connections; None: all.

    Raises:
        SpikingError: shares outside 0 to 1, or more than 1 together.
    """
    check.number("off", off, 0, 1, unit="of the cells")
    check.number("on", on, 0, 1, unit="of the cells")
    require(off + on <= 1, f"off is {off} and on is {on}; together at most 1, since a cell is stuck once")

    def change(c: Connection, w: Values) -> Values:
        top = float(np.max(np.abs(w), initial=0.0))
        moved = np.zeros(w.shape)
        for sign in (1.0, -1.0):
            drawn = rng.random(w.shape)
            wanted = np.maximum(sign * w, 0.0)
            cell = np.where(drawn < off, 0.0, np.where(drawn >= 1.0 - on, top, wanted))
            moved += sign * (cell - wanted)
        return w + moved

    return on_weights(network, change, only)
