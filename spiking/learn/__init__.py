"""Learning: surrogate gradients, STDP, conversion."""
