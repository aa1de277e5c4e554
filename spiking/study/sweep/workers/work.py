"""One process at work on a sweep: it takes what nobody else has, and writes what it finds to the ledger."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from spiking.core.errors import SpikingError, Unwritable
from spiking.study.sweep.compute import Bench, Record, Training
from spiking.study.sweep.points.plan import Group, Plan
from spiking.study.sweep.store.ledger import Ledger

WAIT = 0.05  # seconds between two looks at what others do
Told = Callable[[int], None]  # how many points were finished just now


class Worker:
    """Works on a plan until every point of it is done, here or elsewhere.

    Args:
        told: called with the number of points finished since it was last called.
        parent: process whose end ends the work; None: no such process.
    """

    def __init__(self, plan: Plan, ledger: Ledger, told: Told, parent: int | None = None) -> None:
        self.plan, self.ledger, self.told, self.parent = plan, ledger, told, parent
        self.bench = Bench(plan.objects)
        self.groups = plan.of_evaluation()

    def run(self) -> None:
        """Work until nothing is left.

        Raises:
            SpikingError: the ledger cannot be written.
        """
        try:
            self._run()
        except KeyboardInterrupt:  # what is finished is kept
            self.ledger.commit()
            raise

    def left(self) -> list[str]:
        """Evaluations with points that are not done."""
        kinds = ("rows", "evaluations") if any(g.constants for g in self.plan.groups) else ("rows",)
        for kind in kinds:
            self.ledger.refresh(kind)
        return [key for key in self.plan.evaluations if self.open(key)]

    def _run(self) -> None:
        left = self.left()
        if left:
            for kind in ("trainings", "evaluations"):
                self.ledger.refresh(kind)
        while left:
            later = []
            for key in left:
                self._orphaned()
                if self._point(key):
                    if self.ledger.due():
                        self.ledger.commit()
                else:
                    later.append(key)
            self.ledger.commit()
            if len(later) == len(left):
                time.sleep(WAIT)
            left = self.left() if later else []

    def finish(self, group: Group) -> None:
        """Have one group done, which the plan need not have held before; here or elsewhere."""
        mine = self.groups.setdefault(group.evaluation, [])
        if all(group.key != g.key for g in mine):
            mine.append(group)
        while self.open(group.evaluation):
            if not self._point(group.evaluation):
                time.sleep(WAIT)
                self.ledger.refresh("rows")
        self.ledger.commit()

    def _orphaned(self) -> None:
        if self.parent is not None and os.getppid() != self.parent:
            self.ledger.commit()
            raise SystemExit(1)

    def open(self, key: str) -> list[Group]:
        """The groups of an evaluation that nobody has finished."""
        return [g for g in self.groups[key] if not self._done(g)]

    def _done(self, group: Group) -> bool:
        if group.constants:  # pricing them again is quicker than reading them
            return self.ledger.get("evaluations", group.evaluation) is not None
        return self.ledger.get("rows", group.key) is not None

    def _point(self, key: str) -> bool:
        """Finish the groups of an evaluation; False where another process is at it, or at its training."""
        claims = self.ledger.claims
        if not claims.take(key):
            return False
        self.ledger.refresh("rows")  # it may have been finished between the last look and the claim
        todo = self.open(key)
        if not todo:
            return True
        record = self.ledger.find("evaluations", key)
        if record is None:
            made = self._evaluation(key)
            if made is None:
                return False
            record = made
        for group in todo:
            if not group.constants:
                self.ledger.put(
                    "rows", group.key, attempt(lambda g=group, r=record: priced(self.bench, g, r))
                )
        self.told(sum(g.size for g in todo))
        return True

    def _evaluation(self, key: str) -> Record | None:
        spec = self.plan.evaluations[key]
        training = spec["training"]
        if not self._training(training):
            return None
        facts = self.ledger.known["trainings"][training]
        if "error" in facts:
            record: Record = {"error": facts["error"]}
        else:
            work = self.plan.trainings[training]
            record = attempt(self.bench.evaluate, spec, work, lambda: self.ledger.training(training))
        self.ledger.put("evaluations", key, record)
        return record

    def _training(self, key: str) -> bool:
        """Have a training done; False where another process is at it."""
        ledger = self.ledger
        if ledger.find("trainings", key) is not None:
            return True
        if not ledger.claims.take(key):
            return False
        if ledger.find("trainings", key) is not None:
            return True
        spec = self.plan.trainings[key]
        if not all(self._training(need) for need in spec["needs"].values()):
            return False
        facts = {need: ledger.known["trainings"][k] for need, k in spec["needs"].items()}
        error = next((f["error"] for f in facts.values() if "error" in f), None)
        if error is None:
            needs = {need: ledger.training(k) for need, k in spec["needs"].items()}
            made: Training | Record = attempt(self.bench.train, spec, needs)
        else:
            made = {"error": error}
        if isinstance(made, Training):
            ledger.put_training(key, made)
        else:
            ledger.put("trainings", key, made)
        ledger.write()  # others wait for it
        return True


def attempt(work: Callable[..., Any], *given: Any) -> Any:
    """Do the work; where it fails, a record of the error, so that other points go on.

    Raises:
        Unwritable: a full disk is no property of the point, and the point is tried again by the next run.
    """
    try:
        return work(*given)
    except Unwritable:
        raise
    except SpikingError as error:
        return {"error": " ".join(str(error).split())}
    except Exception as error:  # whatever a point does, the others go on
        return {"error": " ".join(f"{type(error).__name__}: {error}".split())}


def priced(bench: Bench, group: Group, record: Record) -> Record:
    """The rows of a group, or the error of what they rest on."""
    return dict(record) if "error" in record else bench.rows(group, record)
