"""The four contenders as scikit-learn estimators, each with its network and its energy.

They work in ``Pipeline`` and ``GridSearchCV``. Values outside [0, 1] are mapped to it by the range
of the training data; images in [0, 1] are taken as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Direct, Poisson
from spiking.core.counts import count
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Linear, ReLU
from spiking.hardware import Bill, price
from spiking.learn.convert import convert
from spiking.learn.fit import fit
from spiking.learn.stdp import train_stdp
from spiking.simulate import run

MS = 1e-3
Floats = NDArray[np.float32]


class _NetworkClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What the estimators share: checks, scaling, prediction, energy."""

    def fit(self, X: Any, y: Any) -> _NetworkClassifier:
        """Train on ``X`` ``[samples, features]`` and class labels ``y`` ``[samples]``."""
        data, labels = validate_data(self, X, y)
        check_classification_targets(labels)
        self.classes_, index = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise SpikingError(
                f"y holds one class ({self.classes_[0]!r}); a classifier needs at least two classes"
            )
        self.low_, self.high_ = min(0.0, float(data.min())), max(1.0, float(data.max()))
        self.network_ = self._train(self._scaled(data), index.astype(np.int64))
        return self

    def _train(self, x: Floats, y: NDArray[np.int64]) -> Network:
        raise NotImplementedError

    def _scaled(self, data: Any) -> Floats:
        scaled = np.clip((data - self.low_) / (self.high_ - self.low_), 0.0, 1.0)
        return np.ascontiguousarray(scaled, np.float32)

    def _seed(self) -> int:
        seed = getattr(self, "random_state", 0)
        return int(seed) if isinstance(seed, int | np.integer) else 0

    def decision_scores(self, X: Any) -> NDArray[np.floating]:
        """Return the decoder's scores ``[samples, classes]``."""
        check_is_fitted(self, "network_")
        data = validate_data(self, X, reset=False)
        return run(self.network_, self._scaled(data), seed=self._seed()).scores

    def predict_proba(self, X: Any) -> NDArray[np.floating]:
        """Return scores as probabilities ``[samples, classes]`` (softmax, or shares of the votes)."""
        scores = np.asarray(self.decision_scores(X), np.float64)
        return self.network_.output.decoder.probabilities(scores)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most likely class of each sample."""
        best = np.argmax(self.decision_scores(X), axis=1)
        return np.asarray(self.classes_[best])

    def energy(self, chip: Any, X: Any) -> Bill:
        """Return the bill of a mean inference over ``X`` on ``chip`` (a name, a path or a Chip)."""
        check_is_fitted(self, "network_")
        data = validate_data(self, X, reset=False)
        trace = run(self.network_, self._scaled(data), seed=self._seed())
        return price(count(self.network_, trace).mean(), chip)

    def _mlp(
        self, x: Floats, y: NDArray[np.int64], hidden: tuple[int, ...], epochs: int, rate: float
    ) -> Network:
        net = Network.dense(
            [x.shape[1], *hidden, len(self.classes_)],
            hidden=ReLU(),
            readout=Linear(),
            decoder=Membrane(over="last"),
            seed=self._seed(),
            name="mlp",
        )
        return fit(net, x, y, epochs=epochs, learning_rate=rate, seed=self._seed()).network


class MLPClassifier(_NetworkClassifier):
    """Conventional MLP with ReLU units, trained with Adam.

    Args:
        hidden_layer_sizes: units of each hidden layer; epochs: passes over the data.
    """

    def __init__(
        self,
        hidden_layer_sizes: tuple[int, ...] = (100,),
        *,
        epochs: int = 30,
        learning_rate: float = 3e-3,
        random_state: int | None = 0,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.random_state = random_state

    def _train(self, x: Floats, y: NDArray[np.int64]) -> Network:
        return self._mlp(x, y, tuple(self.hidden_layer_sizes), self.epochs, self.learning_rate)


class SpikingClassifier(_NetworkClassifier):
    """LIF network trained by back-propagation through time with a surrogate gradient.

    Args:
        steps: steps of 1 ms per inference; tau_mem: membrane time constant [s].
        encoder: ``"direct"`` (constant current) or ``"poisson"``; rate_penalty: weight of the
            penalty on spikes, which saves energy.
    """

    def __init__(
        self,
        hidden_layer_sizes: tuple[int, ...] = (100,),
        *,
        steps: int = 10,
        tau_mem: float = 10 * MS,
        encoder: str = "direct",
        epochs: int = 30,
        learning_rate: float = 3e-3,
        rate_penalty: float = 0.0,
        random_state: int | None = 0,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.steps = steps
        self.tau_mem = tau_mem
        self.encoder = encoder
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.rate_penalty = rate_penalty
        self.random_state = random_state

    def _train(self, x: Floats, y: NDArray[np.int64]) -> Network:
        if self.encoder not in ("direct", "poisson"):
            raise SpikingError(f"encoder is {self.encoder!r}; allowed: 'direct' or 'poisson'")
        net = Network.dense(
            [x.shape[1], *self.hidden_layer_sizes, len(self.classes_)],
            hidden=LIF(tau_mem=self.tau_mem),
            readout=LI(tau_mem=2 * self.tau_mem),
            encoder=Direct() if self.encoder == "direct" else Poisson(),
            decoder=Membrane(over="mean"),
            steps=self.steps,
            seed=self._seed(),
            name="snn surrogate",
        )
        return fit(
            net,
            x,
            y,
            epochs=self.epochs,
            learning_rate=self.learning_rate,
            rate_penalty=self.rate_penalty,
            seed=self._seed(),
        ).network


class ConvertedClassifier(_NetworkClassifier):
    """MLP turned into integrate-and-fire units with thresholds balanced on the training data."""

    def __init__(
        self,
        hidden_layer_sizes: tuple[int, ...] = (100,),
        *,
        steps: int = 32,
        percentile: float = 99.9,
        epochs: int = 30,
        learning_rate: float = 3e-3,
        random_state: int | None = 0,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.steps = steps
        self.percentile = percentile
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.random_state = random_state

    def _train(self, x: Floats, y: NDArray[np.int64]) -> Network:
        mlp = self._mlp(x, y, tuple(self.hidden_layer_sizes), self.epochs, self.learning_rate)
        return convert(mlp, x[:1000], steps=self.steps, percentile=self.percentile)


class STDPClassifier(_NetworkClassifier):
    """Unsupervised STDP with lateral inhibition (Diehl & Cook 2015); labels are used after learning."""

    def __init__(
        self,
        neurons: int = 100,
        *,
        epochs: int = 3,
        labelling: str = "proportion",
        random_state: int | None = 0,
    ) -> None:
        self.neurons = neurons
        self.epochs = epochs
        self.labelling = labelling
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        """Say that it learns without labels, and that its spikes are drawn by a sample's place."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        tags.non_deterministic = True
        return tags

    def _train(self, x: Floats, y: NDArray[np.int64]) -> Network:
        return train_stdp(
            x, y, neurons=self.neurons, epochs=self.epochs, labelling=self.labelling, seed=self._seed()
        )
