"""The process that reads HDF5 for :mod:`spiking.bridges.nir.guard`; a script that imports no ``spiking``.

libhdf5 loops without end, crashes or asks for any amount of memory on some damaged files. Here that ends this
process only: an alarm of the system stops a loop, a limit of the system stops the memory. Requests come as
lines of JSON; the answer is the tree of groups in JSON, then the arrays as plain bytes. Nothing is unpickled.
"""

import json
import os
import signal
import struct
import sys
from typing import Any, BinaryIO

DEPTH, OBJECTS, TEXT = 40, 100_000, 2**28
FILTERS = {1: "gzip", 2: "shuffle", 3: "fletcher32", 32000: "lzf"}
INFLATED = 1100  # deflate makes at most 1032 bytes of one


class Refused(Exception):
    """A file that is not read, with the reason."""


def main() -> None:
    """Answer requests until the other end closes."""
    seconds, memory = int(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    _bound_memory(memory)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if hasattr(signal, "alarm"):
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(seconds)
        _answer(request["path"], request["limit"], sys.stdout.buffer)
        sys.stdout.buffer.flush()
        if hasattr(signal, "alarm"):
            signal.alarm(0)


def _bound_memory(memory: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(path: str, limit: int, out: BinaryIO) -> None:
    import h5py

    try:
        with h5py.File(path, "r", locking=False) as file:  # who writes it next need not wait
            _read(file, path, limit, out)
    except Refused as error:
        _send(out, {"refused": str(error)})
    except OSError as error:
        _send(out, {"unreadable": f"({os.path.getsize(path)} bytes) is not HDF5, or is truncated ({error})"})
    except Exception as error:  # whatever h5py raises on damaged bytes
        _send(out, {"damaged": f"{type(error).__name__}: {error}"})


def _read(file: Any, path: str, limit: int, out: BinaryIO) -> None:
    import h5py

    found: list[Any] = []
    link = file.get("node", getlink=True)
    if not isinstance(link, h5py.HardLink) or not isinstance(file["node"], h5py.Group):
        raise Refused("is HDF5 but not NIR (it has no group 'node'); save it with nir.write")
    tree = _tree(file["node"], "node", 0, [0, 0], found)
    total = sum(size for _, size in found)
    if total > min(limit, INFLATED * os.path.getsize(path)):
        name = max(found, key=lambda pair: pair[1])[0].name.removeprefix("/node/")
        raise Refused(
            f"promises {total / 2**30:.3g} GiB, most of it in {name!r}; the limit is {limit / 2**30:.3g} GiB "
            f"(raise it with read(path, limit=bytes)), and {INFLATED} times the size of the file"
        )
    arrays = [{"dtype": d.dtype.str, "shape": list(d.shape)} for d, _ in found]
    _send(out, {"tree": tree, "arrays": arrays})
    for dataset, _ in found:
        try:
            data = dataset[()]
        except Exception as error:
            out.write(b"\1")
            _send(out, {"damaged": f"{dataset.name}: {error}"})
            return
        out.write(b"\0")
        out.write(memoryview(data.reshape(-1)).cast("B") if data.ndim else data.tobytes())


def _tree(group: Any, at: str, depth: int, seen: list[int], found: list[Any]) -> dict[str, Any]:
    """Walk a group; arrays are left for later and stand as ``{"array": k}``."""
    import h5py

    if depth > DEPTH:
        raise Refused(f"is nested deeper than {DEPTH} groups at {at[:80]!r}")
    out: dict[str, Any] = {}
    for name in group:
        seen[0] += 1
        if seen[0] > OBJECTS:
            raise Refused(f"holds more than {OBJECTS} objects")
        where = f"{at}/{name}"
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            kind = "an external link" if isinstance(link, h5py.ExternalLink) else "a soft link"
            raise Refused(f"has {kind} at {where!r}; only what the file itself holds is read")
        item = group[name]
        if isinstance(item, h5py.Group):
            out[name] = {"group": _tree(item, where, depth + 1, seen, found)}
        elif isinstance(item, h5py.Dataset):
            out[name] = _dataset(item, where, seen, found)
        else:
            raise Refused(f"holds a {type(item).__name__} at {where!r}; allowed: groups and data sets")
    return out


def _dataset(item: Any, where: str, seen: list[int], found: list[Any]) -> dict[str, Any]:
    import h5py

    if item.external or item.is_virtual:
        raise Refused(f"keeps {where!r} in another file; only what the file itself holds is read")
    if item.shape is None:
        raise Refused(f"has no value at {where!r}")
    plist = item.id.get_create_plist()
    for k in range(plist.get_nfilters()):
        if plist.get_filter(k)[0] not in FILTERS:
            raise Refused(f"packs {where!r} in an unknown way; allowed: {', '.join(FILTERS.values())}")
    dtype = item.dtype
    if h5py.check_string_dtype(dtype) is not None:
        seen[1] += int(item.size) * max(int(dtype.itemsize), 1)
        if seen[1] > TEXT:
            raise Refused(f"holds more than {TEXT / 2**20:g} MiB of text")
        return {"text": _text(item[()])}
    if dtype.kind not in "biuf" or dtype.itemsize > 8 or len(item.shape) > 8:
        raise Refused(f"holds values of type {dtype} and {len(item.shape)} dimensions at {where!r}")
    found.append((item, int(item.size) * dtype.itemsize))
    return {"array": len(found) - 1}


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, str):
        return value
    return [_text(v) for v in value.tolist()] if hasattr(value, "tolist") else [_text(v) for v in value]


def _send(out: BinaryIO, data: dict[str, Any]) -> None:
    body = json.dumps(data).encode()
    out.write(struct.pack(">Q", len(body)) + body)


if __name__ == "__main__":
    main()
