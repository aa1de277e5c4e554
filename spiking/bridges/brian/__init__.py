"""Brian2 both ways: any network as a Brian2 network, and a meter for a user's own simulation.

brian2 is imported here alone, and only when one of these is called.
"""

from spiking.bridges.brian.build import BrianModel, to_brian
from spiking.bridges.brian.meter import Meter, from_brian
from spiking.bridges.brian.plain import plain_layer

__all__ = ["BrianModel", "Meter", "from_brian", "plain_layer", "to_brian"]
