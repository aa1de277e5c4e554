"""One network on its way through tasks: plain gradients, elastic weights, or replay of kept samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking import Dataset, Network, run
from spiking.learn.gradient import Differentiator, Optimiser, Surrogate
from spiking.learn.gradient.lift import to_network
from spiking.learn.gradient.optimise import OptimiserState
from spiking.simulate.program import Program

TASKS = tuple((2 * k, 2 * k + 1) for k in range(5))  # split MNIST: two digits after two
BATCH, KEPT = 128, 100  # samples of a batch; samples of each digit kept for replay
STRENGTH = 1e4  # of the pull of EWC
NEVER = -1e3  # bias of an output that is not among those asked for: its share of the softmax is 0


@dataclass
class Course:
    """A network on its way through the tasks.

    Attributes:
        way: ``"none"``, ``"EWC"`` or ``"replay"``; hint: ``"task"`` where only the two outputs of the task
            learn and answer, ``"class"`` where all ten do.
        updates: of each task; fisher: samples of the Fisher information.
        weight, anchor: of EWC, summed over the tasks before: Fisher information, and that times the
            parameters it was measured at.
    """

    network: Network
    data: Dataset
    way: str
    hint: str
    updates: int
    fisher: int
    seed: int
    memory: list[int] = field(default_factory=list)
    weight: Any = 0.0
    anchor: Any = 0.0

    def learn(self, number: int) -> None:
        """Learn task ``number``, from 0."""
        y = self.data.y_train
        rng = np.random.default_rng((self.seed, number))
        new = np.flatnonzero(np.isin(y, TASKS[number]))
        program = Program(self.network)
        slope = Surrogate(slope=10.0) if self.network.spiking else None
        gradient = Differentiator(program, surrogate=slope)
        rule = OptimiserState.start(Optimiser(), program.parameters, self.updates)
        for step in range(self.updates):
            got = self.slope(gradient, self.batch(new, number, rng), step)
            if self.way == "EWC":
                got += (STRENGTH * (self.weight * program.parameters - self.anchor)).astype(got.dtype)
            rule.apply(program.parameters, got)
        if self.way == "EWC":
            with self.asking(program, TASKS[number]):
                self.hold(program, gradient, rng.choice(new, self.fisher), rng)
        self.network = to_network(program)
        for digit in TASKS[number]:
            self.memory += rng.choice(np.flatnonzero(y == digit), KEPT, replace=False).tolist()

    def slope(self, gradient: Differentiator, pick: NDArray[np.int64], step: int) -> NDArray[Any]:
        """Gradient of the mean loss of the samples ``pick``, of each task with its own outputs."""
        x, y = self.data.x_train, self.data.y_train
        total = np.zeros_like(gradient.program.parameters)
        for digits in TASKS if self.hint == "task" else (range(10),):
            mine = pick[np.isin(y[pick], digits)]
            if mine.size:
                with self.asking(gradient.program, digits):
                    got = gradient(x[mine], y[mine], seed=self.seed, first_sample=step * BATCH)
                total += got.parameters * (mine.size / pick.size)
        return total

    @contextmanager
    def asking(self, program: Program, digits: Sequence[int]) -> Iterator[None]:
        """With the task as hint, only the outputs of ``digits`` can answer, and so learn, in here."""
        bias = program.part(program.parameters, f"bias:{self.network.output.population}")
        before = bias.copy()
        if self.hint == "task":
            bias[~np.isin(np.arange(bias.size), digits)] = NEVER
        yield
        bias[:] = before

    def batch(self, new: NDArray[np.int64], number: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Numbers of the samples of a batch; with replay each task has the same share of it."""
        old = BATCH * number // (number + 1) if self.way == "replay" else 0
        return np.concatenate([rng.choice(new, BATCH - old), rng.choice(self.memory or [0], old)])

    def hold(
        self, program: Program, gradient: Differentiator, pick: NDArray[np.int64], rng: np.random.Generator
    ) -> None:
        """Add the Fisher information of what was just learned: mean squared slope of the log-likelihood.

        Labels are drawn from what the network answers, one sample after another.
        """
        x = self.data.x_train[pick]
        scores = run(to_network(program), x).scores.astype(np.float64)
        share = np.exp(scores - scores.max(axis=1, keepdims=True))
        labels = [rng.choice(share.shape[1], p=p / p.sum()) for p in share]
        fisher = np.mean(
            [
                gradient(one[None], np.array([k])).parameters.astype(np.float64) ** 2
                for one, k in zip(x, labels, strict=True)
            ],
            axis=0,
        )
        self.weight = self.weight + fisher
        self.anchor = self.anchor + fisher * program.parameters  # no share of outputs not asked: no slope

    def accuracy(self, tests: int) -> float:
        """Percent of the first ``tests`` test samples that are answered right."""
        x, y = self.data.x_test[:tests], self.data.y_test[:tests]
        return right(run(self.network, x).scores, y, self.hint)


def right(scores: NDArray[Any], y: NDArray[Any], hint: str) -> float:
    """Percent answered right: the highest of all scores or, with the task as hint, of the task's two."""
    if hint == "task":
        mine = np.arange(scores.shape[1])[None, :] // 2 == np.asarray(y)[:, None] // 2
        scores = np.where(mine, scores, -np.inf)
    return 100 * float(np.mean(scores.argmax(axis=1) == y))
