"""Pricing: ``price(counts, chip) -> Bill``. One entry for every chip and both kinds of network."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spiking.core import check
from spiking.core.counts import Counts
from spiking.core.errors import require
from spiking.hardware.bill import Bill
from spiking.hardware.chip import Chip
from spiking.hardware.duty import LONGEST, at_interval
from spiking.hardware.mesh.place import Placement
from spiking.hardware.models import MODELS
from spiking.hardware.quantity import Interval, Number
from spiking.hardware.registry import load_chip


def price(
    counts: Counts,
    chip: Chip | str | Path | None = None,
    *,
    latency: Number | Interval | None = None,
    placement: Placement | None = None,
    every: float | None = None,
) -> Bill:
    """Return the bill of one inference of ``counts`` on ``chip``.

    Args:
        counts: operations per inference, floats or arrays (of samples or design points).
        chip: a chip, its name, or the path of its file. It must be given. Its constants may hold arrays.
        latency: time of one inference [s] over which static power is paid (of a batch that shares its
            weights, together); None takes the model's estimate.
        placement: where the network lies (:func:`~spiking.hardware.mesh.place.place`); its cores and chips
            count.
        every: time from one inference to the next [s]; with it the time between them is paid for too
            (:func:`~spiking.hardware.duty.at_interval`).

    Raises:
        SpikingError: no counts came (a network has to be run and counted first), no chip or an unknown one,
            or a latency or a period that is not positive, or a period shorter than the latency.
    """
    require(
        isinstance(counts, Counts),
        f"price takes counts, and a {type(counts).__name__} came; run the network and count what it did: "
        "price(count(network, run(network, x)), chip)",
    )
    require(
        chip is not None,
        "price needs a chip too, e.g. price(counts, 'generic-45nm'); chip_names() lists them",
    )
    assert chip is not None
    device = chip if isinstance(chip, Chip) else load_chip(chip)
    check.instance("placement", placement, Placement, none=True)
    if latency is not None and not isinstance(latency, Interval):
        try:
            value = np.asarray(latency, np.float64)
        except (TypeError, ValueError):
            value = np.zeros(0)
        require(
            value.size > 0 and bool(np.all(value > 0) and np.all(value <= LONGEST)),
            f"latency is {latency!r} s; allowed: above 0 to {LONGEST:g}",
        )
        latency = Interval.exact(value if value.ndim else float(value))
    bill = MODELS[device.model].price(counts, device, latency, placement)
    return bill if every is None else at_interval(bill, device, every)
