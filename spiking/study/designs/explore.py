"""Which designs of a trained network answer well enough: each is simulated on validation samples.

Nothing is trained again, and no test sample is seen. Designs that differ in the work alone (schedule, format)
give the same answers and are not simulated twice; ``choose.py`` prices them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.counts import Counts, count
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.progress import Progress, Watch, unwatched
from spiking.hardware.design import Design
from spiking.hardware.effects.fixed_point import form_of
from spiking.simulate import run

SAMPLES = 1000  # validation samples at most on which a design is tried
CALIBRATION = 1000  # training samples that set scales
PEAK = 99.99  # percentile of the potentials on training samples that must fit a state word
MOST_STEPS = 128  # networks with more are not simulated in every design: their runs take minutes
SPIKING: dict[str, tuple[Any, ...]] = {
    "weight_bits": (8, 4),
    "state_bits": (16, 12),
    "decay": ("product", "shift-add"),
    "bias": ("per-step", "folded"),
}
ANALOG: dict[str, tuple[Any, ...]] = {"weight_bits": (8, 6, 4), "value_bits": (8, 6, 4)}
EARLY = (1.0, 0.75, 0.5)  # shares of the steps after which an answer may be read


@dataclass(frozen=True, kw_only=True, eq=False)
class Option:
    """A design that was tried.

    Attributes:
        design: its choices; those that only change the work have their defaults.
        network: as the design computes it.
        accuracy: on the validation samples, as a fraction. counts: of a mean validation inference.
    """

    design: Design
    network: Network
    accuracy: float
    counts: Counts


def explore(
    network: Network,
    calibration: NDArray[Any],
    x: NDArray[Any],
    y: NDArray[np.integer],
    *,
    seed: int = 0,
    watch: Watch = unwatched,
) -> list[Option]:
    """Return the options of a trained ``network``, the first one the customary design (8 and 16 bit).

    Args:
        network: as trained, before quantisation.
        calibration: training samples ``[samples, features]`` that set scales and the range of potentials.
        x, y: validation samples and labels.
        seed: of random encoders; every option sees the same spikes.
        watch: called after each option.

    Raises:
        SpikingError: no design of the network is possible.
    """
    x, y = x[:SAMPLES], y[:SAMPLES]
    known = calibration[:CALIBRATION]
    tried = list(candidates(network))
    peaks = potentials(network, known, seed) if network.spiking and has_fixed_point(network) else None
    found, refused = [], ""
    for k, design in enumerate(tried):
        try:
            made = design.network(network, peaks=peaks, calibration=None if network.spiking else known)
        except SpikingError as error:  # an impossible design is one that is not chosen
            refused = str(error)
        else:
            trace = run(made, x, seed=seed)
            found.append(
                Option(
                    design=design, network=made, accuracy=trace.accuracy(y), counts=count(made, trace).mean()
                )
            )
        watch(Progress(stage="try designs", done=k + 1, total=len(tried), unit="designs"))
    if not found:
        raise SpikingError(f"no design of {network.name!r} is possible: {refused}")
    return found


def candidates(network: Network) -> Iterator[Design]:
    """The designs that are simulated, the customary one first."""
    if not network.spiking:
        yield from (Design(**_of(ANALOG, values)) for values in product(*ANALOG.values()))
        return
    early = sorted({max(1, round(share * network.steps)) for share in EARLY}, reverse=True)
    if network.steps > MOST_STEPS:
        early = early[:1]
    if not has_fixed_point(network):
        base = Design(state_bits=None)
        yield from (replace(base, steps=_steps(s, network)) for s in early)
        return
    for values in product(*SPIKING.values()):
        for steps in early:
            yield Design(**_of(SPIKING, values), steps=_steps(steps, network))


def has_fixed_point(network: Network) -> bool:
    """Whether every unit of ``network`` has a fixed-point form."""
    try:
        for p in network.populations:
            form_of(p.unit)
    except SpikingError:
        return False
    return True


def potentials(network: Network, x: NDArray[Any], seed: int) -> dict[str, float]:
    """Largest absolute potential of each population on ``x`` that must fit a state word (a percentile)."""
    part = x[: max(1, min(len(x), 2**26 // max(network.steps * _units(network), 1)))]
    v = run(network, part, record=("v",), seed=seed).v
    return {p.name: float(np.percentile(np.abs(v[p.name]), PEAK)) for p in network.populations}


def _units(network: Network) -> int:
    return sum(p.size for p in network.populations)


def _of(axes: dict[str, tuple[Any, ...]], values: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(axes, values, strict=True))


def _steps(steps: int, network: Network) -> int | None:
    return None if steps == network.steps else steps
