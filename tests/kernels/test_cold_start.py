"""What is compiled: each loop once, and nothing that the network at hand does not use."""

import os
import subprocess
import sys

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
PRINT = "print(*compiled)"


def compiled(tmp_path, code):

    env = {**os.environ, "SPIKING_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", COMMON + code + PRINT], env=env, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_network_of_lif_units_compiles_no_other_units(tmp_path):
    names = compiled(tmp_path, PLAIN)
    assert names.count("forward") == names.count("walk") == names.count("lif_row") == 1
    others = {"charge", "charge_conductance", "charge_fixed", "filter_alpha", "spike", "discharge"}
    assert not others & set(names)


def test_learning_and_testing_by_stdp_share_one_compiled_loop(tmp_path):
    names = compiled(tmp_path, LEARN)
    for loop in ("present", "show", "inner_step", "learn_pre", "renormalise"):
        assert names.count(loop) == 1, loop
    assert compiled(tmp_path, LEARN) == []


def test_after_warm_the_usual_jobs_compile_nothing(tmp_path):
    warm = [sys.executable, "-m", "spiking", "warm"]
    env = {**os.environ, "SPIKING_CACHE": str(tmp_path)}
    done = subprocess.run(warm, env=env, capture_output=True, text=True, timeout=300, check=True)
    assert [line.split(":")[0] for line in done.stdout.splitlines()][:2] == ["simulation", "training"]
    assert compiled(tmp_path, PLAIN + LEARN) == []
