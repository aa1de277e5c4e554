"""Measured joules of a network on this machine, where it has an energy counter.

Everything else in this package is an estimate; what is made here is a measurement of this machine, this
simulator included.
"""

from spiking.study.measure.counter import ROOT, Rapl
from spiking.study.measure.windows import Measured, Measurement, Measuring, measure

__all__ = ["ROOT", "Measured", "Measurement", "Measuring", "Rapl", "measure"]
