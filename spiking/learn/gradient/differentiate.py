"""Back-propagation through time with surrogate gradients, event-driven (Neftci et al. 2019).

The same code trains an MLP: its units keep no state, its derivative is exact, and one step is all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.core.network import Network
from spiking.core.parts import Population
from spiking.kernels.dense import single_threaded_blas
from spiking.learn.gradient.adjoint import Adjoint, Surrogate
from spiking.learn.gradient.flow import Flow, pull_back
from spiking.learn.gradient.loss import LossValue, on_scores, output_loss
from spiking.simulate.batch import Batch
from spiking.simulate.program import Group, Program
from spiking.simulate.summed import summed_readout
from spiking.simulate.workspace import Workspace

Floats = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Gradient:
    """Loss, gradient of all parameters (laid out as ``program.parameters``), and scores."""

    loss: float
    parameters: Floats
    scores: Floats
    rates: dict[str, float]  # spikes per unit and inference, by population


class Differentiator:
    """Loss and gradient of a program's parameters, batch by batch, in memory that is used again."""

    def __init__(
        self,
        program: Program,
        *,
        surrogate: Surrogate | None = None,
        loss: str = "cross_entropy",
        rate_penalty: float = 0.0,
        target_rate: float = 0.0,
        rate_norm: int = 2,
        dropout: float = 0.0,
        engine: str = "auto",
    ) -> None:
        self.program, self.loss, self.engine = program, loss, engine
        self.surrogate = surrogate or Surrogate()
        self.rate_penalty, self.target_rate, self.rate_norm = rate_penalty, target_rate, rate_norm
        require(rate_norm in (1, 2), f"rate_norm is {rate_norm!r}; allowed: 1 or 2")
        require(0 <= dropout < 1, f"dropout is {dropout!r}; allowed: 0 (none) to below 1")
        self.dropout = dropout
        check_differentiable(program.network)
        self.workspace = Workspace()
        self.adjoint = Adjoint(program, self.surrogate)
        self.summed = summed_readout(program) if engine == "auto" else None

    def __call__(self, x: Floats, labels: NDArray[Any], *, seed: int = 0, first_sample: int = 0) -> Gradient:
        """Return loss and gradient for ``x`` ``[samples, features]`` (or rasters) and ``labels``, classes
        ``[samples]`` or probabilities ``[samples, classes]``.

        The gradient's array is overwritten by the next call.
        """
        with single_threaded_blas():
            program = self.program
            program.refresh_tau()
            batch = Batch(program, x, seed, first_sample, self.engine, self.workspace, self.summed)
            for group in program.groups:
                batch.step_group(group, keep_v=True, training=True)
                self._drop_out(batch, group, seed, first_sample)
            value = self._loss(batch, labels)
            out = self.workspace.empty("gradient", program.parameters.shape, program.dtype)
            self.last = batch
            flow = Flow(program, batch)
            self._start(flow, value, out)
            penalty, rates = self._penalise(batch, flow)
            self.adjoint(batch, flow, out)
        return Gradient(value.loss + penalty, out, value.scores, rates)

    def membranes(self) -> list[tuple[str, Floats]]:
        """Membranes ``[samples, steps, units]`` of the last batch, by population, source first."""
        found = []
        for group, kept in zip(self.program.groups, self.last.kept, strict=True):
            for p in group.populations:
                v = (
                    self.last.values.get(p.name)
                    if group.analog
                    else kept.membranes()[:, :, group.span(p.name)]
                )
                found.append((p.name, np.asarray(v)))
        return found

    def _drop_out(self, batch: Batch, group: Group, seed: int, first_sample: int) -> None:
        """Hide random units of a hidden population from its readers, a new choice for each sample.

        Srivastava et al. 2014 (JMLR 15:1929); ``without_dropout`` scales the weights afterwards.
        """
        if self.dropout == 0:
            return
        for p in dropped_populations(self.program):
            if p.name in (q.name for q in group.populations):
                _, k = self.program.member(p.name)
                rng = np.random.default_rng((seed, first_sample, k))
                batch.hide(p.name, rng.random((batch.samples, p.size)) >= self.dropout)

    def _loss(self, batch: Batch, labels: NDArray[np.integer]) -> LossValue:
        net = self.program.network
        name = net.output.population
        group, k = self.program.member(name)
        if batch.scores is not None:
            loss, grad = on_scores(self.loss, batch.scores, labels)
            none = np.zeros((0, 0, 0), grad.dtype)
            return LossValue(loss, batch.scores, grad[:, None, :], none)
        if name in batch.values:
            v, s = batch.values[name], np.zeros((0, 0, 0), np.int8)
        else:
            span = group.span(name)
            v, s = batch.kept[k].membranes()[:, :, span], batch.kept[k].spikes()[:, :, span]
        return output_loss(net, self.loss, labels, v, s)

    def _start(self, flow: Flow, value: LossValue, out: Floats) -> None:
        """Put the gradient of the loss where the decoder reads: on membranes or on spikes."""
        if self.summed is not None:
            pull_back(self.summed, flow, value.grad_v[:, 0], out)
            return
        name = self.program.network.output.population
        group, k = self.program.member(name)
        if value.grad_v.size:
            require(
                group.analog or name in flow.batch.values,
                f"the Membrane decoder needs a readout without threshold, {name!r} spikes; "
                "use LI units or the SpikeCount decoder",
            )
            flow.buffer("s" if group.analog else "v", k)[:, :, group.span(name)] += value.grad_v
        else:
            flow.buffer("s", k)[:, :, group.span(name)] += value.grad_s

    def _penalise(self, batch: Batch, flow: Flow) -> tuple[float, dict[str, float]]:
        """Add the rate penalty ``mean over units of (rate - target)_+^norm`` of hidden spiking units.

        ``rate``: spikes per step of a unit, averaged over the batch.
        """
        total, rates = 0.0, {}
        for p in self.program.network.populations:
            if not p.unit.spiking:
                continue
            rates[p.name] = batch.density(p.name) * batch.steps
            if self.rate_penalty <= 0 or p.name == self.program.network.output.population:
                continue
            over = np.maximum(batch.counts(p.name).mean(axis=0) / batch.steps - self.target_rate, 0.0)
            total += self.rate_penalty * float(np.mean(over**self.rate_norm))
            slope = self.rate_norm * over ** (self.rate_norm - 1) * (over > 0)
            slope *= self.rate_penalty / (p.size * batch.samples * batch.steps)
            flow.penalties[p.name] = slope.astype(self.program.dtype)
        return total, rates


def check_differentiable(network: Network) -> None:
    """Raise :class:`SpikingError` where a network holds units without a gradient."""
    for p in network.populations:
        why = p.unit.no_gradient
        require(why is None, f"{p.name!r} {why}")
        require(p.winners is None, f"{p.name!r} has winner-take-all inhibition, which has no gradient")


def dropped_populations(program: Program) -> list[Population]:
    """Populations that dropout acts on: all but the output and members of loops."""
    output = program.network.output.population
    return [p for group in program.groups if not group.looped for p in group.populations if p.name != output]


def without_dropout(program: Program, network: Network, dropout: float) -> Network:
    """Scale the weights out of dropped populations to what their readers saw on average."""
    names = {p.name for p in dropped_populations(program)}
    weights = [
        c.weight * np.asarray(1.0 - dropout, c.weight.dtype) if c.source in names else c.weight
        for c in network.connections
    ]
    return network.with_parameters(weights, [p.bias for p in network.populations])
