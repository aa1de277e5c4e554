"""Gradients on their way back from group to group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spiking.core.parts import Connection
from spiking.kernels.dense import product
from spiking.kernels.gather import padded
from spiking.kernels.panels import PANEL
from spiking.kernels.values import fade_back, times_values
from spiking.simulate.analog import Listing
from spiking.simulate.batch import Batch
from spiking.simulate.program import Group, Program
from spiking.simulate.summed import SummedReadout

Floats = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Narrow:
    """The one reader of a group, where it is a tile wide: the group's loop reads its gradient itself.

    ``delta``: gradient of the reader's currents ``[samples, steps, LANES]``; ``back``: weights to it,
    transposed, ``[classes, units]``; ``lag``: delay.
    """

    delta: Floats
    back: Floats
    lag: int


@dataclass(frozen=True, eq=False)
class Pulled:
    """Gradient of a group's spikes from a readout collapsed over time: ``columns`` ``[samples, units]`` (and
    more) times ``share`` ``[steps]``."""

    columns: Floats
    share: Floats


class Flow:
    """Gradients on their way back: per group for spikes (or values), ``"s"``, and membranes, ``"v"``.

    Buffers are ``[samples, steps, units]``; a direct input that is constant has one step. Gradients in
    ``narrow`` and ``pulled`` are read by the group's own loop.
    """

    def __init__(self, program: Program, batch: Batch) -> None:
        self.program, self.batch = program, batch
        self.buffers: dict[tuple[str, int], Floats] = {}
        self.penalties: dict[str, Floats] = {}  # gradient of each spike of a population, [units]
        self.narrow: dict[int, Narrow] = {}
        self.pulled: dict[int, Pulled] = {}
        self.jumps: dict[int, Floats] = {}  # sparse additions to the gradients of a group's currents

    def empty(self, gate: str, k: int) -> Floats:
        """A buffer of group ``k`` whose content does not count yet."""
        group, batch = self.program.groups[k], self.batch
        steps = batch.values[group.populations[0].name].shape[1] if group.analog else batch.steps
        shape = (batch.samples, steps, group.units)
        tag = group.populations[0].name
        buffer = batch.workspace.empty(f"grad {gate}:{tag}", shape, self.program.dtype)
        for p in group.populations:  # padding columns stay zero
            end = group.span(p.name).stop
            buffer[:, :, end : end + padded(p.size) - p.size] = 0
        return buffer

    def buffer(self, gate: str, k: int) -> Floats:
        """The buffer of group ``k``, zeros before the first contribution."""
        if (gate, k) not in self.buffers:
            self.buffers[gate, k] = self.empty(gate, k)
            self.buffers[gate, k].fill(0)
        return self.buffers[gate, k]

    def finish(self, group: Group, gs: Floats) -> None:
        """Once all readers have contributed: silence dropped units, add what acts on spikes alone."""
        for p in group.populations:
            span = group.span(p.name)
            if p.name in self.batch.kept_units:
                gs[:, :, span] *= self.batch.kept_units[p.name][:, None, :]
            if p.name in self.penalties:
                gs[:, :, span] += self.penalties[p.name]

    def back_by_jumps(self, c: Connection, jumps: Floats, decay: np.floating) -> None:
        """Add to the source of ``c`` what the target's ``jumps`` ``[samples, steps, columns]`` hand back.

        Between them the gradient of the target's currents decays by ``decay`` a step.
        """
        batch, program = self.batch, self.program
        group, k = program.member(c.source)
        listed = Listing(batch.workspace, f"jumps:{c.name}", flat(jumps), jumps.size)
        weight = np.zeros((c.weight.shape[1], group.units), program.dtype)
        weight[:, : c.weight.shape[0]] = program.part(program.parameters, c.name).T
        shape = (batch.samples, batch.steps, group.units)
        made = batch.workspace.empty(f"handed back:{c.name}", shape, program.dtype)
        args = (weight.reshape(-1), group.units, 0, len(weight), made.reshape(-1), group.units)
        batch.share(times_values, -(-group.units // PANEL), *listed.rows, *args)
        batch.share(fade_back, batch.samples, made, decay)
        if ("s", k) in self.buffers:
            self.buffers["s", k] += made
        else:
            self.buffers["s", k] = made

    def back_to(self, c: Connection, delta: Floats, steps: int) -> None:
        """Add ``delta weight^T`` to the source of ``c``; ``delta`` ``[samples * steps, target]``."""
        if steps == 0:  # what leaves the source arrives after the last step
            return
        group, k = self.program.member(c.source)
        source = self.program.network[c.source]
        gate = "v" if source.unit.graded else "s"
        weight = self.program.matrix(c)
        fresh = (gate, k) not in self.buffers and len(group.populations) == 1
        if fresh and isinstance(weight, np.ndarray):
            buffer = self.empty(gate, k)
            if buffer.shape[1] == steps:
                self.buffers[gate, k] = buffer
                product(delta, weight.T, out=flat(buffer)[:, : source.size])
                return
        made = product(delta, weight.T) if isinstance(weight, np.ndarray) else np.asarray(delta @ weight.T)
        self.buffer(gate, k)[:, :steps, group.span(c.source)] += made.reshape(-1, steps, source.size)


def flat(x: Floats) -> Floats:
    """``[samples, steps, units]`` as ``[samples * steps, units]``."""
    return x.reshape(-1, x.shape[-1])


def pull_back(summed: SummedReadout, flow: Flow, scores: Floats, out: Floats) -> None:
    """From the gradient of the scores ``[samples, classes]`` to those of parameters and sources."""
    program, batch = flow.program, flow.batch
    if program.network[summed.name].bias is not None:
        program.part(out, f"bias:{summed.name}")[:] = scores.sum(axis=0) * scores.dtype.type(summed.constant)
    for c in summed.connections:
        sums, weight = batch.sums[c.source], program.part(program.parameters, c.name)
        program.part(out, c.name)[:] = product(sums[:, : weight.shape[0]].T, scores)
        columns = np.zeros((len(scores), -(-weight.shape[0] // PANEL) * PANEL), scores.dtype)
        np.matmul(scores, weight.T, out=columns[:, : weight.shape[0]])
        if c.source in batch.kept_units:
            columns[:, : weight.shape[0]] *= batch.kept_units[c.source]
        _, k = program.member(c.source)
        flow.pulled[k] = Pulled(columns, summed.shares[c.source])
