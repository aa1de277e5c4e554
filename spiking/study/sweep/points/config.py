"""The configuration of a sweep: what stays (``[base]``), what varies (``[axes]``), how (``[sampling]``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from spiking.core import check
from spiking.core.errors import SpikingError, require, unknown
from spiking.data.dataset import Dataset
from spiking.data.own import check_data
from spiking.hardware.verdict.accuracy import margin_of
from spiking.learn.fingerprint import digest
from spiking.study.contenders import contender_names
from spiking.study.contenders.search import BUDGET
from spiking.study.sweep.points.axes import axis, axis_names, checked, equal

LARGEST = 1_000_000  # bytes of a configuration file
MOST = 20_000_000  # points of one sweep
CHIPS = ["generic-45nm", "loihi1"]  # as in compare
TABLES = ("base", "axes", "sampling", "points")
KINDS = ("grid", "random", "latin")
# what only [base] says, with its default
FIXED: dict[str, Any] = {
    "quick": False, "data_path": None, "label": None, "group": None, "budget": BUDGET, "margin": 1.0,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Range:
    """Numbers from ``low`` to ``high``, evenly or in the logarithm; whole ones where both ends are whole."""

    low: float
    high: float
    log: bool = False
    count: int = 0

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def at(self, u: Any) -> list[Any]:
        """Values at ``u`` of 0 to 1."""
        if self.log:
            x = np.exp(np.log(self.low) + np.asarray(u) * (np.log(self.high) - np.log(self.low)))
        else:
            x = self.low + np.asarray(u) * (self.high - self.low)
        values: list[Any] = (np.rint(x).astype(int) if self.whole else np.asarray(x, float)).tolist()
        return values


@dataclass(frozen=True, kw_only=True, eq=False)
class Config:
    """A checked configuration.

    Attributes:
        base: what stays, defaults of ``compare`` included.
        axes: name -> values, or a :class:`Range`.
        kind: ``"grid"``, ``"random"``, ``"latin"``, ``"list"`` or ``"search"``.
        count: points of the sampled kinds.
        seed: of the sampling.
        points: of the kind ``"list"``: axis -> value each.
    """

    base: Mapping[str, Any]
    axes: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "grid"
    count: int = 0
    seed: int = 0
    points: tuple[Mapping[str, Any], ...] = ()

    @property
    def names(self) -> list[str]:
        """Names of the axes."""
        if self.kind == "list":
            return list(dict.fromkeys(name for point in self.points for name in point))
        return list(self.axes)

    def plain(self) -> dict[str, Any]:
        """Return plain data that say the same, for files and digests."""
        spans = {
            n: {**vars(v), "range": True} if isinstance(v, Range) else list(v) for n, v in self.axes.items()
        }
        base = {k: _plain(v) for k, v in self.base.items()}
        points = [dict(p) for p in self.points]
        how = {"kind": self.kind, "points": self.count, "seed": self.seed}
        return {
            "base": base,
            "axes": {n: _plain(v) for n, v in spans.items()},
            "sampling": how,
            "points": points,
        }


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, Dataset):
        return f"{value.name} ({value.checksum})"
    if isinstance(value, tuple):
        return f"arrays ({digest(value)})"
    return getattr(value, "name", value) if not isinstance(value, str | int | float | dict) else value


def read_config(source: str | Path | Mapping[str, Any], *, search: bool = False) -> Config:
    """Return the configuration of a TOML file, or of the same tables as a mapping.

    Args:
        search: its axes are to be searched, so that there is no grid of them and nothing to sample.

    Raises:
        SpikingError: a file that is none, an unknown table, key, axis or value, with the nearest.
    """
    words = dict(source) if isinstance(source, Mapping) else _file(Path(source))
    for key in words:
        if key not in TABLES:
            raise unknown("table of a sweep", key, TABLES, "write [base], [axes], [sampling] or [[points]]")
    base = _base(_table(words, "base"))
    how = _table(words, "sampling")
    if "points" in words:
        require("axes" not in words, "a list of [[points]] and [axes] came; give one of the two")
        require(not how, "[sampling] has no effect on a list of [[points]]; leave it out")
        points = tuple(_point(p) for p in _list(words["points"]))
        made = Config(base=base, kind="list", points=points)
    else:
        made = _sampled(base, _table(words, "axes"), how, search)
    require(not search or made.kind == "search", "a list of [[points]] is not searched; give [axes] instead")
    for name in made.names:
        require(name not in words.get("base", {}), f"{name} stands in [base] and in [axes]; give it once")
    return made


def _file(path: Path) -> dict[str, Any]:
    try:
        require(path.stat().st_size <= LARGEST, f"{path} is too large for a sweep (above {LARGEST} bytes)")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpikingError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise SpikingError(f"{path} is not TOML ({error})") from None


def _table(words: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = words.get(name, {})
    if not isinstance(value, Mapping):
        raise SpikingError(f"{name} is {value!r}; it must be a table, [{name}]")
    return dict(value)


def _list(value: Any) -> list[Mapping[str, Any]]:
    good = isinstance(value, list | tuple) and value and all(isinstance(p, Mapping) for p in value)
    require(bool(good), "points must be tables with an axis and its value each, [[points]]")
    return list(value)


def _base(given: dict[str, Any]) -> dict[str, Any]:
    known = [*FIXED, *axis_names()]
    found = {**FIXED, "data": "digits", "contender": None, "chip": None, "seed": 0}
    for key, value in given.items():
        if key in FIXED:
            found[key] = _fixed(key, value)
        elif key in axis_names() or key.startswith("chip."):
            found[key] = axis(key).check(value)
        else:
            raise unknown("key of [base]", key, known)
    return found


def _fixed(key: str, value: Any) -> Any:
    if key == "quick":
        return check.flag("quick", value)
    if key == "budget":
        return check.whole("budget", value, 0, 1000)
    if key == "margin":
        margin_of(value)
        return float(value)
    return value if value is None else str(value)


def _point(point: Mapping[str, Any]) -> dict[str, Any]:
    return {name: axis(name).check(value) for name, value in point.items()}


def _sampled(base: dict[str, Any], axes: dict[str, Any], how: dict[str, Any], search: bool) -> Config:
    known = ("seed",) if search else ("kind", "points", "seed")
    for key in how:
        if key not in known:
            raise unknown("key of [sampling]", key, known, "a search has trials instead" if search else "")
    kind = "search" if search else check.choice("kind of sampling", how.get("kind", "grid"), KINDS)
    counted = kind in ("random", "latin")
    require(counted or "points" not in how, "a grid has all its points; leave points out of [sampling]")
    count = check.whole("points of [sampling]", how.get("points", 100), 1, MOST) if counted else 0
    if base["contender"] is None and "contender" not in axes:
        axes = {"contender": contender_names(), **axes}
    if base["chip"] is None and "chip" not in axes:
        axes["chip"] = CHIPS
    spans = {name: _values(name, value, kind) for name, value in axes.items()}
    return Config(base=base, axes=spans, kind=kind, count=count, seed=check.seed(how.get("seed", 0)))


def _values(name: str, value: Any, kind: str) -> Any:
    one = axis(name)
    if not (isinstance(value, Mapping) and {"low", "high"} <= set(value)):
        require(
            isinstance(value, list | tuple),
            f"the axis {name!r} is {value!r}; allowed: a list of values, or {{low = ..., high = ...}}",
        )
        return checked(name, value)
    for key in value:
        if key not in ("low", "high", "log", "count"):
            raise unknown(f"key of the range of {name!r}", key, ("low", "high", "log", "count"))
    span = Range(**value)
    check.number(f"low of {name}", span.low)
    check.number(f"high of {name}", span.high, span.low)
    require(not span.log or span.low > 0, f"low of {name} is {span.low:g}; a logarithm needs more than 0")
    for end in (span.low, span.high):
        one.check(end)
    if kind != "grid":
        require(span.count == 0, f"count of {name} has no effect on {kind} sampling; leave it out")
        return span
    count = check.whole(f"count of {name}", span.count, 2, todo="how many values a grid takes of the range")
    return checked(name, span.at(np.linspace(0.0, 1.0, count)))


def check_base(config: Config) -> list[Any]:
    """Check the data as far as that needs no reading; return all that are asked for."""
    axes = config.axes.get("data")
    wanted = (
        list(axes) if axes else [p["data"] for p in config.points if "data" in p] or [config.base["data"]]
    )
    found: list[Any] = []
    for data in wanted:
        if not any(data is one or equal(data, one) for one in found):
            base = config.base
            check_data(data, path=base["data_path"], label=base["label"], group=base["group"])
            found.append(data)
    return found
