"""Neuron units: what each one computes in a step, as data.

The equations themselves stand once, in ``kernels/step.py``; a unit holds their parameters in
SI units and says how continuous time becomes steps (:class:`Discretisation`).
"""

from spiking.core.neurons.analog import Linear, ReLU, Stateless
from spiking.core.neurons.base import Unit
from spiking.core.neurons.conductance import ConductanceLIF
from spiking.core.neurons.discretisation import Discretisation, Param
from spiking.core.neurons.fixed import Fade, FixedLI, FixedLIF
from spiking.core.neurons.lif import ALIF, LI, LIF, CurrentUnit
from spiking.core.neurons.loihi import LoihiLI, LoihiLIF

__all__ = [
    "ALIF",
    "LI",
    "LIF",
    "ConductanceLIF",
    "CurrentUnit",
    "Discretisation",
    "Fade",
    "FixedLI",
    "FixedLIF",
    "Linear",
    "LoihiLI",
    "LoihiLIF",
    "Param",
    "ReLU",
    "Stateless",
    "Unit",
]
