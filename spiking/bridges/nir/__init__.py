"""Networks to and from the Neuromorphic Intermediate Representation (Pedersen et al. 2024).

``save`` and ``load`` are the package's file format: a ``.nir`` file (HDF5) that other simulators
read, with what NIR has no word for in its metadata, so that a round trip gives an equal network.
"""

from spiking.bridges.nir.file import load, read, save
from spiking.bridges.nir.parse import from_graph, from_reading, own
from spiking.bridges.nir.reading import Reading, metadata_dt
from spiking.bridges.nir.write import to_graph
from spiking.simulate.memory import memory_warnings

__all__ = [
    "Reading",
    "from_graph",
    "from_reading",
    "load",
    "memory_warnings",
    "metadata_dt",
    "own",
    "read",
    "save",
    "to_graph",
]
