"""Faults: cells, neurons and spikes that fail."""
