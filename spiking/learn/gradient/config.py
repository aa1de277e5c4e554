"""Every setting of a training by gradient, checked where it is made."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from spiking.core import check
from spiking.core.errors import require
from spiking.learn.gradient.adjoint import Surrogate
from spiking.learn.gradient.hardware_aware.robust import Robust
from spiking.learn.gradient.hardware_aware.straight_through import StraightThrough
from spiking.learn.gradient.loss import LOSSES
from spiking.learn.gradient.optimise import Optimiser
from spiking.simulate.run import ENGINES, PRECISIONS

LEARNING_RATE = 1e-3


@dataclass(frozen=True, kw_only=True)
class FitConfig:
    """How :func:`spiking.learn.fit.fit` trains. Same configuration, data and network: same bits.

    Attributes:
        epochs: passes over the training samples; batch_size: samples per update.
        learning_rate: of Adam, 1e-3 by default; or give a whole ``optimiser`` instead.
        seed: of the order of samples, of dropout and of the spikes of random encoders.
        patience: stop after this many epochs without a better validation accuracy; None trains all.
        loss: ``"cross_entropy"`` or ``"mean_squared"``, of the decoder's scores.
        surrogate, slope: name and sharpness of the surrogate derivative, or a :class:`Surrogate`.
        rate_penalty, target_rate, rate_norm: weight of the penalty on ``(spikes per unit and step -
            target)_+ ** norm`` of hidden units.
        dropout: fraction of hidden units hidden from their readers in each sample, 0 to below 1.
        learn_tau: train membrane time constants too, one per unit (Fang et al. 2021, ICCV).
        quantise: round weights (and an MLP's values) while training.
        robust: let parameters deviate while training, at random or against the network.
        engine: how sums of inputs are computed (:func:`spiking.simulate.run`).
        precision: ``"float32"`` or ``"float64"``, of parameters, states and gradients.

    Raises:
        SpikingError: a value out of its range, or an option that would have no effect.
    """

    epochs: int
    batch_size: int = 128
    learning_rate: float | None = None
    optimiser: Optimiser | None = None
    seed: int = 0
    patience: int | None = None
    loss: str = "cross_entropy"
    surrogate: str | Surrogate = "fast_sigmoid"
    slope: float | None = None
    rate_penalty: float = 0.0
    target_rate: float = 0.0
    rate_norm: int = 2
    dropout: float = 0.0
    learn_tau: bool = False
    quantise: StraightThrough | None = None
    robust: Robust | None = None
    engine: str = "auto"
    precision: str = "float32"

    def __post_init__(self) -> None:
        check.whole("epochs", self.epochs, 1)
        check.whole("batch_size", self.batch_size, 1)
        check.seed(self.seed)
        if self.patience is not None:
            check.whole("patience", self.patience, 1)
        check.choice("loss", self.loss, LOSSES)
        check.number("rate_penalty", self.rate_penalty, 0)
        check.number("target_rate", self.target_rate, 0, 1, unit="spikes per unit and step")
        check.whole("rate_norm", self.rate_norm, 1, 2)
        check.number("dropout", self.dropout, 0, 1, open_high=True)
        check.flag("learn_tau", self.learn_tau)
        check.choice("engine", self.engine, ENGINES)
        check.choice("precision", self.precision, PRECISIONS)
        self._check_parts()
        require(
            self.target_rate == 0 or self.rate_penalty > 0,
            f"target_rate is {self.target_rate!r} without a rate_penalty, which alone reads it; give both",
        )

    def _check_parts(self) -> None:
        """Check the optimiser, the surrogate and the rounding, each given one way only."""
        for name, kind in (("optimiser", Optimiser), ("quantise", StraightThrough), ("robust", Robust)):
            value = getattr(self, name)
            check.instance(name, value, kind, none=True)
        require(
            self.learning_rate is None or self.optimiser is None,
            "learning_rate and optimiser came together; give the rate to the Optimiser",
        )
        require(
            self.slope is None or not isinstance(self.surrogate, Surrogate),
            "slope and a Surrogate came together; give the slope to the Surrogate",
        )
        _ = self.rule, self.form  # made once here, so that what they refuse is refused here

    @property
    def rule(self) -> Optimiser:
        """The optimiser."""
        if self.optimiser is not None:
            return self.optimiser
        rate = LEARNING_RATE if self.learning_rate is None else self.learning_rate
        return Optimiser(learning_rate=rate)

    @property
    def form(self) -> Surrogate:
        """The surrogate derivative."""
        if isinstance(self.surrogate, Surrogate):
            return self.surrogate
        return Surrogate(name=self.surrogate, slope=self.slope)

    def settings(self) -> dict[str, Any]:
        """Return all that changes the result as plain data, in one form however it was given."""
        plain = dataclasses.asdict(self)
        for name in ("learning_rate", "slope"):
            del plain[name]
        return plain | {
            "optimiser": dataclasses.asdict(self.rule),
            "surrogate": dataclasses.asdict(self.form),
        }
