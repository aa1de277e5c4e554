"""What is compiled: each loop once, and nothing that the network at hand does not use."""

import os
import shutil
import subprocess
import sys

import pytest

from spiking.kernels import cache

COMMON = """
import numpy as np
import numba.core.event as event
from spiking import LI, LIF, Direct, Membrane, Network, run, train_stdp

compiled = []

class Listener(event.Listener):
    def on_start(self, e):
        compiled.append(e.data["dispatcher"].py_func.__qualname__)

    def on_end(self, e):
        pass

event.register("numba:compile", Listener())
x, y = np.random.default_rng(0).random((8, 6)).astype(np.float32), np.arange(8) % 2
"""
PLAIN = """
net = Network.dense([6, 5, 2], hidden=LIF(tau_mem=20e-3), readout=LI(tau_mem=20e-3), encoder=Direct(),
                    decoder=Membrane(), steps=3)
run(net, x)
"""
LEARN = "train_stdp(x, y, neurons=4)\n"
WARM = "from spiking.cli.program import execute\nexecute(['warm'])\n"
PRINT = "print(*compiled)"


def printed(tmp_path, code):
    """What ``code`` prints, line by line, and last the names of what it compiled."""
    env = {**os.environ, "SPIKING_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", COMMON + code + PRINT], env=env, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def compiled(tmp_path, code):
    return printed(tmp_path, code)[-1].split()


@pytest.fixture(scope="module")
def warmed(tmp_path_factory):
    """A folder filled by ``spiking warm``, and what that printed; the rest of the suite uses it too."""
    folder = tmp_path_factory.mktemp("warmed")
    lines, common = printed(folder, WARM), cache.folder()
    if common is not None:
        common.mkdir(parents=True, exist_ok=True)
        for path in folder.rglob("*.nbc"):
            shutil.copy2(path, common)
    return folder, lines


def test_a_network_of_lif_units_compiles_no_other_units(tmp_path):
    names = compiled(tmp_path, PLAIN)
    assert names.count("forward") == names.count("walk") == names.count("lif_row") == 1
    others = {"charge", "charge_conductance", "charge_fixed", "filter_alpha", "spike", "discharge"}
    assert not others & set(names)


def test_learning_and_testing_by_stdp_share_one_compiled_loop(warmed):
    names = warmed[1][-1].split()
    for loop in ("present", "show", "inner_step", "learn_pre", "renormalise"):
        assert names.count(loop) == 1, loop


def test_after_warm_the_usual_jobs_compile_nothing(warmed):
    folder, lines = warmed
    assert [line.split(":")[0] for line in lines[:2]] == ["simulation", "training"]
    assert compiled(folder, PLAIN + LEARN) == []
