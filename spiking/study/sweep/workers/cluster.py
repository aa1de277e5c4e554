"""The same sweep on Dask: workers compute, this process keeps the ledger.

Data sets are sent once to each worker. A worker that dies takes no row with it: the scheduler gives its
points to another, and a row is in the ledger once, under the digest of its point.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from spiking.core.errors import SpikingError
from spiking.data.dataset import Dataset
from spiking.study.sweep.compute import Bench, Record, Training, data_key
from spiking.study.sweep.points.plan import Group, Plan, Spec
from spiking.study.sweep.store.ledger import Ledger
from spiking.study.sweep.workers.local import threads
from spiking.study.sweep.workers.work import Told, Worker, attempt, priced

PATIENCE = 10  # seconds until a scheduler that does not answer is given up
BATCH = 8  # evaluations of one training that travel together
PORT = 8786
LOCAL = "local"


def work_on(address: str, jobs: int) -> Callable[[Plan, Ledger, Told], None]:
    """Return how a plan is worked on by the scheduler at ``address``, or by ``jobs`` local Dask workers.

    Raises:
        SpikingError: Dask is missing, or nothing answers at the address.
    """
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise SpikingError(
            "--cluster needs Dask, which is not installed; run: pip install 'spikejoule[cluster]'"
        ) from None
    if address != LOCAL:
        with _client(address, jobs):
            pass  # it answers, so the work may begin

    def work(plan: Plan, ledger: Ledger, told: Told) -> None:
        with _client(address, jobs) as client:
            Cluster(plan, ledger, told, client).run()

    return work


@contextmanager
def _client(address: str, jobs: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    if address == LOCAL:
        with (
            threads(jobs),
            LocalCluster(
                n_workers=jobs, threads_per_worker=1, dashboard_address=None, silence_logs=logging.ERROR
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError, ImportError) as error:
        raise SpikingError(
            f"no Dask scheduler answers at {address} ({' '.join(str(error).split())[:120]}); start one with: "
            f"dask scheduler --port {PORT}, and workers with: dask worker tcp://HOST:{PORT}; or take "
            "--cluster local"
        ) from None
    with client:
        yield client


class Cluster:
    """Hands out what is left of a plan, and writes what comes back.

    Args:
        client: of ``dask.distributed``.
    """

    def __init__(self, plan: Plan, ledger: Ledger, told: Told, client: Any) -> None:
        self.plan, self.ledger, self.told, self.client = plan, ledger, told, client
        self.here = Worker(plan, ledger, told)
        self.data: dict[str, Any] = {}
        self.sent: dict[str, Any] = {}
        self.objects = client.scatter(dict(plan.objects), broadcast=True, hash=False)

    def run(self) -> None:
        """Work until nothing is left; what other processes have claimed is theirs, and is waited for."""
        from distributed import as_completed

        left = self.here.left()
        for kind in ("trainings", "evaluations"):
            self.ledger.refresh(kind)
        mine = [key for key in left if self.ledger.claims.take(key)]
        try:
            trained: dict[str, Any] = {}
            for key in dict.fromkeys(self.plan.evaluations[k]["training"] for k in mine):
                self._train(key, trained)
            waiting = {future: key for key, future in trained.items() if future is not None}
            batches = self._batches(mine, trained)
            for future, found in as_completed([*waiting, *batches], with_results=True, raise_errors=False):
                if future in waiting:
                    self._keep_training(waiting[future], _good(found))
                else:
                    self._keep(batches[future], _good(found))
                future.release()
                if self.ledger.due():
                    self.ledger.write()
        finally:
            self.ledger.commit()
        if len(mine) < len(left):
            self.here.run()

    def _samples(self, spec: Spec) -> Any:
        """The data of a training, sent to every worker when first needed."""
        key = data_key(spec)
        if key not in self.data:
            self.data[key] = self.client.scatter(self.here.bench.samples(spec), broadcast=True, hash=False)
        return self.data[key]

    def _train(self, key: str, trained: dict[str, Any]) -> None:
        """Submit a training and those it needs; None stands for one that is in the ledger."""
        if key in trained:
            return
        spec = self.plan.trainings[key]
        for need in spec["needs"].values():
            self._train(need, trained)
        if self.ledger.get("trainings", key) is not None:
            trained[key] = None
            return
        needs = {name: self._handed(need, trained) for name, need in spec["needs"].items()}
        trained[key] = self.client.submit(
            _trained, spec, self._samples(spec), needs, self.objects, key=f"train-{key}", pure=False
        )

    def _handed(self, key: str, trained: Mapping[str, Any]) -> Any:
        """A training for a worker: to come, or as it lies in the ledger."""
        if trained[key] is not None:
            return trained[key]
        facts = self.ledger.known["trainings"][key]
        if "error" in facts:
            return {"error": facts["error"]}
        if key not in self.sent:
            self.sent[key] = self.client.scatter(self.ledger.training(key), hash=False)
        return self.sent[key]

    def _batches(self, mine: list[str], trained: Mapping[str, Any]) -> dict[Any, list[str]]:
        """Submit the evaluations, a few of one training at a time."""
        by_training: dict[str, list[str]] = {}
        for key in mine:
            by_training.setdefault(self.plan.evaluations[key]["training"], []).append(key)
        found = {}
        for training, keys in by_training.items():
            spec = self.plan.trainings[training]
            handed = self._handed(training, trained)
            for k in range(0, len(keys), BATCH):
                part = keys[k : k + BATCH]
                known = [self.ledger.get("evaluations", e) for e in part]
                specs, groups = [self.plan.evaluations[e] for e in part], [self.here.open(e) for e in part]
                items = list(zip(specs, known, groups, strict=True))
                future = self.client.submit(
                    _tested, items, spec, self._samples(spec), handed, self.objects,
                    key=f"test-{part[0]}", pure=False,
                )  # fmt: skip
                found[future] = part
        return found

    def _keep_training(self, key: str, found: Training | Record) -> None:
        if isinstance(found, Training):
            self.ledger.put_training(key, found)
        else:
            self.ledger.put("trainings", key, found)

    def _keep(self, keys: list[str], found: Any) -> None:
        answers = found if isinstance(found, list) else [(found, None)] * len(keys)
        for key, (record, rows) in zip(keys, answers, strict=True):
            groups = self.here.open(key)
            self.ledger.put("evaluations", key, record)
            for group in groups:
                if not group.constants:
                    self.ledger.put("rows", group.key, record if rows is None else rows[group.key])
            self.told(sum(g.size for g in groups))


def _good(found: Any) -> Any:
    """A result, or the record of what went wrong outside of the work (a worker that was killed too often)."""
    if isinstance(found, tuple) and len(found) == 3 and isinstance(found[1], BaseException):
        found = found[1]
    if isinstance(found, BaseException):
        return {"error": " ".join(f"{type(found).__name__}: {found}".split())}
    return found


_BENCHES: dict[str, Bench] = {}


def _bench(spec: Spec, data: Dataset, objects: Mapping[str, Any]) -> Bench:
    """The bench of this worker; it keeps networks between batches, and takes the data that were sent."""
    key = repr(sorted(objects))
    bench = _BENCHES.setdefault(key, Bench(objects))
    bench.give(spec, data)
    return bench


def _trained(spec: Spec, data: Dataset, needs: Mapping[str, Any], objects: Mapping[str, Any]) -> Any:
    error = next((n for n in needs.values() if not isinstance(n, Training)), None)
    return error or attempt(_bench(spec, data, objects).train, spec, needs)


def _tested(
    items: list[tuple[Spec, Record | None, list[Group]]],
    training: Spec,
    data: Dataset,
    handed: Training | Record,
    objects: Mapping[str, Any],
) -> list[tuple[Record, dict[str, Record]]]:
    bench = _bench(training, data, objects)
    found = []
    for spec, known, groups in items:
        record = known
        if not isinstance(handed, Training):
            record = {"error": handed["error"]}
        elif record is None:
            record = attempt(bench.evaluate, spec, training, lambda: handed)
        single = [g for g in groups if not g.constants]
        found.append((record, {g.key: attempt(priced, bench, g, record) for g in single}))
    return found
