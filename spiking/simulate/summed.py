"""A linear readout, collapsed over time: its scores are weighted sums of spikes.

A leaky integrator that is read by its mean, summed or last membrane is linear in what arrives. A spike at
step ``t`` then adds its weight times one number, ``share[t]``, to the score, whatever else happens: the
readout need not be walked step by step, forward or backward.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.coding.base import Decoder
from spiking.core.parts import Connection
from spiking.kernels import layout as at
from spiking.kernels import step
from spiking.simulate.program import Group, Program, in_panels

Floats = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class SummedReadout:
    """The readout of a program: ``scores = sum over c of sums[c] weight[c] + bias constant + rest``.

    Attributes:
        name: of the population. group: number of its group.
        connections: into it, one from each source.
        shares: for each source ``[steps]``: what a spike at that step counts.
        constant: what a current that lasts all steps counts. rest: score ``[units]`` without any current.
    """

    name: str
    group: int
    connections: tuple[Connection, ...]
    shares: dict[str, Floats]
    constant: float
    rest: Floats

    def scores(self, program: Program, sums: dict[str, Floats]) -> Floats:
        """Scores ``[samples, classes]`` from the weighted sums of spikes of each source."""
        total = self.rest + program.part(program.parameters, f"bias:{self.name}") * self.rest.dtype.type(
            self.constant
        )
        for c in self.connections:
            weight = program.part(program.parameters, c.name)
            total = total + sums[c.source][:, : weight.shape[0]] @ weight
        return np.asarray(total)


def summed_readout(program: Program) -> SummedReadout | None:
    """The output of ``program``, if its scores are weighted sums of the spikes of wide populations."""
    net = program.network
    name, decoder = net.output.population, net.output.decoder
    group, k = program.member(name)
    if not decoder.linear or program.learn_tau or not _linear(group):
        return None
    sources = [c.source for c in group.spiking_connections]
    from_panels = all(program.has_member(s) and in_panels(program.member(s)[0]) for s in sources)
    read = any(c.source == name for c in net.connections)
    matrices = all(not sp.issparse(c.weight) for c in group.spiking_connections)
    if read or not from_panels or not matrices or group.analog_connections or len({*sources}) < len(sources):
        return None
    span = group.span(name)
    params = group.params[:, span].astype(np.float64)
    impulse, at_rest = _response(params, net.steps, decoder)
    shares = {}
    for c in group.spiking_connections:
        late = min(program.delays[c.name], net.steps)
        shares[c.source] = np.concatenate([impulse[late:], np.zeros(late)]).astype(program.dtype)
    return SummedReadout(
        name=name,
        group=k,
        connections=tuple(group.spiking_connections),
        shares=shares,
        constant=float(impulse.sum()),
        rest=at_rest.astype(program.dtype),
    )


def _linear(group: Group) -> bool:
    """Whether a group is one leaky integrator whose units have the same time constants."""
    if group.analog or len(group.populations) > 1 or group.looped or not group.spiking_connections:
        return False
    row = group.pops[0]
    own = group.params[[at.DECAY, at.GAIN, at.ALPHA], : row[at.SIZE]]
    return bool(row[at.KIND] == at.INTEGRATOR and row[at.PLAIN] and (own == own[:, :1]).all())


def _response(params: Floats, steps: int, decoder: Decoder) -> tuple[Floats, Floats]:
    """Score of a unit current in step ``t`` alone ``[steps]``, and score ``[units]`` without any current."""
    decay, gain, alpha = params[at.DECAY, :1], params[at.GAIN, :1], params[at.ALPHA, :1]
    v, rest = np.zeros((1, steps, 1)), np.zeros((1, steps, params.shape[1]))
    u, x, w = np.zeros(1), np.zeros(1), params[at.START]
    for t in range(steps):
        u = step.synapse(u, float(t == 0), alpha)
        x = step.integrate(x, u, decay, gain, 0.0)
        w = step.integrate(w, 0.0, params[at.DECAY], params[at.GAIN], params[at.LEAK])
        v[0, t], rest[0, t] = x, w
    impulse = [
        decoder.scores(np.concatenate([np.zeros((1, t, 1)), v[:, : steps - t]], axis=1))[0, 0]
        for t in range(steps)
    ]
    return np.array(impulse), decoder.scores(rest)[0]
