"""Designs of a trained network: tried on validation samples, priced on a chip, the cheapest chosen."""

from spiking.study.designs.choose import Chosen, Point, cheapest, flips, front, priced
from spiking.study.designs.explore import Option, explore

__all__ = ["Chosen", "Option", "Point", "cheapest", "explore", "flips", "front", "priced"]
