"""Losses on the output population: value per batch, and gradient for its membranes or spikes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.coding.decode import FirstSpike, Membrane, SpikeCount
from spiking.core.errors import SpikingError, unknown
from spiking.core.network import Network

Floats = NDArray[np.floating]
LOSSES = ("cross_entropy", "mean_squared")


@dataclass(frozen=True, eq=False)
class LossValue:
    """Loss of a batch and its gradients, ``[samples, steps, classes]`` or empty where unused.

    A gradient that is the same in all steps has one step.
    """

    loss: float
    scores: Floats
    grad_v: Floats
    grad_s: Floats


def softmax(scores: Floats) -> Floats:
    """Softmax over the last axis, shifted by the maximum."""
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def on_scores(name: str, scores: Floats, labels: NDArray[Any]) -> tuple[float, Floats]:
    """Mean loss over samples and its gradient ``[samples, classes]`` with respect to the scores.

    ``"cross_entropy"``: softmax cross-entropy; ``"mean_squared"``: to 1 for the class, 0 elsewhere.
    ``labels``: the class of each sample ``[samples]``, or a probability of each class ``[samples, classes]``.
    """
    n = len(labels)
    hot = np.zeros_like(scores)
    if labels.ndim == 2:
        hot[:] = labels
    else:
        hot[np.arange(n), labels] = 1
    if name == "cross_entropy":
        p = softmax(scores)
        log = np.log(np.maximum(p, np.finfo(scores.dtype).tiny))
        value = -float(np.mean((hot * log).sum(axis=1)))
        return value, (p - hot) / scores.dtype.type(n)
    if name == "mean_squared":
        gap = scores - hot
        return float(np.mean(gap**2)), gap * scores.dtype.type(2.0 / gap.size)
    raise unknown("loss", name, LOSSES)


def output_loss(
    network: Network, name: str, labels: NDArray[np.integer], v: Floats, spikes: NDArray[np.integer]
) -> LossValue:
    """Loss of the decoder's scores; gradients go to membranes ``v`` or to ``spikes``.

    ``v, spikes``: ``[samples, steps, classes]`` of the output population (``spikes`` may be empty).
    For :class:`FirstSpike` the gradient reaches the first spike alone: an earlier spike lowers the
    time (the sign estimator of snnTorch's temporal losses).
    """
    return decoded_loss(network.output.decoder, name, labels, v, spikes)


@singledispatch
def decoded_loss(
    decoder: Any, name: str, labels: NDArray[np.integer], v: Floats, spikes: NDArray[np.integer]
) -> LossValue:
    """:func:`output_loss` of a kind of decoder; one of your own registers here.

    Raises:
        SpikingError: a decoder without a gradient.
    """
    raise SpikingError(
        f"no gradient for the decoder {type(decoder).__name__}; use Membrane, SpikeCount or FirstSpike"
    )


def _none(v: Floats) -> Floats:
    return np.zeros((0, 0, 0), v.dtype)


@decoded_loss.register
def _(
    decoder: Membrane, name: str, labels: NDArray[np.integer], v: Floats, spikes: NDArray[np.integer]
) -> LossValue:
    scores = decoder.scores(v)
    value, g = on_scores(name, scores, labels)
    if decoder.over in ("sum", "mean"):
        grad = g[:, None, :] / v.dtype.type(1 if decoder.over == "sum" else v.shape[1])
        return LossValue(value, scores, grad, _none(v))
    grad = np.zeros_like(v)
    if decoder.over == "last":
        grad[:, -1] = g
    else:
        np.put_along_axis(grad, v.argmax(axis=1)[:, None, :], g[:, None, :], axis=1)
    return LossValue(value, scores, grad, _none(v))


@decoded_loss.register
def _(
    decoder: SpikeCount, name: str, labels: NDArray[np.integer], v: Floats, spikes: NDArray[np.integer]
) -> LossValue:
    scores = spikes.sum(axis=1).astype(v.dtype)
    value, g = on_scores(name, scores, labels)
    return LossValue(value, scores, _none(v), g[:, None, :])


@decoded_loss.register
def _(
    decoder: FirstSpike, name: str, labels: NDArray[np.integer], v: Floats, spikes: NDArray[np.integer]
) -> LossValue:
    fired = spikes > 0
    steps = spikes.shape[1]
    when = np.where(fired.any(axis=1), fired.argmax(axis=1), steps)
    scores = -when.astype(v.dtype)
    value, g = on_scores(name, scores, labels)
    grad = np.zeros(spikes.shape, v.dtype)
    at = np.minimum(when, steps - 1)  # a silent unit is pulled up at the last step
    np.put_along_axis(grad, at[:, None, :], g[:, None, :], axis=1)
    return LossValue(value, scores, _none(v), grad)
