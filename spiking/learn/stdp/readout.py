"""A readout trained on spike counts: multinomial logistic regression, the counts taken as sparse."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

PENALTY = 1e-3  # on half the squared weights, beside the mean loss of a sample
ITERATIONS = 200


def logistic_readout(
    counts: NDArray[Any] | sp.csr_array, one_hot: NDArray[np.floating], *, penalty: float = PENALTY
) -> NDArray[np.float64]:
    """Return weights ``[neurons, classes]`` whose softmax best predicts ``one_hot`` [samples, classes].

    Minimises the mean cross-entropy plus ``penalty / 2`` times the squared weights, without a bias (a
    silent network has no answer), by L-BFGS from zero: the problem is convex, the start does not matter.
    """
    x: Any = sp.csr_array(counts).astype(np.float64)
    turned: Any = sp.csr_array(x.T)
    size, classes = x.shape[1], one_hot.shape[1]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weight = flat.reshape(size, classes)
        z = x @ weight
        z -= z.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        slope = turned @ ((np.exp(log_p) - one_hot) / len(one_hot)) + penalty * weight
        value = -np.sum(log_p * one_hot) / len(one_hot) + 0.5 * penalty * np.sum(weight**2)
        return float(value), np.asarray(slope).ravel()

    found: Any = minimize(
        loss, np.zeros(size * classes), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}
    )
    return np.asarray(found.x.reshape(size, classes))
