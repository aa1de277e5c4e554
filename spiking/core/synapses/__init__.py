"""How synapses are kept: weights on integer grids, and a delay for each synapse."""
