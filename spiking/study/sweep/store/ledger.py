"""The ledger of a sweep: what is known of every point, in files that are only ever added.

A record is done when the file that holds it has been flushed and renamed into place. Records that are
finished within a quarter of a second share a file, so that waiting for the disk costs little per point; those
of a process that is killed before its file is in place were never done, and are computed again. Files are
named by their content, so that several processes never write to the same one.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from spiking.core.files import write_bytes
from spiking.study.sweep.compute import Training
from spiking.study.sweep.store.claims import Claims

TOGETHER = 0.25  # seconds in which finished records share a file
MANY = 64  # files of one kind after which a new process merges them
KINDS = ("rows", "evaluations", "trainings")
SUFFIX = ".jsonl"
MERGING = "merge"  # claim of the process that merges files

Record = dict[str, Any]


class Ledger:
    """Rows, evaluations and trainings by their digests, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.claims = Claims(folder / "claims")
        self.known: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
        self.read: dict[str, set[str]] = {kind: set() for kind in KINDS}
        self.waiting: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
        self.since = time.monotonic()

    def place(self, kind: str) -> Path:
        """Folder of the files of one kind."""
        return self.folder / "ledger" / kind

    def refresh(self, kind: str) -> None:
        """Read the files that came since."""
        with suppress(FileNotFoundError):
            for name in set(os.listdir(self.place(kind))) - self.read[kind]:
                if name.endswith(SUFFIX):
                    with suppress(FileNotFoundError):  # merged into another by now, which is there too
                        self._take(kind, self.place(kind) / name)

    def _take(self, kind: str, path: Path) -> None:
        data = path.read_bytes()
        known = self.known[kind]
        for line in json.loads(b"[" + b",".join(data.splitlines()) + b"]"):
            known.setdefault(line[0], line[1])
        self.read[kind].add(path.name)

    def get(self, kind: str, key: str) -> Record | None:
        """Return a record that was read or put; None where there is none."""
        return self.known[kind].get(key)

    def find(self, kind: str, key: str) -> Record | None:
        """Return a record, after another look at the files where it is not there."""
        if key not in self.known[kind]:
            self.refresh(kind)
        return self.get(kind, key)

    def put(self, kind: str, key: str, record: Record) -> None:
        """Keep a record; it is done with the next :meth:`commit`."""
        self.known[kind][key] = self.waiting[kind][key] = record

    def put_training(self, key: str, training: Training) -> None:
        """Write the networks of a training, then its record."""
        write_bytes(self._network(key, "original"), training.original)
        if training.shipped != training.original:
            write_bytes(self._network(key, "shipped"), training.shipped)
        self.put("trainings", key, training.facts | {"shipped": training.shipped != training.original})

    def training(self, key: str) -> Training:
        """Read a training that is done."""
        facts = self.known["trainings"][key]
        original = self._network(key, "original").read_bytes()
        shipped = self._network(key, "shipped").read_bytes() if facts["shipped"] else original
        return Training(original=original, shipped=shipped, facts=facts)

    def _network(self, key: str, which: str) -> Path:
        return self.folder / "networks" / key[:2] / f"{key}.{which}.nir"

    def due(self) -> bool:
        """Whether records wait for longer than they may."""
        return time.monotonic() - self.since > TOGETHER

    def commit(self) -> None:
        """Write what waits, and give back the claims.

        Raises:
            SpikingError: the files cannot be written (a full disk); what was done before stays done.
        """
        self.write()
        self.claims.release()

    def write(self) -> None:
        """Write what waits, evaluations before the rows that rest on them; the claims stay."""
        for kind in ("trainings", "evaluations", "rows"):
            if self.waiting[kind]:
                self._write(kind, self.waiting[kind])
                self.waiting[kind] = {}
        self.since = time.monotonic()

    def _write(self, kind: str, records: Mapping[str, Record]) -> str:
        text = "".join(f"{json.dumps(item, separators=(',', ':'))}\n" for item in records.items())
        data = text.encode()
        name = f"{hashlib.sha256(data).hexdigest()[:32]}{SUFFIX}"
        write_bytes(self.place(kind) / name, data)
        self.read[kind].add(name)
        return name

    def merge(self, kind: str) -> None:
        """Put the records of many files into one, so that the next process starts quickly."""
        self.refresh(kind)
        if len(self.read[kind]) < MANY or not self.claims.take(MERGING):
            return
        self.refresh(kind)
        new = self._write(kind, self.known[kind])
        for name in self.read[kind] - {new}:
            (self.place(kind) / name).unlink(missing_ok=True)
        self.read[kind] = {new}
        self.claims.release()
