"""Training for chips that deviate: noise on the parameters in the forward pass, and adversarial parameters.

Noise: every batch sees other parameters, ``theta (1 + noise z)``; the gradient found there moves the exact
ones (Murray & Edwards 1994, IEEE Trans. Neural Networks 5:792; Joshi et al. 2020, Nature Communications
11:2473).

Adversary (Buechel, Faber & Muir 2022, ICLR, arXiv:2106.05009): beside the loss stands ``beta`` times the
divergence ``KL(f(theta) || f(theta*))`` between the answers and those of the worst parameters nearby,
``theta* = theta (1 + r)``. Gradient ascent finds them: ``ascents`` steps of ``attack / ascents`` in the sign
of the gradient, from a small random start. The gradient passes through ``theta*`` as a function of
``theta``; the answers it is compared with are held.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import require
from spiking.core.network import Network
from spiking.kernels import layout as at
from spiking.learn.gradient.differentiate import Differentiator
from spiking.learn.gradient.loss import softmax
from spiking.simulate.program import Program

Floats = NDArray[np.floating]
RELATIVE = ("value", "range")
START = 1e-3  # relative spread of the random start of an ascent
LEAST = 1e-3  # of the distance from rest to threshold that noise leaves


@dataclass(frozen=True, kw_only=True)
class Robust:
    """What parameters deviate by while training.

    Attributes:
        noise: standard deviation of weights and biases, drawn anew for each batch.
        relative_to: ``"value"``: a fraction of the parameter itself; ``"range"``: of the largest one of its
            connection or population.
        threshold_noise: standard deviation of thresholds, a fraction of their distance from rest.
        beta: weight of the divergence from the answers under adversarial parameters; 0: no adversary.
        attack: how far the adversary goes, as a fraction of each parameter.
        ascents: its gradient steps; each costs about one pass over the batch.

    Raises:
        SpikingError: a value out of range, or nothing that deviates.
    """

    noise: float = 0.0
    relative_to: str = "value"
    threshold_noise: float = 0.0
    beta: float = 0.0
    attack: float = 0.1
    ascents: int = 3

    def __post_init__(self) -> None:
        for name in ("noise", "threshold_noise"):
            check.number(
                name, getattr(self, name), 0, 2, todo="a standard deviation, as a fraction: 0.1 is 10 %"
            )
        check.choice("relative_to", self.relative_to, RELATIVE)
        check.number("beta", self.beta, 0)
        check.number("attack", self.attack, 0, 1, open_low=True)
        check.whole("ascents", self.ascents, 1)
        require(
            self.noise > 0 or self.threshold_noise > 0 or self.beta > 0,
            "noise, threshold_noise and beta are all 0, so that nothing deviates; give one of them",
        )

    def check_network(self, network: Network) -> None:
        """Refuse thresholds that deviate where there are none.

        Raises:
            SpikingError: a network without spiking units.
        """
        require(
            self.threshold_noise == 0 or network.spiking,
            f"threshold_noise is {self.threshold_noise}, and no unit of {network.name!r} has a threshold; "
            "leave it out",
        )

    @contextmanager
    def applied(self, program: Program, rng: np.random.Generator) -> Iterator[None]:
        """Hold parameters that deviate in ``program`` inside the block, and its own ones again afterwards."""
        exact = program.parameters.copy()
        tables = [group.params.copy() for group in program.groups]
        try:
            if self.noise > 0:
                self._shake(program, rng)
            if self.threshold_noise > 0:
                self._shift_thresholds(program, rng)
            yield
        finally:
            program.parameters[:] = exact
            for group, table in zip(program.groups, tables, strict=True):
                group.params[:] = table

    def _shake(self, program: Program, rng: np.random.Generator) -> None:
        for key in program.place:
            if key.startswith("tau:"):
                continue
            part = program.part(program.parameters, key)
            unit = np.abs(part) if self.relative_to == "value" else np.max(np.abs(part), initial=0.0)
            part += part.dtype.type(self.noise) * unit * rng.standard_normal(part.shape, np.float32)

    def _shift_thresholds(self, program: Program, rng: np.random.Generator) -> None:
        for group in program.groups:
            for p in group.populations:
                if not p.unit.spiking:
                    continue
                span = group.span(p.name)
                table = group.params[:, span]
                nominal = table[at.THRESHOLD] - table[at.LEAK]
                factor = 1.0 + self.threshold_noise * rng.standard_normal(p.size, np.float32)
                moved = (np.maximum(factor, LEAST) - 1.0) * nominal
                table[at.THRESHOLD] += moved
                table[at.DROP] += moved

    def adversarial(
        self,
        differentiator: Differentiator,
        x: Floats,
        scores: Floats,
        rng: np.random.Generator,
        *,
        seed: int,
        first_sample: int,
    ) -> Floats:
        """Gradient of ``beta KL`` to the answers ``scores`` ``[samples, classes]``, for all parameters.

        The program of ``differentiator`` holds its own parameters again afterwards.
        """
        program = differentiator.program
        exact = program.parameters.copy()
        answers = softmax(scores)
        away = exact.dtype.type(START) * rng.standard_normal(exact.size, np.float32)
        step = exact.dtype.type(self.attack / self.ascents)
        frozen = np.ones(exact.shape, exact.dtype)
        for key in program.place:
            if key.startswith("tau:"):
                program.part(frozen, key)[:] = 0
        try:
            for _ in range(self.ascents):
                program.parameters[:] = exact * (1 + away * frozen)
                up = differentiator(x, answers, seed=seed, first_sample=first_sample).parameters
                away = away + step * np.sign(up) * np.sign(exact)
            program.parameters[:] = exact * (1 + away * frozen)
            found = differentiator(x, answers, seed=seed, first_sample=first_sample).parameters
        finally:
            program.parameters[:] = exact
        return np.asarray(found * (1 + away * frozen) * exact.dtype.type(self.beta))
