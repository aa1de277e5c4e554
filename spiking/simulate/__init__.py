"""Run networks: ``run(network, x) -> Trace``."""

from spiking.simulate.run import run

__all__ = ["run"]
