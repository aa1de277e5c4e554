"""Files of every kind that is read, and what damages them: their bytes, or what a program would have written.

Each kind has a file that reads well, what reads it, and two ways to damage it. :func:`tried` reads a damaged
one: ``read``, or ``refused`` in one sentence; whatever else is raised is a defect.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spiking.bridges.counts import read_counts
from spiking.bridges.nir import load, save
from spiking.core.errors import SpikingError
from spiking.hardware import load_chip, price
from spiking.hardware.chip_file import package_folder
from spiking.study.designs.deploy import plan_of
from tests.bridges.networks import chain
from tests.data.files import idx_bytes, mutations, whole_files
from tests.hardware.examples import mlp, snn
from tests.learn.test_checkpoint import ByGradient, BySTDP, changed

Damage = Callable[[np.random.Generator], bytes]
ODD = [
    *(None, True, -1, 0, 1, 0.5, 1e300, -1e300, 2**40, 2**70, float("nan"), float("inf"), "", "x", "[/x]"),
    *("x" * 5000, "a\nb", "\ud800", [], {}, [[]], [1, "x"], {"x": 1}, [[[[[[]]]]]]),
]
CHIPS = ("odin", "cortex-m4", "cpu-xeon-e5-2630", "generic-45nm", "truenorth-all-in", "loihi1")
DESIGN = """weight_bits = 8
value_bits = 8
state_bits = 16
decay = "product"
bias = "per-step"
steps = 4
schedule = "step-outer"
zero_skip = true
weight_format = "dense"
input = "events"
batch = 1
"""


@dataclass(frozen=True)
class Kind:
    """A file ``name`` whose content ``good`` is read by ``read``; ``structure``: a program gone wrong."""

    name: str
    good: bytes
    read: Callable[[Path], Any]
    structure: Damage

    def damaged(self, way: str, count: int, seed: int) -> Iterator[bytes]:
        """Yield ``count`` damaged contents."""
        if way == "bytes":
            yield from mutations(self.good, count, seed)
            return
        rng = np.random.default_rng(seed)
        for _ in range(count):
            yield self.structure(rng)


def tried(kind: Kind, path: Path, content: bytes) -> str:
    """Read a damaged file; ``read`` or ``refused``."""
    path.write_bytes(content)
    try:
        kind.read(path)
    except SpikingError as error:
        words = str(error)
    else:
        return "read"
    if "\n" in words or not words:
        raise AssertionError(f"no sentence: {words!r}")
    return "refused"


def kinds(folder: Path) -> dict[str, Kind]:
    """Every kind, its whole file made in ``folder``."""
    files = whole_files(folder)
    forms: dict[str, Damage] = {
        "images": idx, "images.gz": lambda rng: gzip.compress(idx(rng), 1), "1.bin": events,
        "plain.npz": npz, "packed.npz": npz, "own.npz": npz, "table.csv": csv, "own.csv": csv,
    }  # fmt: skip
    found = {name: Kind(name, *files[name], structure=form) for name, form in forms.items()}
    path = folder / "good.json"
    path.write_text(json.dumps(snn(theta=(10.0, 4.0, 1.0), sizes=(8, 6, 3)).to_dict()))
    found["counts.json"] = Kind("counts.json", path.read_bytes(), read_counts, tree(path.read_text()))
    text = DESIGN.encode()
    found["design.toml"] = Kind("design.toml", text, plan_of, lambda rng: lines(rng, text))
    texts = [(package_folder() / f"{name}.toml").read_bytes() for name in CHIPS]
    found["chip.toml"] = Kind("chip.toml", texts[0], _chip, lambda rng: lines(rng, texts[rng.integers(6)]))
    whole = save(chain(), folder / "good.nir").read_bytes()
    found["net.nir"] = Kind("net.nir", whole, load, hdf5(folder))
    for name, learner in (("gradient.npz", ByGradient), ("stdp.npz", BySTDP)):
        own = learner(folder / name)
        found[name] = Kind(name, (folder / name).read_bytes(), own.load, checkpoint(folder / name))
    return found


def idx(rng: np.random.Generator) -> bytes:
    """An idx file of any type and sizes, whole or not."""
    shape = tuple(int(n) for n in rng.integers(0, 5, rng.integers(0, 6)))
    code = int(rng.choice([0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E]))
    data = bytearray(idx_bytes(rng.normal(0, 100, shape), code))
    if rng.random() < 0.5:
        at = 4 * int(rng.integers(0, len(shape) + 1))
        data[at : at + 4] = rng.choice(
            [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\x08\x03"]
        )
    return bytes(data[: int(rng.integers(len(data) + 1))] if rng.random() < 0.3 else data)


def events(rng: np.random.Generator) -> bytes:
    """A stream of events anywhere, of any length."""
    made = (
        rng.integers(0, rng.choice([34, 35, 256]), (int(rng.integers(0, 40)), 5)).astype(np.uint8).tobytes()
    )
    return made[: int(rng.integers(len(made) + 1))] if rng.random() < 0.3 else made


def npz(rng: np.random.Generator) -> bytes:
    """Arrays of any type, shape and name, among them the names that are looked for."""
    kinds = ["f2", "f4", "f8", "i1", "i8", "u2", "?", "U3", "S4", "c8", "M8[s]", "m8[s]", ">f4", "O", "V3"]
    arrays = {}
    for name in ("x", "y", "x_train", "y_train", "x_test", "y_test", "more"):
        if rng.random() < 0.6:
            shape = tuple(int(n) for n in rng.integers(0, 8, rng.integers(0, 4)))
            shape = shape if rng.random() < 0.6 else (6, *shape[:1])
            values = rng.choice([0, 1, 2, 0.5, -1, np.nan, np.inf, 1e30, 1e300], shape)
            with np.errstate(all="ignore"):
                arrays[name] = np.asarray(values).astype(kinds[rng.integers(len(kinds))])
    file = io.BytesIO()
    (np.savez if rng.random() < 0.5 else np.savez_compressed)(file, **arrays)
    return file.getvalue()


def csv(rng: np.random.Generator) -> bytes:
    """A table with cells, rows and separators of any kind."""
    words = ["1", "0.5", "-3", "nan", "inf", "1e400", "", "x", '"', "label", "a;b", "9" * 400, "\u2028", "#"]
    table = [["a", "b", "label"], *([str(k), str(k % 3), f"k{k % 2}"] for k in range(12))]
    for _ in range(int(rng.integers(1, 5))):
        row = table[int(rng.integers(len(table)))]
        match int(rng.integers(3)):
            case 0:
                row[int(rng.integers(len(row)))] = str(rng.choice(words))
            case 1:
                row.append(str(rng.choice(words)))
            case 2 if len(row) > 1:
                row.pop()
    return "\n".join(
        str(rng.choice([",", ";", "\t", ",,"], p=[0.9, 0.04, 0.03, 0.03])).join(r) for r in table
    ).encode()


def lines(rng: np.random.Generator, text: bytes) -> bytes:
    """A TOML file with lines dropped, repeated, or another value behind a key."""
    words = [
        b"nan",
        b"inf",
        b"-1",
        b"1e400",
        b"0",
        b"{}",
        b"[]",
        b'""',
        b'"[/x]"',
        b"true",
        b"1e-320",
        b"9" * 30,
    ]
    rows = text.split(b"\n")
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(len(rows)))
        keyed = [i for i, row in enumerate(rows) if b" = " in row]
        match int(rng.integers(3)) if len(rows) > 3 and keyed else 1:
            case 0:
                del rows[at]
            case 1:
                rows.insert(at, rows[int(rng.integers(len(rows)))])
            case 2:
                at = keyed[int(rng.integers(len(keyed)))]
                other = rows[keyed[int(rng.integers(len(keyed)))]].split(b" = ", 1)[1]
                value = [*words, other][int(rng.integers(len(words) + 1))]
                rows[at] = rows[at].split(b" = ", 1)[0] + b" = " + value
    return b"\n".join(rows)


def tree(text: str) -> Damage:
    """Damage of JSON: values anywhere in it replaced, dropped or doubled."""

    def damage(rng: np.random.Generator) -> bytes:
        data = json.loads(text)
        for _ in range(int(rng.integers(1, 3))):
            place = data
            while True:
                keys = list(place) if isinstance(place, dict) else list(range(len(place)))
                if not keys:
                    break
                key = keys[int(rng.integers(len(keys)))]
                if isinstance(place[key], dict | list) and rng.random() < 0.8:
                    place = place[key]
                    continue
                change(rng, place, key)
                break
        return json.dumps(data).encode("utf-8", "surrogatepass")

    return damage


def change(rng: np.random.Generator, place: Any, key: Any) -> None:
    """Replace, drop or double one entry."""
    match int(rng.integers(5)):
        case 0:
            del place[key]
        case 1 if isinstance(place, list):
            place.append(place[key])
        case 1:
            place[str(key) + "x"] = place[key]
        case _:
            place[key] = ODD[int(rng.integers(len(ODD)))]


def hdf5(folder: Path) -> Damage:
    """Damage of a ``.nir`` file: data sets of other types, shapes and values, missing or more of them."""
    import h5py

    values = [
        *(-1, 0, 1.5, np.nan, np.inf, 10**12, "x", "", b"x", True, "LIF", "NIRGraph", 1e300, 1j),
        *(np.array([]), np.ones((2, 2)), np.zeros(3, np.int8), np.ones((3, 4)), np.full(3, np.nan)),
        *(np.zeros((0, 3)), np.ones((1, 1, 1, 1)), np.arange(3, dtype=">i2"), np.float16(1)),
    ]

    def damage(rng: np.random.Generator) -> bytes:
        path = folder / "made.nir"
        path.write_bytes((folder / "good.nir").read_bytes())
        with h5py.File(path, "r+") as file:
            for _ in range(int(rng.integers(1, 3))):
                names: list[str] = []
                file.visit(names.append)
                name = names[int(rng.integers(len(names)))]
                match int(rng.integers(5)):
                    case 0:
                        del file[name]
                    case 1:
                        file.copy(name, f"{name}-more")
                    case _:
                        del file[name]
                        file[name] = values[int(rng.integers(len(values)))]
        return path.read_bytes()

    return damage


def checkpoint(path: Path) -> Damage:
    """Damage of a checkpoint: arrays of other types, shapes and values, other counters."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    state = json.loads(bytes(arrays.pop("state")))
    return lambda rng: changed(rng, state, arrays)


def _chip(path: Path) -> None:
    chip = load_chip(path)
    for counts in (snn(theta=(10.0, 4.0, 1.0), sizes=(8, 6, 3)), mlp(sizes=(8, 6, 3))):
        price(counts, chip)
