"""What can be varied, and which values each axis takes: checked by name before any work."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from spiking.core import check
from spiking.core.coding.named import encoder_named
from spiking.core.errors import SpikingError, require, unknown
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Linear, ReLU
from spiking.hardware import Chip, load_chip
from spiking.hardware.design import Design
from spiking.hardware.effects import EFFECTS
from spiking.hardware.scaling import logic_energy
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.yours import chosen
from spiking.study.designs.deploy import plan_of

CODES = ("latency", "rate")  # words of the surrogate contender; any encoder by name besides
FLOAT = "float"  # a state that is no fixed-point number; TOML has no word for "none"
CHANGES = ("weight_bits", "value_bits", "state_bits", "decay", "bias", "read_after")  # of the answers
WORK = ("schedule", "zero_skip", "weight_format", "input", "batch")  # of the work alone
PRICED = ("chip", "node", "vdd", "every", "latency", *WORK)
PARAMETER = "chip."  # chip.NAME: a constant of the chip, in its unit


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One thing that can be varied.

    Attributes:
        level: what a new value needs: ``"training"``, ``"evaluation"`` or ``"price"``.
        check: returns the value as it is used, or raises.
    """

    name: str
    level: str
    check: Callable[[Any], Any]


def axis_names() -> list[str]:
    """Names of all axes, but for those of the constants of chips (``chip.NAME``)."""
    design = [*CHANGES, *WORK]
    own = ["data", "contender", "seed", "encoder", "design", "effect", "instance", *PRICED[:5]]
    return sorted({*own, *design, *training_options(), *effect_names()})


def axis(name: str) -> Axis:
    """Return the axis called ``name``.

    Raises:
        SpikingError: there is none, with the nearest.
    """
    if name.startswith(PARAMETER):
        return Axis(name=name, level="price", check=lambda v: check.number(name, v, 0))
    if name in _OWN:
        level, checked = _OWN[name]
        return Axis(name=name, level=level, check=checked)
    if name in (*CHANGES, *WORK):
        level = "evaluation" if name in CHANGES else "price"
        return Axis(name=name, level=level, check=lambda v: _design(name, v))
    if name in effect_names():
        return Axis(name=name, level="evaluation", check=lambda v: [effect_named(name, v)])
    if name in training_options():
        return Axis(name=name, level="training", check=lambda v: _option(name, v))
    raise unknown("axis", name, axis_names(), "or chip.NAME for a constant of a chip")


def effect_names() -> tuple[str, ...]:
    """Names of the device effects."""
    return EFFECTS.names()


@cache
def training_options() -> dict[str, tuple[Any, ...]]:
    """Options of the contenders' trainings with the values known of each; ``encoder`` stands for the code."""
    found: dict[str, list[Any]] = {}
    for name in CONTENDERS.names():
        c = CONTENDERS[name]
        for options in (c.defaults, *c.tuned.values()):
            for key, value in options.items():
                found.setdefault(key, []).append(value)
        for key, values in c.tries.items():
            found.setdefault(key, []).extend(values)
    for taken in ("code", *WORK):  # "encoder", and the schedule of the work, not that of the learning rate
        found.pop(taken, None)
    return {key: tuple(values) for key, values in found.items()}


def has_option(contender: str, option: str, *, inherited: bool = True) -> bool:
    """Whether the training of a contender has this option; ``inherited``: or of one it is made from."""
    if contender not in CONTENDERS:
        return False
    c = CONTENDERS[contender]
    key = "code" if option == "encoder" else option
    mine = key in c.defaults or key in c.tries or any(key in options for options in c.tuned.values())
    return mine or (inherited and any(has_option(need, option) for need in c.needs))


def _option(name: str, value: Any) -> Any:
    known = training_options()[name]
    if name in ("hidden", "steps"):
        return check.whole(name, value, 1, 100_000)
    if all(isinstance(k, str) for k in known):
        return check.choice(name, value, dict.fromkeys(known))
    if all(isinstance(k, int) for k in known):
        return check.whole(name, value, 1)
    return check.number(name, value, 0)


def _design(name: str, value: Any) -> Any:
    if name == "state_bits" and value == FLOAT:
        return FLOAT
    field = "steps" if name == "read_after" else name
    Design(**{field: value})
    return value


def _encoder(value: Any) -> str:
    if value not in CODES:
        try:
            encoder_named(value)
        except SpikingError as error:
            raise SpikingError(f"encoder: {error}; or {' or '.join(CODES)}") from None
    return str(value)


def _contender(value: Any) -> Any:
    chosen([value])  # raises for what is neither a name nor a file
    return value if isinstance(value, Network) else str(value)


def _plan(value: Any) -> Any:
    plan = plan_of(value)
    return {f.name: getattr(plan, f.name) for f in fields(Design)} if isinstance(plan, Design) else plan


def _chip(value: Any) -> Any:
    if isinstance(value, Chip):
        return value
    load_chip(value)
    return str(value)


def _node(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
    logic_energy(text, 0.9)
    return text


def _vdd(value: Any) -> float:
    logic_energy("45", value)  # refuses what the fits do not hold for
    return float(value)


def _effects(value: Any) -> list[list[Any]]:
    entries = [value] if isinstance(value, str | dict) else value
    require(
        isinstance(entries, list | tuple),
        f"effect is {value!r}; allowed: a list of tables such as {{name = {effect_names()[0]!r}, ...}}",
    )
    found = []
    for entry in entries:
        words = {"name": entry} if isinstance(entry, str) else dict(entry)
        require("name" in words, f"the effect {entry!r} has no name; write name = {effect_names()[0]!r}")
        name = words.pop("name")
        EFFECTS[name]  # raises for an unknown one
        found.append(effect_named(name, words))
    return found


def effect_named(name: str, value: Any) -> list[Any]:
    """Return ``[name, parameters]`` of an effect; a bare value is that of its first parameter.

    Raises:
        SpikingError: an unknown parameter, or a value that the effect refuses of every network.
    """
    known = _parameters(EFFECTS[name])
    if isinstance(value, dict):
        how = dict(value)
    else:
        first = next((k for k in known), None)
        require(
            first is not None, f"the effect {name!r} has no parameter; {value!r} came, write a table {{}}"
        )
        how = {str(first): value}
    for key in how:
        if known and key not in known:
            raise unknown(f"parameter of the effect {name!r}", key, known)
    if not takes(name, how, spiking=True) and not takes(name, how, spiking=False):
        raise SpikingError(f"{name}: {_refusal(name, how)}")
    return [name, how]


def _parameters(effect: Callable[..., Any]) -> list[str]:
    """Keyword parameters of an effect, those without a default first; empty where it takes any."""
    found = [p for p in inspect.signature(effect).parameters.values() if p.kind is p.KEYWORD_ONLY]
    return [p.name for p in sorted(found, key=lambda p: p.default is not p.empty)]


def takes(name: str, how: dict[str, Any], *, spiking: bool) -> bool:
    """Whether the effect acts on networks of this kind at all (tried on a tiny one)."""
    if any(isinstance(v, list | tuple | dict) for v in how.values()):
        return True  # it may name parts that the tiny network lacks
    return _refusal(name, how, spiking) == ""


def _refusal(name: str, how: dict[str, Any], spiking: bool = True) -> str:
    return _refused(name, tuple(how.items()), spiking)


@cache
def _refused(name: str, how: tuple[tuple[str, Any], ...], spiking: bool) -> str:
    try:
        EFFECTS[name](_tiny(spiking), np.random.default_rng(0), **dict(how))
    except (SpikingError, TypeError) as error:
        return str(error)
    return ""


@cache
def _tiny(spiking: bool) -> Network:
    if spiking:
        return Network.dense([4, 4, 2], hidden=LIF(tau_mem=20e-3), readout=LI(tau_mem=20e-3), steps=4)
    return Network.dense([4, 4, 2], hidden=ReLU(), readout=Linear())


def _instance(value: Any) -> int:
    return check.whole("instance", value, 0)


def _positive(name: str) -> Callable[[Any], float]:
    return lambda value: check.number(name, value, 0, open_low=True, unit="s")


def _data(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


_OWN: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "data": ("training", _data),
    "contender": ("training", _contender),
    "seed": ("training", check.seed),
    "encoder": ("training", _encoder),
    "design": ("evaluation", _plan),
    "effect": ("evaluation", _effects),
    "instance": ("evaluation", _instance),
    "chip": ("price", _chip),
    "node": ("price", _node),
    "vdd": ("price", _vdd),
    "every": ("price", _positive("every")),
    "latency": ("price", _positive("latency")),
}


def equal(a: Any, b: Any) -> bool:
    """Whether two values of an axis are the same; objects such as data sets only with themselves."""
    plain = (str, int, float, list, dict)
    return a is b or (isinstance(a, plain) and isinstance(b, plain) and a == b)


def checked(name: str, values: Iterable[Any]) -> list[Any]:
    """Return the values of an axis as they are used; of equal ones the first.

    Raises:
        SpikingError: one that the axis does not take.
    """
    one = axis(name)
    known: dict[Any, Any] = {}
    for value in values:
        good = one.check(value)
        plain = isinstance(good, str | int | float | list | dict)
        known.setdefault(json.dumps(good, sort_keys=True) if plain else id(good), good)
    found = list(known.values())
    require(bool(found), f"the axis {name!r} has no value; give at least one, or leave it out")
    return found
