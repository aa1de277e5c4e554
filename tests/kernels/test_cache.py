"""Compiled code kept between processes: never stale, never in the way, shared without harm."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from spiking.kernels import cache

ROOT = Path(__file__).parents[2]
# one compiled loop with inlined equations: v' = 0.5 v + 0.25 (0.5 u + x) + 0.5 * v_leak, by docs/model.md
SCRIPT = """
import numpy as np
from spiking.kernels.stdp_step import charge_current
from spiking.kernels.stdp_types import Cell
cell = Cell(True, 0.5, 0.25, 0.0, 0.0, 9.0, 0.0, 0.0, 0.5, 0.5, 0.0, 1.0, 0)
v, u, x = np.full(1, 2.0), np.full(1, 4.0), np.full(1, 6.0)
charge_current(v, u, x, np.full(1, 9.0), cell)
print(v[0], sum(charge_current.stats.cache_hits.values()))
"""
FRESH, AGAIN = "3.0 0", "3.0 1"  # 0.5 * 2 + 0.25 * (0.5 * 4 + 6): the value, and how often the cache was hit


def start(folder, source=ROOT, **environment):
    env = {**os.environ, "PYTHONPATH": str(source), "SPIKING_CACHE": str(folder), **environment}
    command = [sys.executable, "-P", "-c", SCRIPT]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def answer(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out.strip(), err


def test_an_edited_equation_is_compiled_anew_and_an_earlier_one_found_again(tmp_path):
    shutil.copytree(ROOT / "spiking", tmp_path / "spiking", ignore=shutil.ignore_patterns("__pycache__"))
    kept, step = tmp_path / "kept", tmp_path / "spiking" / "kernels" / "step.py"
    assert answer(start(kept, tmp_path))[0] == FRESH
    assert answer(start(kept, tmp_path))[0] == AGAIN
    before = step.read_text()
    head, tail = before.split("def integrate(", 1)
    body = tail.split("return ", 1)
    step.write_text(head + "def integrate(" + body[0] + "return v + v + " + body[1])
    assert answer(start(kept, tmp_path))[0] == "7.0 0"
    step.write_text(before)
    assert answer(start(kept, tmp_path))[0] == AGAIN
    assert not [*tmp_path.glob("spiking/**/*.nb?")]


def test_two_processes_at_once_on_an_empty_folder(tmp_path):
    both = [start(tmp_path), start(tmp_path)]
    assert {answer(p)[0] for p in both} <= {FRESH, AGAIN}
    assert answer(start(tmp_path))[0] == AGAIN
    assert not [*tmp_path.rglob("*.part")]


def test_a_cut_or_altered_file_is_compiled_anew(tmp_path):
    answer(start(tmp_path))
    (path,) = tmp_path.rglob("*charge_current*.nbc")
    for harm in (lambda raw: raw[: len(raw) // 2], lambda raw: raw[:-1] + b"?", lambda raw: b""):
        path.write_bytes(harm(path.read_bytes()))
        assert answer(start(tmp_path))[0] == FRESH
    assert answer(start(tmp_path))[0] == AGAIN


def test_a_folder_that_cannot_be_written_is_said_once(tmp_path):
    (tmp_path / "file").write_text("")
    out, err = answer(start(tmp_path / "file" / "kept"))
    assert out == FRESH
    assert err.count("compiled code is not kept") == 1
    assert "set SPIKING_CACHE to a folder that can be written" in err


def test_no_home_is_said_once_and_works(tmp_path):
    nobody = "import os; os.path.expanduser = lambda text: text\n"
    env = {k: v for k, v in os.environ.items() if k not in ("SPIKING_CACHE", "XDG_CACHE_HOME", "HOME")}
    done = subprocess.run(
        [sys.executable, "-P", "-c", nobody + SCRIPT],
        env={**env, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.strip() == FRESH
    assert done.stderr.count("each start compiles anew: there is no home folder") == 1
    assert not [*tmp_path.iterdir()]


def test_where_the_folder_is(tmp_path, monkeypatch):
    monkeypatch.delenv("SPIKING_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache.cache_root() == tmp_path / ".cache" / "spikejoule"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache.cache_root() == tmp_path / ".cache" / "spikejoule"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert cache.cache_root() == tmp_path / "x" / "spikejoule"
    monkeypatch.setenv("SPIKING_CACHE", "~/mine")
    assert cache.cache_root() == tmp_path / "mine"


def test_older_folders_are_swept_the_newest_few_and_the_own_one_stay(tmp_path):
    now = 1e9
    for k in range(8):
        (tmp_path / f"old{k}" / "inner").mkdir(parents=True)
        os.utime(tmp_path / f"old{k}", (now - 1e6 - k, now - 1e6 - k))
    own = tmp_path / "own"
    own.mkdir()
    (own / ".a.nbc-x.part").write_text("")
    os.utime(own / ".a.nbc-x.part", (now - 7200, now - 7200))
    (own / ".b.nbc-x.part").write_text("")
    os.utime(own / ".b.nbc-x.part", (now - 5, now - 5))
    cache.sweep(own, now)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["old0", "old1", "old2", "old3", "own"]
    assert [p.name for p in own.iterdir()] == [".b.nbc-x.part"]


def test_what_an_earlier_install_left_does_not_shadow_the_package(tmp_path):
    left = tmp_path / "spiking" / "kernels" / "__pycache__"
    left.mkdir(parents=True)
    (left / "forward.walk-92.py311.nbi").write_bytes(b"\x80\x04stale")
    out, _ = answer(start(tmp_path / "kept", f"{tmp_path}{os.pathsep}{ROOT}"))
    assert out == FRESH


def test_the_digest_covers_every_source_and_numbas_settings(tmp_path, monkeypatch):
    seen = set()
    monkeypatch.setattr(cache.importlib.resources, "files", lambda _: tmp_path)
    for name, text in (("a.py", "x = 1"), ("a.py", "x = 2"), ("b.py", "")):
        (tmp_path / name).write_text(text)
        seen.add(cache.digest.__wrapped__())
    monkeypatch.setattr(cache.config, "BOUNDSCHECK", 1)
    seen.add(cache.digest.__wrapped__())
    assert len(seen) == 4
