"""``.nir`` files: HDF5 checked before anything is allocated, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from spiking.bridges.nir.parse import from_graph
from spiking.bridges.nir.units import NODES
from spiking.bridges.nir.write import to_graph
from spiking.core.errors import SpikingError, did_you_mean, require
from spiking.core.network import Network

LIMIT = 2**30


def save(network: Network, path: str | os.PathLike[str]) -> Path:
    """Write ``network`` to ``path`` (``.nir``, HDF5) and return the path.

    The file is written beside the target and renamed, so an interrupted write leaves the old one.

    Raises:
        SpikingError: if the folder does not exist or NIR cannot hold the network.
    """
    import nir

    target = Path(path)
    require(target.parent.is_dir(), f"the folder {str(target.parent)!r} does not exist; create it first")
    graph = to_graph(network)
    handle, part = tempfile.mkstemp(suffix=".part", prefix=target.name, dir=target.parent)
    os.close(handle)
    try:
        nir.write(part, graph)
        os.chmod(part, 0o644)
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    return target


def load(path: str | os.PathLike[str], **options: Any) -> Network:
    """Read a network from a ``.nir`` file; ``options`` are those of :func:`from_graph`.

    A file of another simulator says neither ``dt`` nor how time was made discrete, so these must
    be given: ``load("model.nir", dt=1e-3, steps=100, discretisation="norse")``.

    Raises:
        SpikingError: if the file is missing, damaged, not NIR or not a network.
    """
    return from_graph(read(path), **{"name": Path(path).stem, **options})


def read(path: str | os.PathLike[str], limit: int = LIMIT) -> Any:
    """Read the ``nir.NIRGraph`` of a file whose arrays take at most ``limit`` bytes.

    Raises:
        SpikingError: if the file is missing, damaged, not NIR, too large or holds unknown nodes.
    """
    import h5py

    require(Path(path).is_file(), f"there is no file {str(path)!r}; check the path")
    try:
        with h5py.File(path, "r") as f:
            require(
                isinstance(f.get("node"), h5py.Group),
                f"{str(path)!r} is HDF5 but not NIR (it has no group 'node'); save it with nir.write",
            )
            _check_size(f["node"], str(path), limit)
            from nir.serialization import hdf2dict

            data = hdf2dict(f["node"])
    except OSError as error:
        size = Path(path).stat().st_size
        raise SpikingError(
            f"{str(path)!r} ({size} bytes) is not HDF5, or is truncated ({error}); copy it again"
        ) from None
    except RuntimeError as error:
        raise SpikingError(f"{str(path)!r} is damaged ({error}); copy it again") from None
    return _node(data, str(path))


def _check_size(group: Any, path: str, limit: int) -> None:
    import h5py

    sizes: dict[str, int] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            sizes[name] = int(item.size or 0) * max(item.dtype.itemsize, 1)

    group.visititems(visit)
    total = sum(sizes.values())
    if total > limit:
        name = max(sizes, key=lambda key: sizes[key])
        raise SpikingError(
            f"{path!r} promises {total / 2**30:.3g} GiB, most of it in {name!r}; "
            f"the limit is {limit / 2**30:.3g} GiB (raise it with read(path, limit=bytes))"
        )


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
    try:
        return nir.ir.dict2NIRNode(data)
    except (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        text = str(error) or type(error).__name__
        raise SpikingError(f"{at} is not a valid {kind} node: {text}; repair or export it again") from None
