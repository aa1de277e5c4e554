"""Learning by gradient: surrogate gradients for spiking networks, exact ones for the rest."""

from spiking.learn.gradient.adjoint import Surrogate
from spiking.learn.gradient.config import FitConfig
from spiking.learn.gradient.differentiate import Differentiator, Gradient
from spiking.learn.gradient.fit import Fit, fit
from spiking.learn.gradient.hardware_aware.straight_through import StraightThrough
from spiking.learn.gradient.optimise import Optimiser

__all__ = [
    "Differentiator",
    "Fit",
    "FitConfig",
    "Gradient",
    "Optimiser",
    "StraightThrough",
    "Surrogate",
    "fit",
]
