"""``fit``, where users import it from."""

from spiking.learn.gradient.config import FitConfig
from spiking.learn.gradient.fit import Fit, fit

__all__ = ["Fit", "FitConfig", "fit"]
