"""From combinations to points: what must be trained, counted and priced, each once, named by its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.errors import require
from spiking.hardware import Chip, load_chip
from spiking.learn.fingerprint import digest
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.yours import chosen, ready_made
from spiking.study.sweep.points.axes import (
    CHANGES,
    FLOAT,
    PARAMETER,
    WORK,
    effect_names,
    has_option,
    takes,
    training_options,
)
from spiking.study.sweep.points.config import Config, Range
from spiking.study.sweep.points.space import Combination, combinations

Spec = dict[str, Any]
SNN_ONLY = ("state_bits", "decay", "bias", "read_after", "schedule", "input")
MLP_ONLY = ("value_bits", "zero_skip", "batch")
FIELDS = {"read_after": "steps"}  # axis -> field of Design, where they differ


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """Points of one network on one chip, priced in one call.

    Attributes:
        key: digest of all that the rows depend on. price: on which chip, and how.
        constants: constants of the chip in their units, ``[points]`` each; empty for a single point.
        asked: axis -> value of the axes that touch these points, for the rows.
    """

    key: str
    evaluation: str
    price: Spec
    constants: Mapping[str, NDArray[np.float64]]
    size: int
    asked: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Everything a sweep has to do.

    Attributes:
        trainings, evaluations: digest -> what is trained, or built and tested.
        groups: what is priced, in the order of the rows.
        objects: what a specification only names: networks, chips and data sets that came as such.
    """

    trainings: Mapping[str, Spec]
    evaluations: Mapping[str, Spec]
    groups: Sequence[Group]
    objects: Mapping[str, Any] = field(default_factory=dict)

    @property
    def points(self) -> int:
        """Number of rows."""
        return sum(g.size for g in self.groups)

    def of_evaluation(self) -> dict[str, list[Group]]:
        """The groups of each evaluation."""
        found: dict[str, list[Group]] = {key: [] for key in self.evaluations}
        for group in self.groups:
            found[group.evaluation].append(group)
        return found


def key_of(spec: Any) -> str:
    """Return the digest of plain data."""
    text = json.dumps(spec, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def plan(config: Config) -> Plan:
    """Return what a configuration asks for; what an axis does not touch is there once.

    Raises:
        SpikingError: an axis or a key of ``[base]`` that touches nothing, or choices that exclude each other.
    """
    made = Planner(config)
    for combination in combinations(config):
        made.add(combination)
    made.check()
    return made.plan()


def probes(config: Config, data: Sequence[Any]) -> Plan:
    """Return a plan of one point for each data set: the first value of every axis."""
    made = Planner(config)
    first = {n: v.low if isinstance(v, Range) else v[0] for n, v in config.axes.items()}
    for one in data:
        choices = first | ({"data": one} if "data" in first else {})
        made.add(Combination(choices=choices, constants={}, size=1))
    return made.plan()


class Planner:
    """Turns combinations into specifications, and drops what was there before."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.trainings: dict[str, Spec] = {}
        self.evaluations: dict[str, Spec] = {}
        self.groups: dict[str, Group] = {}
        self.objects: dict[str, Any] = {}
        self.chips: dict[str, tuple[Chip, str]] = {}
        self.marks: dict[tuple[Any, ...], tuple[str, set[str]]] = {}
        self.names: dict[int, str] = {}  # of objects that came, by identity
        self.touched: set[str] = set()
        self.given = {k for k, v in config.base.items() if v is not None and k not in _ALWAYS}

    def plan(self) -> Plan:
        """All that was added."""
        return Plan(
            trainings=self.trainings, evaluations=self.evaluations,
            groups=list(self.groups.values()), objects=self.objects,
        )  # fmt: skip

    def check(self) -> None:
        """Refuse axes and keys that touch no point."""
        names = [*self.config.names, *self.given]
        for name in names:
            require(
                name in self.touched,
                f"{name} has no effect on any contender and chip of this sweep; leave it out",
            )

    def add(self, combination: Combination) -> Group:
        """Return the group of a combination, new or as it was."""
        say = {**self.config.base, **combination.choices}
        for name in ("contender", "chip"):
            require(say[name] is not None, f"no {name} came; name one in [base], in [axes] or in each point")
        touched = {"data", "contender", "chip", "seed"}
        training = self._known_training(say, touched)
        evaluation = self._evaluation(say, training, touched)
        price, constants, size = self._price(say, combination, evaluation, touched)
        names = [n for n in (*self.config.names, *self.given) if n in touched and n not in constants]
        self.touched |= touched
        asked = {n: shown(say[n], n) for n in dict.fromkeys(["data", "contender", "chip", "seed", *names])}
        key = key_of([price, digest(dict(constants)) if constants else ""])
        group = Group(
            key=key, evaluation=price["evaluation"], price=price, constants=constants, size=size, asked=asked
        )
        return self.groups.setdefault(key, group)

    def _known_training(self, say: Mapping[str, Any], touched: set[str]) -> str:
        """The training of a combination; most share it with the one before."""
        values = [say.get(n) for n in ("contender", "data", "seed", "encoder", *training_options())]
        mark = tuple(v if isinstance(v, str | int | float | None) else id(v) for v in values)
        if mark not in self.marks:
            mine: set[str] = set()
            self.marks[mark] = self._training(say, mine), mine
        key, mine = self.marks[mark]
        touched |= mine
        return key

    def _training(self, say: Mapping[str, Any], touched: set[str]) -> str:
        contender = _contender(say["contender"], self.objects)
        data = self._named("data", say["data"])
        given: dict[str, Any] = {}
        for name in sorted({*training_options(), "encoder"}):
            if say.get(name) is not None and has_option(contender, name):
                given["code" if name == "encoder" else name] = say[name]
                touched.add(name)
        needs = CONTENDERS[contender].needs if contender in CONTENDERS else ()
        spec: Spec = {
            "contender": contender, "data": data, "seed": say["seed"], "quick": say["quick"],
            **{k: say[k] for k in ("data_path", "label", "group", "budget")},
            # what another contender is made from is trained once for all that need it
            "needs": {need: self._training({**say, "contender": need}, touched) for need in needs},
        }  # fmt: skip
        spec["given"] = {k: v for k, v in given.items() if has_option(contender, k, inherited=False)}
        touched |= {"quick", "data_path", "label", "group", "budget"}
        return self._kept(self.trainings, spec)

    def _evaluation(self, say: Mapping[str, Any], training: str, touched: set[str]) -> Spec:
        contender = self.trainings[training]["contender"]
        spiking = self._spiking(contender)
        effects = [
            e for n in ("effect", *effect_names()) for e in say.get(n) or [] if takes(*e, spiking=spiking)
        ]
        touched |= {n for n in ("effect", *effect_names()) if any(e in effects for e in say.get(n) or [])}
        mine = [n for n in (*CHANGES, *WORK) if say.get(n) is not None and n not in _foreign(spiking)]
        spec: Spec = {"training": training, "effects": effects}
        if effects:
            spec["instance"] = say.get("instance") or 0
            touched.add("instance")
        plan = say.get("design")
        if plan is not None:
            both = [n for n in (*CHANGES, *WORK) if say.get(n) is not None]
            require(
                not both, f"design and {', '.join(both)} came; a design says them all, give one of the two"
            )
            touched.add("design")
        if isinstance(plan, str) or (plan is None and not mine and not effects):
            spec["design"] = plan or "best"
            touched |= {"margin"} if spec["design"] == "best" else set()
            return spec
        words = dict(plan) if plan is not None else {FIELDS.get(n, n): say[n] for n in mine}
        if words.get("state_bits") == FLOAT:
            words["state_bits"] = None
        elif "state_bits" not in words:
            words["state_bits"] = None if effects else "usual"
        touched |= set(mine)
        spec["design"] = words
        return spec

    def _price(
        self, say: Mapping[str, Any], combination: Combination, evaluation: Spec, touched: set[str]
    ) -> tuple[Spec, dict[str, NDArray[np.float64]], int]:
        name = self._named("chip", say["chip"])
        if name not in self.chips:
            chip = self.objects[name] if name in self.objects else load_chip(name)
            self.chips[name] = chip, digest(chip)[:16]
        chip, content = self.chips[name]
        spec: Spec = {"chip": name, "content": content}
        components = chip.model == "components"
        if components and chip.node_nm == 45 and (say.get("node") or say.get("vdd")) is not None:
            spec |= {"node": say.get("node") or "45", "vdd": say.get("vdd")}
            touched |= {"node", "vdd"}
        for n in ("every", "latency"):
            if say.get(n) is not None:
                spec[n] = say[n]
                touched.add(n)
        # what only changes the work is a matter of the price, on machines that can be built so
        design = evaluation["design"]
        if isinstance(design, dict):
            work = {n: design[n] for n in WORK if n in design}
            spec["work"] = work if components else {}
            evaluation = {**evaluation, "design": {k: v for k, v in design.items() if k not in WORK}}
            if not components:
                touched -= set(WORK)
        elif design == "best" and components:
            where = {k: spec[k] for k in ("chip", "content", "node", "vdd", "every") if k in spec}
            evaluation = {**evaluation, "where": where, "margin": say["margin"]}
        else:  # a chip that is no component machine has a design of its own
            evaluation = {**evaluation, "design": "shipped"}
        spec["evaluation"] = self._kept(self.evaluations, evaluation)
        fixed = {n.removeprefix(PARAMETER): v for n, v in say.items() if n.startswith(PARAMETER)}
        spec["constants"] = {n: v for n, v in fixed.items() if n in chip.constants}
        constants = {
            n: v for n, v in combination.constants.items() if n.removeprefix(PARAMETER) in chip.constants
        }
        touched |= set(constants) | {PARAMETER + n for n in spec["constants"]}
        return spec, *_single(constants, combination.constants)

    def _spiking(self, contender: str) -> bool:
        if contender in CONTENDERS:
            return CONTENDERS[contender].spiking
        return bool(self.objects[contender].spiking)

    def _named(self, kind: str, value: Any) -> str:
        """The name of what came, which is kept beside the plan where it is no name."""
        if isinstance(value, str):
            return value
        if id(value) in self.names:
            return self.names[id(value)]
        content = digest(value) if isinstance(value, Chip | tuple) else value.checksum
        name = f"{kind}-{content[:16]}"
        self.objects[name] = value
        self.names[id(value)] = name
        return name

    @staticmethod
    def _kept(into: dict[str, Spec], spec: Spec) -> str:
        key = key_of(spec)
        into.setdefault(key, spec)
        return key


_ALWAYS = ("quick", "data", "contender", "chip", "seed", "budget", "margin", "data_path", "label", "group")


def _foreign(spiking: bool) -> tuple[str, ...]:
    return MLP_ONLY if spiking else SNN_ONLY


def _contender(value: Any, objects: dict[str, Any]) -> str:
    """Name of a contender; a ready-made network goes by its content."""
    if isinstance(value, str) and value in CONTENDERS:
        return value
    (one,) = chosen([value])
    network = ready_made(one)
    assert network is not None  # every contender without a name is one
    name = f"{one.name}-{digest(network)[:16]}"
    objects[name] = network
    return name


def _single(
    constants: dict[str, NDArray[np.float64]], all_of_them: Mapping[str, NDArray[np.float64]]
) -> tuple[dict[str, NDArray[np.float64]], int]:
    """The constants that a chip has, equal points once where it lacks some of those that vary."""
    if not constants:
        return {}, 1
    if len(constants) < len(all_of_them):
        table = np.unique(np.stack(list(constants.values())), axis=1)
        constants = dict(zip(constants, table, strict=True))
    return constants, len(next(iter(constants.values())))


def shown(value: Any, name: str = "") -> Any:
    """A value of the axis ``name`` in a table; of an effect with one parameter that parameter alone."""
    if name in effect_names() and len(value) == len(value[0][1]) == 1:
        return next(iter(value[0][1].values()))
    if isinstance(value, tuple):  # samples and labels that came as arrays
        return "yours"
    if isinstance(value, list | dict):
        return "; ".join(_effect(e) for e in value) if isinstance(value, list) else json.dumps(value)
    return getattr(value, "name", value) if not isinstance(value, str | int | float) else value


def _effect(entry: Any) -> Any:
    name, how = entry
    return f"{name}({', '.join(f'{k}={v}' for k, v in how.items())})"
