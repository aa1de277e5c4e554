"""Labels for neurons that learned without any: from spike counts on training data to votes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import require
from spiking.core.typed import typed
from spiking.learn.stdp.samples import MOST_CLASSES, check_labels

Votes = NDArray[np.float64]
SMOOTHING = 0.5  # spikes added to each neuron and class: Jeffreys' prior of a count
PENALTY = 1e-3  # of logistic regression, on half the squared weights, beside the mean loss of a sample
RIDGE = 1e-2  # of ridge regression, relative to the mean squared activity of a neuron


@typed
def votes(counts: NDArray[Any], y: NDArray[np.integer], *, classes: int, method: str = "proportion") -> Votes:
    """Return each neuron's weight for each class ``[neurons, classes]``.

    Args:
        counts: spikes of each neuron for each labelled training sample, ``[samples, neurons]``.
        y: class of each sample ``[samples]``.
        method: ``"all_activity"``: a neuron belongs to the class it answers most, and a class scores
            the mean count of its neurons (Diehl & Cook 2015); ``"proportion"``: a neuron votes for
            each class in proportion to its mean counts (BindsNET's proportion weighting, Hazan et
            al. 2018); ``"bayes"``: a spike votes with the logarithm of how probable each class makes
            it to come from this neuron, so that a class scores the log-likelihood of all spikes as
            independent draws (multinomial naive Bayes, e.g. Manning, Raghavan & Schuetze 2008,
            Introduction to Information Retrieval, ch. 13); ``"linear"``: ridge regression of the
            one-hot labels on the counts; ``"logistic"``: multinomial logistic regression on them. The
            last two are readouts that are trained with labels; the first three count. None has an
            intercept: a silent network has no answer.

    Raises:
        SpikingError: unknown method, a class without a sample, or a single class.
    """
    check.choice("labelling", method, LABELLINGS)
    check.whole("classes", classes, 2, MOST_CLASSES, todo="neurons are told apart by two or more")
    shape = np.shape(counts)
    require(
        len(shape) == 2 and shape[1] > 0 and bool(np.all(np.isfinite(counts))),
        f"counts of shape {shape} came; finite numbers [samples, neurons] are needed",
    )
    y = check_labels(y, shape[0])
    require(int(y.max(initial=0)) < classes, f"a label is {y.max()}; allowed: 0 to {classes - 1}")
    table = sp.csr_matrix(np.asarray(counts, np.float64))  # few of many neurons answer a sample
    missing = np.flatnonzero(np.bincount(y, minlength=classes) == 0)
    require(
        missing.size == 0,
        f"no labelled sample of class {', '.join(map(str, missing))} came; neurons are labelled from "
        "training data, so give at least one sample of each class",
    )
    return np.asarray(READOUTS[method](table, y, classes), np.float64)


def _mean_counts(table: Any, y: NDArray[np.int64], classes: int) -> Votes:
    """Mean count of each neuron for each class ``[neurons, classes]``."""
    return np.asarray((table.T @ np.eye(classes)[y]) / np.bincount(y, minlength=classes))


def _all_activity(table: Any, y: NDArray[np.int64], classes: int) -> Votes:
    answer = _mean_counts(table, y, classes)
    assigned = np.eye(classes)[answer.argmax(axis=1)] * (answer.sum(axis=1, keepdims=True) > 0)
    return np.asarray(assigned / np.maximum(assigned.sum(axis=0), 1))


def _proportion(table: Any, y: NDArray[np.int64], classes: int) -> Votes:
    answer = _mean_counts(table, y, classes)
    return np.asarray(answer / np.maximum(answer.sum(axis=1, keepdims=True), 1e-12))


def _bayes(table: Any, y: NDArray[np.int64], classes: int) -> Votes:
    from sklearn.naive_bayes import MultinomialNB

    found = MultinomialNB(alpha=SMOOTHING, fit_prior=False).fit(table, y)
    return np.asarray(found.feature_log_prob_.T + np.log(table.shape[1]))  # 0 for a neuron of no class


def _linear(table: Any, y: NDArray[np.int64], classes: int) -> Votes:
    from sklearn.linear_model import Ridge

    strength = RIDGE * float(table.power(2).sum()) / table.shape[1] + 1e-9
    solver = "cholesky"  # the closed form on the counts' products, neurons by neurons
    found = Ridge(alpha=strength, fit_intercept=False, solver=solver).fit(table, np.eye(classes)[y])
    return np.asarray(found.coef_.T)


def _logistic(table: Any, y: NDArray[np.int64], classes: int) -> Votes:
    from sklearn.linear_model import LogisticRegression

    # scikit-learn's C weighs the sum of the losses. Of two classes it fits one weight, the difference of
    # ours: the penalty on two halves is half as large as on the whole.
    share = PENALTY * (0.5 if classes == 2 else 1.0)
    found = LogisticRegression(C=1.0 / (share * len(y)), fit_intercept=False, max_iter=1000, tol=1e-5)
    weight = found.fit(table, y).coef_.T
    return np.asarray(np.hstack([-weight / 2, weight / 2]) if classes == 2 else weight)


READOUTS: Mapping[str, Callable[[Any, NDArray[np.int64], int], Votes]] = MappingProxyType(
    {
        "all_activity": _all_activity,
        "proportion": _proportion,
        "bayes": _bayes,
        "linear": _linear,
        "logistic": _logistic,
    }
)
LABELLINGS = tuple(READOUTS)


class RunningAccuracy:
    """Accuracy on each new chunk of samples, with votes from the samples before it."""

    def __init__(self, neurons: int, y: NDArray[np.integer] | None, window: int = 10_000) -> None:
        self.y = None if y is None else np.asarray(y, np.int64)
        self.classes = 0 if self.y is None else int(self.y.max()) + 1
        self.window = window
        self.sums = np.zeros((neurons, self.classes))  # fading sum of counts per class
        self.members = np.zeros(self.classes)
        self.accuracy = np.full(1, np.nan)

    def add(self, part: NDArray[np.integer], counts: NDArray[np.integer]) -> None:
        """Judge the chunk of samples ``part`` by its spike ``counts``, then learn from it."""
        if self.y is None:
            return
        truth = self.y[part]
        answer = self.sums / np.maximum(self.members, 1e-9)
        share = answer / np.maximum(answer.sum(axis=1, keepdims=True), 1e-12)
        hit = float(np.mean((counts @ share).argmax(axis=1) == truth))
        if self.members.all():
            fresh = bool(np.isnan(self.accuracy[0]))
            self.accuracy[0] = hit if fresh else 0.9 * self.accuracy[0] + 0.1 * hit
        one_hot = np.eye(self.classes)[truth]
        keep = 1.0 - min(1.0, len(part) / self.window)
        self.sums = keep * self.sums + counts.T @ one_hot
        self.members = keep * self.members + one_hot.sum(axis=0)

    @property
    def present(self) -> float | None:
        """The running accuracy, once every class was seen."""
        return None if np.isnan(self.accuracy[0]) else float(self.accuracy[0])
