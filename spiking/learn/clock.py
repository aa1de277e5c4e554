"""``working_seconds``, the clock of everything that learns, where studies import it from."""

from spiking.kernels.stopwatch import working_seconds

__all__ = ["working_seconds"]
