"""Checkpoints: one ``.npz`` file (no pickle), written aside and renamed, tied to its training."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require
from spiking.core.frozen.plain import pack
from spiking.core.network import Network

Arrays = dict[str, NDArray[Any]]


def fingerprint(network: Network, settings: Mapping[str, Any]) -> dict[str, str]:
    """Digests of what a checkpoint must agree with: the network but for its weights, the settings."""
    conns = [(c.name, tuple(c.weight.shape), c.delay, c.receptor) for c in network.connections]
    arrays: Arrays = {}
    parts = [
        [pack(i.encoder, arrays) for i in network.inputs],
        [(p.name, p.size, pack(p.unit, arrays), p.bias is not None) for p in network.populations],
        [conns, network.output.population, pack(network.output.decoder, arrays), network.steps, network.dt],
    ]
    digest = hashlib.sha256(json.dumps(parts, default=str).encode())
    for key in sorted(arrays):
        digest.update(np.ascontiguousarray(arrays[key]).tobytes())
    return {
        "network": digest.hexdigest(),
        "settings": json.dumps(dict(settings), sort_keys=True, default=str),
    }


def save(path: Path, arrays: Arrays, state: Mapping[str, Any]) -> None:
    """Write ``arrays`` and the JSON-able ``state``; an earlier file stays until the new one is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, state=np.array(json.dumps(state)), **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load(path: Path, expected: Mapping[str, str]) -> tuple[Arrays, dict[str, Any]]:
    """Read a checkpoint that belongs to the training described by ``expected``.

    Raises:
        SpikingError: no file, a truncated or foreign file, another network, other settings.
    """
    require(path.is_file(), f"there is no checkpoint at {path}; start without resume")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {k: file[k] for k in file.files if k != "state"}
            state = json.loads(str(file["state"]))
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError, OSError) as error:
        raise SpikingError(
            f"{path} is not a whole checkpoint ({error}); delete it and start without resume"
        ) from None
    found = state.get("fingerprint", {})
    require(
        found.get("network") == expected["network"],
        f"{path} is the checkpoint of another network; give the network it was made with, or another path",
    )
    if found.get("settings") != expected["settings"]:
        was, now = json.loads(found.get("settings", "{}")), json.loads(expected["settings"])
        other = [f"{k} was {was.get(k)!r}, is {v!r}" for k, v in now.items() if was.get(k) != v]
        raise SpikingError(
            f"{path} was made with other settings ({'; '.join(other)}); resume with the same ones"
        )
    return arrays, state
