"""From a configuration to a table of rows, through a folder that any process can go on with."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from spiking.core.errors import SpikingError, require
from spiking.core.files import write_json
from spiking.core.process import stop
from spiking.core.progress import Progress, Watch
from spiking.study.record.folder import ADVICE, check_out
from spiking.study.record.manifest import manifest, versions
from spiking.study.sweep.compute import Bench
from spiking.study.sweep.estimate import Estimate, estimate
from spiking.study.sweep.points.config import Config, check_base, read_config
from spiking.study.sweep.points.plan import Plan, key_of, plan, probes
from spiking.study.sweep.store.ledger import KINDS, Ledger
from spiking.study.sweep.table import table, write
from spiking.study.sweep.workers.local import work_here, work_in
from spiking.study.sweep.workers.work import Told

MARK = "sweep.json"  # tells the folder of a sweep, and which one
A_RECORD = 20_000  # bytes of disk that a point and its evaluation may take
A_NETWORK = 8_000_000  # bytes of disk that the networks of a training may take
Source = str | Path | Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Sweep:
    """A configuration with its folder and its plan, checked and ready to start.

    Attributes:
        identity: digest of all that the points depend on; a folder belongs to one.
    """

    config: Config
    folder: Path
    identity: str

    @classmethod
    def of(cls, source: Source, out: str | Path | None = None, *, search: bool = False) -> Sweep:
        """Read, check and plan; nothing is written.

        Args:
            search: the axes are to be searched; the plan then holds one point for each data set.

        Raises:
            SpikingError: whatever is wrong with the configuration, its data or the folder.
        """
        config = read_config(source, search=search)
        data = check_base(config)
        identity = key_of([config.plain(), versions()["spikejoule"]])
        name = f"sweep-{identity[:8]}" if isinstance(source, Mapping) else Path(source).stem
        folder = Path(out) if out is not None else Path("runs") / name
        check_out(folder, "sweep", marks=[MARK])
        _same(folder, identity)
        made = cls(config=config, folder=folder, identity=identity)
        if search:
            made.__dict__["plan"] = probes(config, data)
        elif not (folder / MARK).exists():
            _ = made.plan  # what is wrong with it is said before any work
        return made

    @cached_property
    def plan(self) -> Plan:
        """Everything there is to do."""
        return plan(self.config)

    def finished(self) -> pd.DataFrame | None:
        """The rows of a sweep that has ended; None where something is left to do."""
        try:
            facts = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
            rows = json.loads((self.folder / "rows.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        whole = facts.get("identity") == self.identity and facts.get("points") == len(rows)
        return pd.DataFrame(rows) if whole and (self.folder / "rows.csv").exists() else None

    def ledger(self) -> Ledger:
        """The ledger with all that is in it."""
        found = Ledger(self.folder)
        for kind in KINDS:
            found.refresh(kind)
        return found

    def estimate(self) -> Estimate:
        """How much there is to do."""
        ledger = self.ledger()
        return estimate(self.plan, ledger, done=_done(self.plan, ledger))

    def run(self, work: Callable[[Plan, Ledger, Told], None], watch: Watch) -> pd.DataFrame:
        """Do what is left, and write the rows.

        Args:
            work: does what is left of a plan, and says after each point how many are finished.
        """
        start = time.perf_counter()
        finished = self.finished()
        if finished is not None:
            whole = len(finished)
            watch(Progress(stage="sweep", done=whole, total=whole, unit="points"))
            return finished
        ledger = Ledger(self.folder)
        ledger.refresh("rows")
        facts = self.begin(ledger)
        event = Progress(stage="sweep", done=_done(self.plan, ledger), total=self.plan.points, unit="points")
        watch(event)
        done = event.done

        def told(more: int) -> None:
            nonlocal done
            done = min(done + more, event.total)
            watch(Progress(stage="sweep", done=done, total=event.total, unit="points"))

        if event.done < event.total:
            work(self.plan, ledger, told)
            ledger.refresh("rows")
            ledger.refresh("evaluations")
        rows = table(self.plan, ledger)
        told(event.total)
        self.end(rows, facts, time.perf_counter() - start)
        return rows

    def end(self, rows: pd.DataFrame, facts: Mapping[str, Any], seconds: float) -> None:
        """Leave the rows and the manifest in the folder."""
        stop.check()
        plain = self.config.plain()
        made = manifest("sweep", configuration=plain, data=facts, seconds={"this process": seconds})
        counts = {"points": len(rows), "failed": int((rows["error"] != "").sum())}
        counts |= {f"{level}s": int(rows[level].nunique()) for level in ("evaluation", "training")}
        write(self.folder, rows, made | {"identity": self.identity, **counts})
        stop.placed(str(self.folder))

    def begin(self, ledger: Ledger) -> dict[str, Any]:
        """Make the folder, unless it is there, and check that the data are those of its first process."""
        mark = self.folder / MARK
        if mark.exists() and _done(self.plan, ledger) == self.plan.points:
            return _facts(mark)
        found = {spec["data"]: spec for spec in reversed(list(self.plan.trainings.values()))}
        now = {name: Bench(self.plan.objects).samples(spec).facts() for name, spec in found.items()}
        if mark.exists():  # now, if not before: another process may have begun meanwhile
            facts = _facts(mark)
            for name, one in now.items():
                require(
                    facts[name]["checksum"] == one["checksum"],
                    f"{name} has changed since {self.folder} was started (its checksum differs); {ADVICE}",
                )
        else:
            _room(self.folder, self.plan)
            self.folder.mkdir(parents=True, exist_ok=True)
            words = {"kind": "spiking sweep", "identity": self.identity, "configuration": self.config.plain()}
            write_json(mark, words | {"data": now})
        for kind in KINDS:
            ledger.merge(kind)
        return now


def worker(jobs: int, cluster: str | None, folder: Path) -> Callable[[Plan, Ledger, Told], None]:
    """How the work is done: here, in several processes, or on a cluster."""
    if cluster is not None:
        from spiking.study.sweep.workers.cluster import work_on

        there: Callable[[Plan, Ledger, Told], None] = work_on(cluster, jobs)
        return there
    if jobs == 1:
        return work_here
    return lambda plan, ledger, told: work_in(jobs, plan, folder, told)


def _done(plan: Plan, ledger: Ledger) -> int:
    rows, evaluations = ledger.known["rows"], ledger.known["evaluations"]
    return sum(g.size for g in plan.groups if (g.evaluation in evaluations if g.constants else g.key in rows))


def _facts(mark: Path) -> dict[str, Any]:
    """What the first process said of the data."""
    facts: dict[str, Any] = json.loads(mark.read_text(encoding="utf-8"))["data"]
    return facts


def _same(folder: Path, identity: str) -> None:
    mark = folder / MARK
    if not mark.exists():
        return
    try:
        held = json.loads(mark.read_text(encoding="utf-8"))["identity"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SpikingError(f"{mark} cannot be read ({error}); {ADVICE}") from None
    require(
        held == identity,
        f"--out {folder} holds another sweep (other configuration, or made by another version); {ADVICE}",
    )


def _room(folder: Path, plan: Plan) -> None:
    """Refuse a disk that cannot hold the ledger."""
    there = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
    needed = A_NETWORK * len(plan.trainings) + A_RECORD * len(plan.groups)
    free = shutil.disk_usage(there).free
    require(
        free >= needed,
        f"{there} has {free / 1e6:.0f} MB left, and the sweep may take {needed / 1e6:.0f} MB; make room, or "
        "name another --out",
    )
