"""``spiking validate dynamics``: our dynamics beside closed forms, traces, golden vectors and peers."""

from spiking.study.validation.dynamics.run import validate_dynamics

__all__ = ["validate_dynamics"]
