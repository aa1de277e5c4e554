"""The checkpoint of a training, by gradient or by STDP: one ``.npz`` file, tied to what it is a part of.

It holds the arrays of the learner and, under ``state``, JSON in UTF-8: version, kind of training, digests of
network and data, settings and counters. No pickle. A reader knows the arrays it expects, so nothing is
allocated that a file asks for, and no entry is unpacked (``numpy.savez`` stores them as they are).
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require
from spiking.core.files import present, replacing
from spiking.core.network import Network
from spiking.learn.fingerprint import digest, structure

Arrays = dict[str, NDArray[Any]]
VERSION = 2
LARGEST_STATE = 2**26  # bytes of JSON, a history of some hundred thousand epochs
HEADER = 1024  # bytes that numpy's own header of an array may take


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a checkpoint belongs to.

    Attributes:
        kind: of training, ``"gradient"`` or ``"stdp"``.
        network: digest of the network without weights (:func:`spiking.learn.fingerprint.structure`).
        data: a digest for each array the training reads, by its name.
        settings: every option that changes the result, as JSON can hold it.
    """

    kind: str
    network: str
    data: Mapping[str, str]
    settings: Mapping[str, Any]

    @classmethod
    def of(
        cls, kind: str, network: Network, data: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> Identity:
        """Digest ``network`` and the arrays ``data`` (None stays out)."""
        digests = {name: digest(np.asanyarray(x)) for name, x in data.items() if x is not None}
        plain = json.loads(json.dumps(dict(settings), sort_keys=True))
        return cls(kind=kind, network=structure(network), data=digests, settings=plain)

    def words(self) -> dict[str, Any]:
        """Return plain data for the file."""
        return {
            "version": VERSION,
            "kind": self.kind,
            "network": self.network,
            "data": dict(self.data),
            "settings": dict(self.settings),
        }


def check_place(path: Path) -> None:
    """Raise :class:`SpikingError` unless a checkpoint can be written to ``path``; nothing is written."""
    require(not (present(path) and path.is_dir()), f"the checkpoint {path} is a folder; name a file in it")
    parent = next(p for p in path.absolute().parents if p.exists())
    require(
        parent.is_dir() and os.access(parent, os.W_OK | os.X_OK),
        f"the checkpoint {path} cannot be written: {parent} is no writable folder; name another place",
    )


def save(path: Path, identity: Identity, arrays: Arrays, state: Mapping[str, Any]) -> None:
    """Write a checkpoint whole or not at all; an earlier one stays until the new one is on the disk.

    Raises:
        SpikingError: the file cannot be written.
    """
    words = json.dumps({**identity.words(), "state": dict(state)}).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SpikingError(
            f"{path.parent} cannot be made: {error.strerror}; name another checkpoint"
        ) from None
    entries: dict[str, Any] = {"state": np.frombuffer(words, np.uint8), **arrays}
    with replacing(path) as aside, aside.open("wb") as file:
        np.savez(file, **entries)


def load(path: Path, identity: Identity, like: Mapping[str, NDArray[Any]]) -> tuple[Arrays, dict[str, Any]]:
    """Read the checkpoint of the training ``identity``, with arrays of the types and shapes of ``like``.

    Raises:
        SpikingError: no file, a damaged one, or one of another training; the sentence says which.
    """
    require(path.is_file(), f"there is no checkpoint at {path}; start without resume")
    try:
        with zipfile.ZipFile(path) as file:
            entries = {info.filename.removesuffix(".npy"): info for info in file.infolist()}
            words = json.loads(bytes(_entry(file, entries["state"], None)))
            state = _own(path, words, identity)
            if len(entries) != len(file.infolist()) or set(entries) != {"state", *like}:
                raise ValueError(f"it holds {', '.join(sorted(entries))[:200]}")
            arrays = {name: _entry(file, entries[name], array) for name, array in like.items()}
    except SpikingError:
        raise
    except Exception as error:  # a damaged zip file raises nearly anything
        said = str(error).split("\n")[0][:200] or type(error).__name__
        raise SpikingError(
            f"{path} is not a whole checkpoint of this version ({said}); "
            "delete it and start without resume, or name another file"
        ) from None
    return arrays, state


def _entry(file: zipfile.ZipFile, info: zipfile.ZipInfo, like: NDArray[Any] | None) -> NDArray[Any]:
    """Read one array of the type and shape of ``like``; None: bytes of any length."""
    most = HEADER + (LARGEST_STATE if like is None else like.nbytes)
    if info.compress_type != zipfile.ZIP_STORED or info.file_size > most:
        raise ValueError(f"{info.filename!r} is packed or larger than {most} bytes")
    with file.open(info) as data:
        form: Any = np.lib.format
        read = {(1, 0): form.read_array_header_1_0, (2, 0): form.read_array_header_2_0}
        shape, turned, dtype = read[form.read_magic(data)](data, max_header_size=HEADER)
        if like is None:
            good = dtype == np.uint8 and len(shape) == 1 and shape[0] <= LARGEST_STATE
        else:
            good = dtype == like.dtype and shape == like.shape
        if not good or dtype.hasobject:
            raise ValueError(f"{info.filename!r} is {dtype} of shape {shape}")
        content = data.read()  # at most file_size; its checksum is checked at the end
    array = np.frombuffer(content, dtype).reshape(shape, order="F" if turned else "C")
    if array.dtype == bool and bool((array.view(np.uint8) > 1).any()):
        raise ValueError(f"{info.filename!r} holds bytes that are neither true nor false")
    return array


def _own(path: Path, words: Any, identity: Identity) -> dict[str, Any]:
    """Return the counters of a checkpoint if it belongs to ``identity``."""
    known = identity.words()
    if not isinstance(words, dict) or set(words) != {*known, "state"} or not isinstance(words["state"], dict):
        raise ValueError("its description is incomplete")
    require(
        words["version"] == VERSION and words["kind"] == known["kind"],
        f"{path} is a checkpoint of kind {words['kind']!r}, version {words['version']!r}; "
        f"{known['kind']!r}, version {VERSION} is needed: name another file, or start without resume",
    )
    require(
        words["network"] == known["network"],
        f"{path} is the checkpoint of another network; give the network it was made with, or another path",
    )
    other = differences(words["settings"], known["settings"])
    require(not other, f"{path} was made with other settings ({'; '.join(other)}); resume with the same ones")
    other = [name for name in known["data"] if known["data"][name] != words["data"].get(name)]
    other += [name for name in words["data"] if name not in known["data"]]
    require(
        not other,
        f"{path} was made with other data ({', '.join(other)}); resume with the same samples and labels",
    )
    found: dict[str, Any] = words["state"]
    return found


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return ``name was ..., is ...`` for every setting that differs."""
    names = dict.fromkeys([*now, *was])
    return [
        f"{str(k)[:40]} was {str(was.get(k))[:80]}, is {str(now.get(k))[:80]}"
        for k in names
        if was.get(k) != now.get(k)
    ]
