"""Brian2 both ways: any network as a Brian2 network, STDP included, and a meter for a user's simulation.

brian2 is imported here alone, and only when one of these is called.
"""

from spiking.bridges.brian.build import BrianModel, to_brian
from spiking.bridges.brian.meter import Meter, from_brian
from spiking.bridges.brian.plain import plain_layer
from spiking.bridges.brian.stdp import Learned, learn_in_brian

__all__ = ["BrianModel", "Learned", "Meter", "from_brian", "learn_in_brian", "plain_layer", "to_brian"]
