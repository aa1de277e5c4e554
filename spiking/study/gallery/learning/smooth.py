"""A spiking network with the step made smooth, whose gradient is exact: what surrogates stand for.

The unit is the package's LIF with an instantaneous synapse and reset by subtraction, with the spike
``s = 1/2 + arctan(pi k d / 2) / pi`` of ``d = v - threshold`` in place of the step; its derivative is the
``arctan`` surrogate of slope ``k``. As ``k`` grows the network becomes the spiking one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def spike(d: Floats, slope: float, hard: bool) -> Floats:
    """The step, or its smooth form."""
    return np.where(d > 0, 1.0, 0.0) if hard else 0.5 + np.arctan(np.pi * slope * d / 2) / np.pi


def spike_slope(d: Floats, slope: float) -> Floats:
    """The ``arctan`` surrogate derivative: the derivative of the smooth form."""
    return np.asarray(slope / 2 / (1 + (np.pi * slope * d / 2) ** 2))


def loss_and_gradient(
    weights: Sequence[Floats],
    raster: Floats,
    labels: NDArray[np.integer],
    *,
    decay: float,
    slope: float,
    hard: bool,
) -> tuple[float, list[Floats]]:
    """Cross-entropy of the mean potential of a leaky readout, and its gradient for each layer's weights.

    Args:
        weights: ``[inputs, units]`` of each layer, the readout last; all decay alike, thresholds are 1.
        raster: ``[samples, steps, inputs]`` spikes.
        decay: share of the potential left after a step; slope: sharpness ``k``.
        hard: spikes forward and surrogate backward; else smooth both ways, and the gradient is exact.
    """
    samples, steps = raster.shape[:2]
    sources: list[Floats] = [raster]
    gaps: list[Floats] = []
    for w in weights[:-1]:
        v, s = np.zeros((samples, w.shape[1])), np.zeros((samples, w.shape[1]))
        d, out = np.empty((2, samples, steps, w.shape[1]))
        for t in range(steps):
            v = decay * (v - s) + sources[-1][:, t] @ w
            d[:, t] = v - 1.0
            s = out[:, t] = spike(d[:, t], slope, hard)
        sources.append(out)
        gaps.append(d)
    read, scores = np.zeros((samples, weights[-1].shape[1])), 0.0
    for t in range(steps):
        read = decay * read + sources[-1][:, t] @ weights[-1]
        scores = scores + read / steps
    p = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -float(np.log(p[np.arange(samples), labels]).mean())
    p[np.arange(samples), labels] -= 1
    return loss, _back(weights, sources, gaps, p / samples / steps, decay=decay, slope=slope)


def _back(
    weights: Sequence[Floats], sources: Sequence[Floats], gaps: Sequence[Floats], error: Floats, **how: float
) -> list[Floats]:
    """Walk back through layers and steps."""
    decay, slope = how["decay"], how["slope"]
    steps = sources[0].shape[1]
    g = np.zeros_like(error)
    delta: Any = np.empty((len(error), steps, error.shape[1]))
    for t in reversed(range(steps)):
        g = decay * g + error
        delta[:, t] = g
    gradients: list[Floats] = []
    for k in reversed(range(len(weights))):
        gradients.append(np.einsum("sti,stj->ij", sources[k], delta))
        if k == 0:
            break
        into = delta @ weights[k].T  # gradient of the spikes of the layer below
        bent = spike_slope(gaps[k - 1], slope)
        g = np.zeros(into[:, 0].shape)
        delta = np.empty_like(into)
        for t in reversed(range(steps)):
            # the reset takes the spike off the next potential: the reset is differentiated too
            g = decay * g + (into[:, t] - decay * g) * bent[:, t]
            delta[:, t] = g
    return gradients[::-1]
