"""``kill -9`` at random moments: no row lost, doubled or torn; the finished sweep is the undisturbed one."""

import json
import multiprocessing
import os
import random
import signal
import time

import pytest

import spiking
from spiking.study.sweep.compute import Bench
from spiking.study.sweep.store.ledger import KINDS, Ledger
from tests.study.sweep.small import base

AXES = {
    "contender": ["surrogate", "mlp"],
    "steps": [2, 3],
    "weight_bits": [3, 4, 5, 6, 7, 8],
    "chip": ["generic-45nm", "loihi1"],
    "every": [0.1, 0.2, 0.3],
}
KILLS = 5

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that start at once (fork)")


def work(out):
    spiking.sweep({"base": base(), "axes": AXES}, out=out)


def whole(folder):
    """Every record of a ledger by kind and digest; raises where a file is torn."""
    ledger = Ledger(folder)
    for kind in KINDS:
        ledger.refresh(kind)
    return ledger.known


def test_kills_lose_double_and_tear_nothing(tmp_path):
    start = time.monotonic()
    work(tmp_path / "undisturbed")
    longest = time.monotonic() - start
    chance = random.Random(0)
    context = multiprocessing.get_context("fork")
    out = tmp_path / "disturbed"
    before = {kind: {} for kind in KINDS}
    for _ in range(KILLS):
        process = context.Process(target=work, args=(out,))
        process.start()
        time.sleep(chance.uniform(0, 0.3 * longest))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        if out.exists():
            now = whole(out)
            for kind in KINDS:  # what was done stays done, word for word
                assert {k: now[kind].get(k) for k in before[kind]} == before[kind]
            before = now
    work(out)
    for name in ("rows.csv", "rows.json"):
        assert (out / name).read_bytes() == (tmp_path / "undisturbed" / name).read_bytes()
    assert not list(out.rglob(".*.spiking"))
    points = [row["point"] for row in json.loads((out / "rows.json").read_text())]
    assert len(points) == len(set(points)) == 3 * 6 * 2 * 3


def test_two_processes_at_once_compute_nothing_twice(tmp_path):
    """Each record is written by one of the two, so that no line stands in two files."""
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=work, args=(tmp_path / "s",)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
        assert process.exitcode == 0
    for kind in KINDS:
        files = (tmp_path / "s" / "ledger" / kind).glob("*.jsonl")
        keys = [json.loads(line)[0] for f in files for line in f.read_text().splitlines()]
        assert len(keys) == len(set(keys))


def test_a_folder_begun_while_another_process_reads_its_data_is_shared(tmp_path, monkeypatch):
    """The other one makes the folder after this one has seen that there is none."""
    small = {"base": base(), "axes": {"contender": ["mlp"], "weight_bits": [4, 8]}}
    samples, begun = Bench.samples, []

    def late(self, spec):
        if not begun:
            begun.append(True)
            begun.append(spiking.sweep(small, out=tmp_path / "s"))
        return samples(self, spec)

    monkeypatch.setattr(Bench, "samples", late)
    rows = spiking.sweep(small, out=tmp_path / "s")
    assert rows.equals(begun[1])
