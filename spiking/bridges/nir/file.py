"""``.nir`` files: HDF5 checked before anything is allocated, written whole or not at all."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from spiking.bridges.nir.damage import in_words
from spiking.bridges.nir.guard import read_hdf5
from spiking.bridges.nir.parse import from_graph
from spiking.bridges.nir.units import NODES
from spiking.bridges.nir.write import to_graph
from spiking.core.errors import SpikingError, did_you_mean, require
from spiking.core.files import present, write_bytes
from spiking.core.network import Network
from spiking.core.typed import typed

LIMIT = 2**30


@typed
def save(network: Network, path: str | os.PathLike[str]) -> Path:
    """Write ``network`` to ``path`` (``.nir``, HDF5) and return the path.

    The file is there whole or not at all: an interrupted write leaves the old one.

    Raises:
        SpikingError: if the folder does not exist or NIR cannot hold the network.
    """
    import nir

    target = Path(path)
    require(target.parent.is_dir(), f"the folder {str(target.parent)!r} does not exist; create it first")
    held = io.BytesIO()  # a full disk is an error of ours, not a crash inside HDF5
    nir.write(held, to_graph(network))
    write_bytes(target, held.getvalue())
    return target


@typed
def load(path: str | os.PathLike[str], **options: Any) -> Network:
    """Read a network from a ``.nir`` file; ``options`` are those of :func:`from_graph`.

    A file of another simulator says neither ``dt`` nor how time was made discrete, so these must
    be given: ``load("model.nir", dt=1e-3, steps=100, discretisation="norse")``.

    Raises:
        SpikingError: if the file is missing, damaged, not NIR or not a network.
    """
    return from_graph(read(path), **{"name": Path(path).stem, **options})


@typed
def read(path: str | os.PathLike[str], limit: int = LIMIT) -> Any:
    """Read the ``nir.NIRGraph`` of a file whose arrays take at most ``limit`` bytes.

    Raises:
        SpikingError: if the file is missing, damaged, not NIR, too large or holds unknown nodes.
    """
    require(present(Path(path)), f"there is no file {str(path)!r}; check the path")
    require(not Path(path).is_dir(), f"{str(path)!r} is a folder; name a .nir file")
    require(Path(path).is_file(), f"{str(path)!r} is no regular file; name a .nir file")
    data = read_hdf5(path, limit)
    with in_words(f"{path} holds no NIR graph", "export it again"):
        return _node(data, str(path))


def _node(data: Any, at: str) -> Any:
    """Build the NIR node of a dictionary, naming the place of what is wrong."""
    import nir

    kind = data.get("type") if isinstance(data, dict) else None
    require(isinstance(kind, str), f"{at} has no node type; the file is not NIR or is damaged")
    if kind not in NODES:
        raise SpikingError(
            f"{at} is a {kind!r} node{did_you_mean(str(kind), NODES)}, which has no counterpart here; "
            f"allowed: {', '.join(NODES)}"
        )
    if kind == "NIRGraph":
        for key in ("nodes", "edges"):
            require(key in data, f"the graph {at} has no {key!r}; the file is damaged")
        nodes = {name: _node(node, f"{at}, node {name!r}") for name, node in data["nodes"].items()}
        edges = [
            tuple(e.decode() if isinstance(e, bytes) else str(e) for e in pair) for pair in data["edges"]
        ]
        return nir.NIRGraph(nodes, edges, data.get("metadata", {}), type_check=False)
    with in_words(f"{at} is not a valid {kind} node", "repair or export it again"):
        return nir.ir.dict2NIRNode(data)
