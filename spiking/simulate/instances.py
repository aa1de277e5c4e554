"""Many chips under the same input spikes: ``run_instances(network, chips, x) -> Instances``.

What differs between two chips is then the chips alone, not the draw of the spikes (common random numbers),
and encoding is paid for once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.parts import Connection
from spiking.core.progress import Progress, Watch, unwatched
from spiking.core.trace import Trace
from spiking.core.typed import typed
from spiking.kernels.dense import single_threaded_blas
from spiking.kernels.events import arrivals
from spiking.simulate.chip_batch import ChipBatch
from spiking.simulate.program import Program
from spiking.simulate.run import ENGINES, PRECISIONS, check_input, fitting_batch, nonzero_steps, read_out
from spiking.simulate.workspace import Workspace

Ints = NDArray[np.int64]
BATCH = 256  # samples whose lists stay in the second-level cache while the columns of a chip pass
CHIP_BYTES = 2**29  # parameters of chips held at a time


@dataclass(frozen=True, eq=False)
class Instances:
    """What chips did under the same input.

    Attributes:
        network: the nominal one: the hardware that every chip is.
        scores: ``[chips, samples, classes]``.
        spikes: of each input and population, ``[chips, samples]``: as :class:`~spiking.core.trace.Trace`
            counts them, summed over units.
        events: synaptic events of each connection, ``[chips, samples]``, over the synapses of the nominal
            network.
    """

    network: Network
    scores: NDArray[np.floating]
    spikes: dict[str, Ints]
    events: dict[str, Ints]

    @property
    def chips(self) -> int:
        """How many."""
        return len(self.scores)

    def accuracy(self, labels: NDArray[np.integer]) -> NDArray[np.float64]:
        """Fraction of samples that each chip answers as ``labels`` ``[samples]`` say, ``[chips]``.

        Raises:
            SpikingError: labels of another shape.
        """
        right = np.asarray(labels)
        samples = self.scores.shape[1]
        require(
            right.shape == (samples,),
            f"labels have shape {right.shape}; the chips answered {samples} samples",
        )
        return np.asarray((self.scores.argmax(axis=2) == right).mean(axis=1))

    def trace(self, chip: int) -> Trace:
        """The trace of one chip, its spikes summed over units: ``core.counts.count`` takes it."""
        check.whole("chip", chip, 0, self.chips - 1)
        return Trace(
            samples=self.scores.shape[1],
            steps=self.network.steps,
            scores=self.scores[chip],
            spikes={name: s[chip][:, None] for name, s in self.spikes.items()},
            events={name: e[chip] for name, e in self.events.items()},
        )


@typed
def run_instances(
    network: Network,
    chips: Iterable[Network],
    x: NDArray[Any],
    *,
    seed: int = 0,
    engine: str = "auto",
    precision: str = "float32",
    batch_size: int | None = None,
    progress: Watch | None = None,
) -> Instances:
    """Simulate the samples ``x`` on every chip, with the same input spikes.

    Scores and counts are those of ``run(chip, x, seed=seed)`` for each chip.

    Args:
        network: the nominal network.
        chips: networks of the same shape (populations, connections, delays, inputs, steps), as effects on
            weights and units give them; may be a generator.
        x, seed, engine, precision: as for :func:`spiking.simulate.run.run`.
        batch_size: samples at a time.
        progress: called after each batch.

    Raises:
        SpikingError: no chips, a chip of another shape, or what ``run`` refuses.
    """
    data = check_input(network, x)
    require(not isinstance(chips, np.ndarray), "chips is an array; give a list of networks")
    check.choice("engine", engine, ENGINES)
    check.choice("precision", precision, PRECISIONS)
    check.seed(seed)
    if batch_size is not None:
        check.whole("batch_size", batch_size, 1)
    if any(p.unit.fixed_point for p in network.populations):
        precision = "float64"
    size = batch_size or min(BATCH, fitting_batch(network, len(data)))
    tell = progress or unwatched
    parts = []
    for block in _blocks(network, chips, np.dtype(PRECISIONS[precision]).itemsize):
        programs = [Program(chip, PRECISIONS[precision]) for chip in block]
        made = _Block(network, programs, len(data))
        workspace = Workspace()
        with single_threaded_blas():
            for first in range(0, len(data), size):
                part = data[first : first + size]
                batch = ChipBatch(programs[0], part, seed, first, engine, workspace)
                made.take(batch, first)
                tell(Progress(stage="chips", done=first + len(part), total=len(data), unit="samples"))
        parts.append(made)
    require(bool(parts), "there are no chips; give at least one network")
    return Instances(
        network=network,
        scores=np.concatenate([p.scores for p in parts]),
        spikes={n: np.concatenate([p.spikes[n] for p in parts]) for n in parts[0].spikes},
        events={n: np.concatenate([p.events[n] for p in parts]) for n in parts[0].events},
    )


def _blocks(network: Network, chips: Iterable[Network], itemsize: int) -> Iterator[list[Network]]:
    """The chips, as many at a time as memory holds, each checked."""
    wanted = _shape(network)
    words = sum(int(np.prod(c.weight.shape)) for c in network.connections)
    most = max(1, CHIP_BYTES // max(words * itemsize, 1))
    number = 0
    left = iter(chips)
    while block := list(itertools.islice(left, most)):
        for chip in block:
            if not isinstance(chip, Network) or _shape(chip) != wanted:
                raise SpikingError(
                    f"chip {number} is {chip!r}, not of the shape of {network!r}; chips differ in weights "
                    "and parameters alone: effects that change the structure or the input come before"
                )
            number += 1
        yield block


def _shape(network: Network) -> tuple[Any, ...]:
    return (
        [(i.name, i.size, i.encoder, i.scale, i.bits) for i in network.inputs],
        [(p.name, p.size, type(p.unit)) for p in network.populations],
        [(c.name, c.weight.shape, network.total_delay(c), c.receptor) for c in network.connections],
        (network.output.population, type(network.output.decoder)),
        (network.steps, network.dt),
    )


class _Block:
    """The answers of some chips, filled batch by batch."""

    def __init__(self, network: Network, programs: list[Program], samples: int) -> None:
        self.network, self.programs = network, programs
        shape = (len(programs), samples)
        classes = network.output.decoder.classes(network[network.output.population].size)
        names = [*(i.name for i in network.inputs), *(p.name for p in network.populations)]
        self.scores: NDArray[np.floating] = np.empty((*shape, classes), np.float64)
        self.spikes = {name: np.zeros(shape, np.int64) for name in names}
        self.events = {c.name: np.zeros(shape, np.int64) for c in network.connections}
        self.fan_out = {c.name: c.fan_out for c in network.connections}

    def take(self, batch: ChipBatch, first: int) -> None:
        """Run a batch, whose first sample is number ``first``, through all chips."""
        span = slice(first, first + batch.samples)
        output = self.network.output.population
        reads = self.network.output.decoder.needs == "v"
        for k, program in enumerate(self.programs):
            batch.take_up(program)
            for group in program.groups:
                read = any(p.name == output for p in group.populations)
                batch.step_group(group, reads and read, count=read)
            self._note(batch, k, span)

    def _note(self, batch: ChipBatch, k: int, span: slice) -> None:
        spikes: dict[str, NDArray[np.integer]] = {}
        firsts: dict[str, NDArray[np.integer]] = {}
        where = {}
        for group, kept in zip(batch.program.groups, batch.kept, strict=True):
            for p in group.populations:
                where[p.name] = (group, kept)
                if p.unit.spiking and kept.counts.size:
                    spikes[p.name] = kept.counts[:, group.span(p.name)]
                    firsts[p.name] = kept.first[:, group.span(p.name)]
        scores = batch.program.network.output.decoder.scores(read_out(batch, where, spikes, firsts))
        self.scores[k, span] = scores
        for name, total in self.spikes.items():
            total[k, span] = self._spikes(batch, name, k, span)
        for c in self.network.connections:
            self.events[c.name][k, span] = self._arrived(batch, c, k, span)

    def _spikes(self, batch: ChipBatch, name: str, k: int, span: slice) -> Any:
        if name in batch.program.sources:
            ptr = batch.lists(name)
            return ptr[:, -1] - ptr[:, 0]
        if name in batch.inputs and k > 0:
            return self.spikes[name][0, span]
        if name not in batch.inputs and self.network[name].unit.graded:
            return batch.steps * self.network[name].size
        return nonzero_steps(batch.values[name], batch.steps).sum(axis=1)

    def _arrived(self, batch: ChipBatch, c: Connection, k: int, span: slice) -> Any:
        """Synaptic events, or non-zero products, of a connection with the synapses of the nominal network."""
        if c.source in batch.inputs and k > 0:
            return self.events[c.name][0, span]
        fan_out = self.fan_out[c.name]
        if c.source not in batch.program.sources:
            if c.source not in batch.inputs and self.network[c.source].unit.graded:
                return batch.steps * int(fan_out.sum())
            return nonzero_steps(batch.values[c.source], batch.steps) @ fan_out
        ptr, delay = batch.lists(c.source), batch.program.delays[c.name]
        last = max(batch.steps - delay, 0)
        if fan_out.size and (fan_out == fan_out[0]).all():
            return (ptr[:, last] - ptr[:, 0]) * fan_out[0]
        out = np.zeros(batch.samples, np.int64)
        batch.share(arrivals, batch.samples, ptr, batch.idx, delay, fan_out, out)
        return out
