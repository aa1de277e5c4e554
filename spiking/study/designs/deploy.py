"""A contender as it is built for each chip, and what it did there on the test samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.counts import Counts, count
from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.progress import Watch, unwatched
from spiking.core.trace import Trace
from spiking.data.dataset import Dataset
from spiking.hardware import Chip
from spiking.hardware.design import Design
from spiking.hardware.schema import Reader
from spiking.simulate import run
from spiking.study.contenders.task import CALIBRATION, Task, Trained
from spiking.study.designs.choose import Chosen, cheapest, priced
from spiking.study.designs.explore import explore, has_fixed_point, potentials

TEST_SEED = 104_729  # spikes of test samples are drawn apart from those of training
PLANS = ("best", "shipped")
Plan = str | Design  # "best": explored, "shipped": as the contender comes, or one design for all


@dataclass(frozen=True, kw_only=True, eq=False)
class Deployed:
    """A contender on one chip.

    Attributes:
        chip: the chip, set to the design where it is a machine that can be built in several ways.
        design: what was chosen or pinned; None: as the contender comes.
        network: as it is built there.
        counts: of a mean test inference; right: which test samples it got right ``[samples]``.
        chosen: what exploring found; None where nothing was explored.
    """

    chip: Chip
    design: Design | None
    network: Network
    counts: Counts
    right: NDArray[np.bool_]
    chosen: Chosen | None = None


def plan_of(text: str | Path | Design) -> Plan:
    """Return ``"best"``, ``"shipped"``, or the design of a TOML file (keys are fields of :class:`Design`).

    Raises:
        SpikingError: neither of the words, and no file of a design.
    """
    if isinstance(text, Design):
        return text
    if isinstance(text, str) and text in PLANS:
        return text
    require(
        isinstance(text, str | Path) and Path(text).suffix == ".toml",
        f"design is {str(text)[:80]!r}; allowed: best (all explored), shipped, or a .toml file of a design",
    )
    read = Reader(Path(text))
    try:
        return Design.from_dict(read.data)
    except SpikingError as error:
        raise read.fail("", str(error)) from None


def tested(network: Network, x: Any, seed: int, **options: Any) -> Trace:
    """Run samples as in a test: their spikes depend on ``seed`` and the place in the test set alone."""
    return run(network, x, seed=seed + TEST_SEED, **options)


def deploy(
    trained: Trained,
    task: Task,
    data: Dataset,
    chips: Sequence[Chip],
    *,
    plan: Plan,
    margin: float,
    every: float | None = None,
    watch: Watch = unwatched,
) -> dict[str, Deployed]:
    """Build a contender for each chip and test it there; each different network meets the test samples once.

    Args:
        plan: see :func:`plan_of`. A chip that is no component machine has a design of its own, and gets the
            contender as it comes.
        margin: validation accuracy (a fraction) that a cheaper design may lose to the best one.
        every: time between inferences [s] that decides what is cheapest; None leaves idle time out.

    Raises:
        SpikingError: a pinned design that the network cannot have.
    """
    machines = [chip for chip in chips if chip.model == "components" and _runs(chip, trained.network)]
    picked = _picked(trained, task, machines, plan, margin, every, watch)
    tests: dict[int, tuple[Counts, NDArray[np.bool_]]] = {}

    def test(network: Network) -> tuple[Counts, NDArray[np.bool_]]:
        if id(network) not in tests:
            trace = tested(network, data.x_test, task.seed)
            right = np.asarray(trace.predictions == data.y_test)
            tests[id(network)] = count(network, trace).mean(), right
        return tests[id(network)]

    found = {}
    for chip in chips:
        design, network, chosen = picked.get(chip.name, (None, trained.network, None))
        counts, right = test(network)
        device = chip if design is None else design.chip(chip, spiking=network.spiking)
        found[chip.name] = Deployed(
            chip=device, design=design, network=network, counts=counts, right=right, chosen=chosen
        )
    return found


def _runs(chip: Chip, network: Network) -> bool:
    return ("spiking" if network.spiking else "analog") in chip.runs


def _picked(
    trained: Trained, task: Task, machines: Sequence[Chip], plan: Plan, margin: float, every: float | None,
    watch: Watch,
) -> Mapping[str, tuple[Design, Network, Chosen | None]]:  # fmt: skip
    """Design, network and what exploring found, by the name of a component machine."""
    if plan == "shipped" or not machines:
        return {}
    original, known = trained.original, task.x[:CALIBRATION]
    if isinstance(plan, Design):
        fixed = original.spiking and has_fixed_point(original) and plan.state_bits is not None
        peaks = potentials(original, known, task.seed) if fixed else None
        network = plan.network(original, peaks=peaks, calibration=None if original.spiking else known)
        return {chip.name: (plan, network, None) for chip in machines}
    options = explore(
        original, known, task.x_validation, task.y_validation, seed=task.seed + 1 + TEST_SEED, watch=watch
    )
    found = {}
    for chip in machines:
        chosen = cheapest(priced(options, chip, every=every), margin=margin)
        found[chip.name] = (chosen.best.design, chosen.best.option.network, chosen)
    return found
