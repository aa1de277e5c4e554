"""Input spikes that are lost, doubled or late on their way into the chip.

Spikes between populations of one chip pass unharmed here: a network has nowhere to keep what befalls them,
and faults inside are modelled by dead neurons and stuck cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from spiking.core.coding.faulty import Unreliable
from spiking.core.errors import SpikingError, require, unknown
from spiking.core.network import Network
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS


@EFFECTS.register("unreliable-input")
@typed
def unreliable_input(
    network: Network,
    rng: np.random.Generator,
    *,
    lost: float = 0.0,
    doubled: float = 0.0,
    late: int = 0,
    inputs: Sequence[str] | None = None,
) -> Network:
    """Return ``network`` with input links that fail (:class:`~spiking.core.coding.faulty.Unreliable`).

    Args:
        lost, doubled: probability that a spike is lost, and that one which is not arrives twice.
        late: largest delay [steps]; each from 0 on is as likely.
        inputs: names; None: all that bring spikes.

    Raises:
        SpikingError: values out of range, an unknown input, or one that brings values.
    """
    if isinstance(inputs, str):
        raise SpikingError(f"inputs is {inputs!r}; allowed: a list, e.g. [{inputs!r}]")
    names = [i.name for i in network.inputs]
    for name in inputs or ():
        if name not in names:
            raise unknown("input", name, names)
    spiking = [i.name for i in network.inputs if not i.encoder.analog]
    wanted = spiking if inputs is None else list(inputs)
    require(
        bool(wanted) and set(wanted) <= set(spiking),
        f"{network.name!r} takes values, not spikes; 'unreliable-input' acts on spikes",
    )
    made = []
    for i in network.inputs:
        if i.name not in wanted:
            made.append(i)
            continue
        seed = int(rng.integers(2**32))
        link = Unreliable(of=i.encoder, lost=lost, doubled=doubled, late=late, seed=seed)
        made.append(replace(i, encoder=link) if lost or doubled or late else i)
    return network.replace(inputs=made)
