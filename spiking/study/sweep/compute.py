"""The work of one point, from data alone: train, build and test, price. No files or claims here."""

from __future__ import annotations

import tempfile
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from spiking.bridges import nir
from spiking.core.counts import Counts, count
from spiking.core.errors import require
from spiking.core.files import write_bytes
from spiking.core.network import Network
from spiking.core.progress import unwatched
from spiking.data.dataset import Dataset
from spiking.data.own import read_data
from spiking.hardware import Chip, load_chip, price
from spiking.hardware.design import Design
from spiking.hardware.effects import EFFECTS
from spiking.hardware.scaling import scale_chip
from spiking.hardware.verdict.accuracy import margin_of
from spiking.study.compare import fewer
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.search import in_order, search
from spiking.study.contenders.settings import Settings, settings_for
from spiking.study.contenders.task import CALIBRATION, Task, Trained
from spiking.study.designs import cheapest, explore, priced
from spiking.study.designs.deploy import TEST_SEED, tested
from spiking.study.designs.explore import has_fixed_point, potentials
from spiking.study.results.rows import row
from spiking.study.sweep.points.plan import Group, Spec

Record = dict[str, Any]
LARGEST_KEPT = 3  # data sets, trained networks and explorations that stay in memory at a time


class Kept:
    """The last few results of a function by key, so that points in a row share them."""

    def __init__(self, most: int = LARGEST_KEPT) -> None:
        self.most = most
        self.found: OrderedDict[str, Any] = OrderedDict()

    def get(self, key: str, make: Callable[[], Any]) -> Any:
        """Return what ``key`` stands for; ``make`` is called where it is not there."""
        if key not in self.found:
            self.found[key] = make()
            while len(self.found) > self.most:
                self.found.popitem(last=False)
        self.found.move_to_end(key)
        return self.found[key]


@dataclass(frozen=True, kw_only=True, eq=False)
class Training:
    """A trained contender as it is handed on: networks as ``.nir`` bytes, and facts as plain data."""

    original: bytes
    shipped: bytes
    facts: Record

    def trained(self) -> Trained:
        """The networks again."""
        original = from_bytes(self.original)
        same = self.original == self.shipped
        return Trained(
            original=original, network=original if same else from_bytes(self.shipped), how=self.facts["how"]
        )


class Bench:
    """Computes points; keeps the last data sets, networks and explorations.

    Args:
        objects: networks, chips and data sets that specifications only name.
    """

    def __init__(self, objects: Mapping[str, Any]) -> None:
        self.objects = objects
        self.data, self.networks, self.explored = Kept(), Kept(), Kept()
        self.peaks = Kept()

    def samples(self, spec: Spec) -> Dataset:
        """Return the data set of a training.

        Raises:
            SpikingError: it cannot be read, or holds no values.
        """
        found: Dataset = self.data.get(data_key(spec), lambda: self._read(spec))
        return found

    def give(self, spec: Spec, data: Dataset) -> None:
        """Take ``data`` for the data set of a training, so that it is not read here."""
        self.data.get(data_key(spec), lambda: data)

    def _read(self, spec: Spec) -> Dataset:
        given = self.objects.get(spec["data"], spec["data"])
        where = {"path": spec["data_path"], "label": spec["label"], "group": spec["group"]}
        found = read_data(given, **where, seed=spec["seed"])
        require(
            found.kind == "values",
            f"{found.name} holds {found.kind}; a sweep takes [samples, features] values",
        )
        require(len(found.x_train) > 0, f"{found.name} has no training samples; a sweep needs some")
        return fewer(found) if spec["quick"] else found

    def train(self, spec: Spec, needs: Mapping[str, Training]) -> Training:
        """Train a contender with the settings of ``compare``, changed by what the sweep says."""
        start = time.perf_counter()
        name = spec["contender"]
        if name in self.objects:
            ready, said = to_bytes(self.objects[name]), {"how": "a ready-made network", "seconds": 0.0}
            return Training(original=ready, shipped=ready, facts=said)
        contender, data = CONTENDERS[name], self.samples(spec)
        settings = settings_for(data.name, in_order([contender]))
        settings = _given(settings.quick() if spec["quick"] else settings, name, spec["given"])
        task = Task.of(data, settings, spec["seed"])
        words = ""
        if spec["budget"] and contender.tries and data.name not in contender.tuned and not spec["quick"]:
            line = in_order([contender])
            found = search(
                task, line, pinned=list(spec["given"]), budget=spec["budget"], watch=lambda _: None
            )
            task, words = replace(task, settings=found.settings), found.words(name)
        trained = contender.train(task.given({n: t.trained() for n, t in needs.items()}, unwatched))
        original = to_bytes(trained.original)
        same = trained.network is trained.original
        facts = {
            "how": trained.how, "search": words.strip(), "options": dict(task.settings.of(name)),
            "seconds": time.perf_counter() - start,
        }  # fmt: skip
        return Training(
            original=original, shipped=original if same else to_bytes(trained.network), facts=facts
        )

    def evaluate(self, spec: Spec, training: Spec, trained: Callable[[], Training]) -> Record:
        """Build a trained network as a design says, test it, and count; ``trained`` returns the network."""
        start = time.perf_counter()
        data = self.samples(training)
        known: Trained = self.networks.get(spec["training"], lambda: trained().trained())
        task = Task.of(data, Settings(options={}), training["seed"])
        if training["contender"] in self.objects:
            _fits(known.network, data)
        network, design, validation = self._built(spec, known, task)
        if validation is None:
            # as in compare: the spikes of validation samples are drawn apart from those of test samples
            validation = tested(network, task.x_validation, task.seed + 1).accuracy(task.y_validation)
        trace = tested(network, data.x_test, task.seed)
        right = np.asarray(trace.predictions == data.y_test)
        return {
            "design": design, "spiking": network.spiking, "still": _still(network),
            "correct": int(right.sum()), "samples": len(right), "right": np.packbits(right).tobytes().hex(),
            "validation": float(validation), "counts": count(network, trace).mean().to_dict(),
            "seconds": time.perf_counter() - start,
        }  # fmt: skip

    def _built(self, spec: Spec, known: Trained, task: Task) -> tuple[Network, Record | None, float | None]:
        """Network, choices of its design, and validation accuracy where it is known already."""
        plan, calibration = spec["design"], task.x[:CALIBRATION]
        network: Network
        if plan == "best":
            chip = self.chip(spec["where"])
            kind = "spiking" if known.network.spiking else "analog"
            if kind not in chip.runs:
                return known.network, None, None
            key = spec["training"]
            options = self.explored.get(key, lambda: self._explore(known, task))
            points = priced(options, chip, every=spec["where"].get("every"))
            best = cheapest(points, margin=margin_of(spec["margin"])).best
            return best.option.network, _words(best.design), best.accuracy
        if plan == "shipped":
            network, words = known.network, None
        else:
            design = _design(plan, known.original)
            peaks = None
            if known.original.spiking and design.state_bits is not None:
                peaks = self.peaks.get(
                    spec["training"], lambda: potentials(known.original, calibration, task.seed)
                )
            analog = None if known.original.spiking else calibration
            network, words = design.network(known.original, peaks=peaks, calibration=analog), _words(design)
        for k, (name, how) in enumerate(spec["effects"]):
            rng = np.random.default_rng([task.seed, spec["instance"], k])
            network = EFFECTS[name](network, rng, **how)
        return network, words, None

    def _explore(self, known: Trained, task: Task) -> Any:
        x, y = task.validation
        return explore(known.original, task.x[:CALIBRATION], x, y, seed=task.seed + 1 + TEST_SEED)

    def chip(self, spec: Spec) -> Chip:
        """The chip of a price, at its node and supply."""
        chip = self.objects.get(spec["chip"]) or load_chip(spec["chip"])
        if "node" not in spec:
            return chip
        supply = spec["vdd"] if spec["vdd"] is not None else usual_supply(spec["node"])
        return scale_chip(chip, spec["node"], supply)

    def rows(self, group: Group, record: Record) -> Record:
        """Price a group: columns of its rows, numbers where all rows share one, else arrays ``[points]``."""
        spec, spiking = group.price, record["spiking"]
        chip = self.chip(spec).with_values(**spec["constants"])
        words = "as shipped"
        if record["design"] is not None:
            design = Design(**{**record["design"], **spec.get("work", {})})
            require(
                design.schedule != "lazy" or not spiking or record["still"],
                "schedule is 'lazy', and units leak or have a bias: silent ones change too; use "
                "'step-outer' or 'neuron-stationary'",
            )
            chip, words = design.chip(chip, spiking=spiking), design.words(spiking=spiking)
        if group.constants:
            chip = chip.with_values(**{k.removeprefix("chip."): v for k, v in group.constants.items()})
        counts = _counts(record)
        bill = price(counts, chip, latency=spec.get("latency"), every=spec.get("every"))
        model = str(group.asked["contender"])
        made = row(
            model, str(group.asked["chip"]), correct=record["correct"], samples=record["samples"],
            counts=counts, bill=bill,
        )  # fmt: skip
        return {**made, "validation_accuracy": record["validation"], "design": words, **group.constants}


def data_key(spec: Spec) -> str:
    """What tells the data of trainings apart."""
    return repr([spec[k] for k in ("data", "data_path", "label", "group", "seed", "quick")])


def _counts(record: Record) -> Counts:
    return Counts.from_dict(record["counts"])


def usual_supply(node: str) -> float:
    """Supply [V] where none is given: between those of the generic chips of 45 and 7 nm, in log size."""
    large, small = load_chip("generic-45nm"), load_chip("generic-7nm")
    size = float(node.removeprefix("HP").removeprefix("LP"))
    ends = np.log([float(small.node_nm or 7), float(large.node_nm or 45)])
    return float(np.interp(np.log(size), ends, [float(small.vdd or 0), float(large.vdd or 0)]))


def _given(settings: Settings, name: str, given: Mapping[str, Any]) -> Settings:
    return settings.having(name, **given) if given else settings


def _design(words: Mapping[str, Any], network: Network) -> Design:
    """The design of a specification; its usual state is 16 bit where the units have a fixed-point form."""
    chosen = dict(words)
    if chosen.get("state_bits") == "usual":
        fixed = network.spiking and has_fixed_point(network)
        chosen["state_bits"] = Design().state_bits if fixed or not network.spiking else None
    return Design(**chosen)


def _words(design: Design) -> Record:
    return {f.name: getattr(design, f.name) for f in fields(design)}


def _still(network: Network) -> bool:
    """Whether units that nothing reaches stay as they are, so that the lazy schedule is exact."""
    return not any(
        p.unit.spiking and (p.unit.leaky or (p.bias is not None and bool(np.any(p.bias))))
        for p in network.populations
    )


def _fits(network: Network, data: Dataset) -> None:
    require(
        network.input_size == data.features,
        f"{network.name} takes {network.input_size} values, a sample of {data.name} has {data.features}; "
        "name the data it was trained on",
    )


def to_bytes(network: Network) -> bytes:
    """The ``.nir`` file of a network."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.nir"
        nir.save(network, path)
        return path.read_bytes()


def from_bytes(data: bytes) -> Network:
    """The network of a ``.nir`` file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.nir"
        write_bytes(path, data)
        return nir.load(path)
