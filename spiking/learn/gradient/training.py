"""The loop of a training by gradient: epochs of batches, validation, checkpoints."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np

from spiking.core.check import LARGEST_SEED
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.progress import Watch
from spiking.kernels.stopwatch import working_seconds
from spiking.learn.checkpoint import Identity, check_place
from spiking.learn.gradient.config import FitConfig
from spiking.learn.gradient.differentiate import Differentiator, without_dropout
from spiking.learn.gradient.lift import to_network
from spiking.learn.gradient.optimise import OptimiserState
from spiking.learn.gradient.state import Plan, TrainingState
from spiking.learn.interrupt import Interruption
from spiking.learn.samples import Samples, check_batch
from spiking.simulate import run
from spiking.simulate.program import Program
from spiking.simulate.run import PRECISIONS

DEVIATIONS = 3  # what parameters deviate by is drawn apart from the order of samples and from dropout
VALIDATION_SEED = 7_919  # spikes of validation samples are drawn apart from those of training


class Training:
    """A network on its way through ``config.epochs`` epochs over ``samples``.

    ``held`` are the validation samples; with them :meth:`finish` returns the network of the best epoch.
    """

    def __init__(self, network: Network, samples: Samples, held: Samples | None, config: FitConfig) -> None:
        self.network, self.samples, self.held, self.config = network, samples, held, config
        self.program = Program(network, PRECISIONS[config.precision], config.learn_tau)
        self.gradient = Differentiator(
            self.program,
            surrogate=config.form,
            loss=config.loss,
            rate_penalty=config.rate_penalty,
            target_rate=config.target_rate,
            rate_norm=config.rate_norm,
            dropout=config.dropout,
            engine=config.engine,
        )
        self.adversary = Differentiator(
            self.program, surrogate=config.form, loss="cross_entropy", engine=config.engine
        )
        self.plan = Plan(epochs=config.epochs, samples=len(samples), batch_size=config.batch_size)
        total = config.epochs * self.plan.batches
        optimise = OptimiserState.start(config.rule, self.program.parameters, total)
        self.state = TrainingState(self.program, optimise, self.plan)
        self.path: Path | None = None
        self.identity: Identity | None = None

    def keep(self, path: Path, resume: bool) -> None:
        """Write checkpoints to ``path``; with ``resume`` go on from the one that is there.

        Raises:
            SpikingError: a path that cannot be written, or a checkpoint of another training.
        """
        check_place(path)
        data = {"samples": self.samples.x, "labels": self.samples.y}
        if self.held is not None:
            data |= {"validation samples": self.held.x, "validation labels": self.held.y}
        self.path = path
        self.identity = Identity.of("gradient", self.network, data, self.config.settings())
        if resume:
            self.state.load(path, self.identity)

    def run(self, tell: Watch) -> None:
        """Train to the end, or until the patience does.

        Raises:
            SpikingError: a loss that is not finite; the last checkpoint stays.
            KeyboardInterrupt: after a signal, once the checkpoint is written.
        """
        state, config = self.state, self.config
        with Interruption(self.path is not None) as interruption:
            while state.epoch < config.epochs and not state.patience_ends(config.patience):
                start = working_seconds() - state.seconds
                order = np.random.default_rng((config.seed, state.epoch)).permutation(len(self.samples))
                while state.batch < self.plan.batches:
                    size = config.batch_size
                    self._update(np.sort(order[state.batch * size : (state.batch + 1) * size]))
                    tell(state.report())
                    if interruption.asked:
                        state.seconds = working_seconds() - start
                        self._save()
                        interruption.stop()
                state.end_epoch(self._validate(), working_seconds() - start)
                self._save()

    def finish(self) -> Network:
        """Return the trained network, of the best epoch where there are validation samples."""
        if self.held is not None:
            self.program.parameters[:] = self.state.best
        return self._trained()

    def _update(self, pick: np.ndarray) -> None:
        """Learn the samples ``pick`` of the present batch."""
        state, config = self.state, self.config
        labels = self.samples.y[pick]
        images = check_batch(self.network, self.samples.x[pick])
        first = state.epoch * len(self.samples) + state.batch * config.batch_size
        rng = np.random.default_rng((config.seed, state.epoch, state.batch, DEVIATIONS))
        with self._rounded(), self._deviating(rng):
            result = self.gradient(images, labels, seed=config.seed, first_sample=first)
            if config.robust is not None and config.robust.beta > 0:
                result.parameters[:] += config.robust.adversarial(
                    self.adversary, images, result.scores, rng, seed=config.seed, first_sample=first
                )
        if not np.isfinite(result.loss):
            raise SpikingError(not_finite(self.program, self.gradient, result.loss, state))
        state.optimise.apply(self.program.parameters, result.parameters)
        hits = int((result.scores.argmax(axis=1) == labels).sum())
        state.count(result.loss * len(pick), hits, len(pick))

    def _validate(self) -> float:
        """Accuracy on the validation samples; NaN without any."""
        if self.held is None:
            return float("nan")
        config = self.config
        seed = (config.seed + VALIDATION_SEED) % (LARGEST_SEED + 1)
        trace = run(
            self._trained(), self.held.x, seed=seed, engine=config.engine, precision=config.precision,
            count=False,
        )  # fmt: skip
        return trace.accuracy(self.held.y)

    def _rounded(self) -> AbstractContextManager[None]:
        quantise = self.config.quantise
        return nullcontext() if quantise is None else quantise.applied(self.program)

    def _deviating(self, rng: np.random.Generator) -> AbstractContextManager[None]:
        robust = self.config.robust
        return nullcontext() if robust is None else robust.applied(self.program, rng)

    def _trained(self) -> Network:
        config = self.config
        with self._rounded():
            made = to_network(self.program)
        made = without_dropout(self.program, made, config.dropout) if config.dropout else made
        return made if config.quantise is None else config.quantise.finish(made)

    def _save(self) -> None:
        if self.path is not None and self.identity is not None:
            self.state.save(self.path, self.identity)


def not_finite(program: Program, gradient: Differentiator, loss: float, state: TrainingState) -> str:
    """Say where a loss stopped being finite: epoch, batch, part, and step of the network."""
    where = "the scores of the readout overflow"
    for key in program.place:
        if not np.isfinite(program.part(program.parameters, key)).all():
            where = f"the parameters of {key} are not finite"
            break
    else:
        for name, v in gradient.membranes():
            bad = np.flatnonzero(~np.isfinite(v).all(axis=(0, 2)))
            if bad.size:
                where = f"the membranes of {name!r} overflow at step {bad[0]}"
                break
    return (
        f"the loss became {loss} in epoch {state.epoch + 1}, batch {state.batch + 1}: {where}; "
        "try a smaller learning rate, or clip the gradient (Optimiser(clip=1.0))"
    )
