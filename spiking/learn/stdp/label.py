"""Labels for neurons that learned without any: from spike counts on training data to votes."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.errors import require, unknown
from spiking.learn.stdp.readout import logistic_readout

LABELLINGS = ("all_activity", "proportion", "bayes", "linear", "logistic")
SMOOTHING = 0.5  # spikes added to each neuron and class: Jeffreys' prior of a count


def votes(
    counts: NDArray[Any], y: NDArray[np.integer], *, classes: int, method: str = "proportion"
) -> NDArray[np.float64]:
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
            one-hot labels on the counts; ``"logistic"``: multinomial logistic regression on them (see
            ``readout.py``). The last two are readouts that are trained with labels; the first three
            count.

    Raises:
        SpikingError: unknown method, or a class without a sample.
    """
    if method not in LABELLINGS:
        raise unknown("labelling", method, LABELLINGS)
    table = sp.csr_array(np.asarray(counts, np.float64))  # few of many neurons answer a sample
    members = np.bincount(y, minlength=classes)
    missing = np.flatnonzero(members == 0)
    require(
        missing.size == 0,
        f"no labelled sample of class {', '.join(map(str, missing))} came; neurons are labelled from "
        "training data, so give at least one sample of each class",
    )
    one_hot = np.eye(classes)[y]
    if method == "logistic":
        return logistic_readout(table, one_hot)
    total = table.T @ one_hot  # spikes per class [neurons, classes]
    if method == "linear":
        gram = (table.T @ table).toarray()
        ridge = 1e-2 * np.trace(gram) / len(gram) + 1e-9
        return np.asarray(np.linalg.solve(gram + ridge * np.eye(len(gram)), total))
    if method == "bayes":
        share = total + SMOOTHING
        return np.asarray(np.log(share / share.sum(axis=0)) - np.log(1.0 / len(share)))
    answer = total / members  # mean count per class
    if method == "proportion":
        return np.asarray(answer / np.maximum(answer.sum(axis=1, keepdims=True), 1e-12))
    assigned = np.eye(classes)[answer.argmax(axis=1)] * (answer.sum(axis=1, keepdims=True) > 0)
    return np.asarray(assigned / np.maximum(assigned.sum(axis=0), 1))


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
