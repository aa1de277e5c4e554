"""Structure: synapses and units left out, fan-in that a core limits, coarser time."""
