"""Brian2 runs the same networks: every unit and connection spike for spike, in float64."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from spiking.bridges.brian import from_brian, to_brian
from spiking.core.coding.decode import Membrane, SpikeCount
from spiking.core.coding.encode import Direct, Latency, Poisson
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import ALIF, LI, LIF, ConductanceLIF, Discretisation, Linear, ReLU
from spiking.core.parts import Connection, Input, Output, Population
from spiking.simulate import run

brian2 = pytest.importorskip("brian2")
MS = 1e-3


def network(unit, read=None, encoder=None, steps=25, loops=False, seed=0):
    """12 inputs, 9 and 4 units; ``loops`` adds recurrent and backward connections."""
    rng = np.random.default_rng(seed)
    read = read or unit
    conns = [
        Connection(source="input", target="h", weight=rng.normal(size=(12, 9)) * 0.8),
        Connection(source="h", target="o", weight=rng.normal(size=(9, 4)), delay=2 if loops else 0),
    ]
    if loops:
        sparse = sp.random_array((9, 9), density=0.4, rng=rng)
        conns.append(Connection(source="h", target="h", weight=sparse, delay=3))
        conns.append(Connection(source="o", target="h", weight=rng.normal(size=(4, 9)) / 2, delay=1))
    pops = [
        Population(name="h", size=9, unit=unit, bias=rng.normal(size=9) / 20),
        Population(name="o", size=4, unit=read),
    ]
    return Network(
        inputs=[Input(size=12, encoder=encoder or Poisson(gain=0.5))],
        populations=pops,
        connections=conns,
        output=Output(population="o", decoder=SpikeCount() if read.spiking else Membrane()),
        steps=steps,
    )


def diehl_cook():
    rng = np.random.default_rng(1)
    e = ConductanceLIF(adapt_start=rng.random(6) * 5e-3, adapt_step=1e-3, tau_adapt=50 * MS)
    i = ConductanceLIF(
        tau_mem=10 * MS, v_leak=-60e-3, v_reset=-45e-3, v_threshold=-40e-3, tau_ref=2 * MS, e_inh=-85e-3
    )
    exc, inh = {"receptor": "excitatory"}, {"receptor": "inhibitory", "delay": 1}
    return Network(
        inputs=[Input(size=12, encoder=Poisson(gain=0.3))],
        populations=[Population(name="e", size=6, unit=e), Population(name="i", size=6, unit=i)],
        connections=[
            Connection(source="input", target="e", weight=rng.random((12, 6)), **exc),
            Connection(source="e", target="i", weight=10.4 * sp.eye_array(6), **exc),
            Connection(source="i", target="e", weight=17 * (1 - np.eye(6)), **inh),
        ],
        output=Output(population="e", decoder=SpikeCount()),
        steps=150,
        dt=0.5 * MS,
    )


D = Discretisation
CASES = {
    "lif": network(LIF(tau_mem=8 * MS), loops=True),
    "refractory": network(LIF(tau_mem=8 * MS, tau_ref=3 * MS, reset="zero"), loops=True),
    "held after subtraction": network(LIF(tau_ref=2 * MS)),
    "current synapse, Euler": network(
        LIF(
            tau_syn=4 * MS,
            v_leak=0.1,
            v_threshold=np.linspace(0.1, 0.3, 9),
            discretisation=D(integrator="euler", input_scale="dt_over_tau", synapse_delay=1),
        ),
        LIF(),
    ),
    "propagator": network(
        LIF(
            tau_syn=3 * MS,
            tau_mem=3 * MS,
            v_threshold=0.1,
            discretisation=D(input_scale="propagator", input_delay=1),
        )
    ),
    "several spikes a step": network(
        LIF(tau_mem=np.inf, discretisation=D(multi=True, strict=False), v_threshold=0.3)
    ),
    "delayed subtraction": network(LIF(discretisation=D(reset_delay=1)), loops=True),
    "delayed reset": network(LIF(reset="zero", discretisation=D(reset_delay=1))),
    "reset at crossing": network(
        LIF(discretisation=D(crossing=True, input_scale="one_minus_beta"), v_threshold=0.1)
    ),
    "adaptive": network(ALIF(tau_ref=2 * MS, adapt_step=0.3, tau_adapt=10 * MS), loops=True),
    "readout": network(LIF(v_start=0.5), LI(tau_mem=5 * MS, tau_syn=2 * MS)),
    "latency code": network(LIF(), encoder=Latency()),
    "direct current": network(LIF(), LI(), encoder=Direct(gain=0.5)),
    "mlp": network(ReLU(bits=8, scale=0.02), Linear(), encoder=Direct(), steps=1),
    "conductances": diehl_cook(),
}


@pytest.mark.parametrize("case", CASES)
def test_brian_spikes_where_we_spike(case):
    net, x = CASES[case], np.random.default_rng(2).random((4, 12))
    ours = run(net, x, seed=3, record=["spikes"], precision="float64")
    theirs = to_brian(net, x, seed=3, codegen="numpy").run()
    for name, raster in theirs.raster.items():
        assert np.array_equal(ours.raster[name], raster), name
        assert raster.any(), f"{name} is silent, so this shows nothing"
    for name, events in theirs.events.items():
        assert np.array_equal(ours.events[name], events), name
    np.testing.assert_allclose(ours.scores, theirs.scores, rtol=0, atol=1e-12)
    assert all(np.array_equal(ours.first_spike[k], v) for k, v in theirs.first_spike.items())


def test_what_brian_has_no_word_for_is_refused():
    x = np.ones((1, 12))
    net = network(LIF())
    few = [net.populations[0].__class__(name="h", size=9, unit=LIF(), winners=1), net.populations[1]]
    with pytest.raises(SpikingError, match=r"lets 1 units spike per step; Brian2 has no such competition"):
        to_brian(net.replace(populations=few), x)
    late = network(LIF(), LI(), encoder=Direct())
    conns = [late.connections[0], Connection(source="h", target="o", weight=np.ones((9, 4)))]
    conns[0] = Connection(source="input", target="h", weight=np.ones((12, 9)), delay=1)
    with pytest.raises(SpikingError, match=r"'input->h' carries values 1 steps late"):
        to_brian(late.replace(connections=conns), x)
    with pytest.raises(SpikingError, match="several spikes in one step"):
        to_brian(net, np.full((1, 25, 12), 2.0))


METERED = """
import sys, json, numpy as np, brian2 as b2
from spiking.bridges.brian import from_brian
target, folder = sys.argv[1:]
if target == "cpp_standalone":
    b2.set_device(target, directory=folder)
    b2.prefs.codegen.cpp.extra_compile_args = ["-O0", "-w"]
else:
    b2.prefs.codegen.target = target
ms = b2.ms
times = np.array([0, 1, 1, 4, 7, 9])
source = b2.SpikeGeneratorGroup(3, [0, 1, 0, 2, 1, 0], times * ms)
eqs = '''dv/dt = (I - v)/(5*ms) : 1
         I : 1'''
a = b2.NeuronGroup(4, eqs, threshold="v > 1", reset="v = 0", method="exact", dt=0.5*ms)
a.I = [0, 1.5, 2, 3]
s = b2.Synapses(source, a, on_pre="v += 0.0")
s.connect(i=[0, 0, 1, 2, 2, 2], j=[0, 1, 2, 0, 1, 3])
s.delay = [0, 2, 0, 0, 8, 0] * ms
r = b2.Synapses(a[2:], a[:2], "w : 1", on_pre="v += 0*w", on_post="w = 0.5")
r.connect(j="i")
spikes = b2.SpikeMonitor(a)
net = b2.Network(source, a, s, r, spikes)
meter = from_brian(net)
net.run(10 * ms)
c = meter.counts(inferences=2, output=a.name)
print(json.dumps({"table": [[*k, v] for k, v in c.table.items()], "count": [int(n) for n in spikes.count],
                  "group": a.name, "steps": c.steps, "dt": c.dt}))
"""


@pytest.mark.parametrize("target", ["numpy", "cython", "cpp_standalone"])
def test_the_meter_counts_a_users_simulation(target, tmp_path):
    """Against arithmetic by hand: which synaptic events arrive within 10 ms."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", METERED, target, str(tmp_path / "build")],
        capture_output=True,
        text=True,
        cwd=root,
        check=False,
    )
    if target != "numpy" and ("gcc" in done.stderr or "compiler" in done.stderr.lower()):
        pytest.skip(f"no C++ compiler for {target}")
    assert done.returncode == 0, done.stderr[-2000:]
    import json

    got = json.loads(done.stdout.strip().splitlines()[-1])
    table = {(a, b): v for a, b, v in got["table"]}
    group, count = got["group"], np.array(got["count"])
    # unit 0 spikes at 0, 1, 9 ms (synapses: 0 ms and 2 ms late), unit 1 at 1, 7 ms, unit 2 at 4 ms
    # (0 ms, 8 ms, 0 ms): 3 + 2 (9 ms + 2 ms is too late) + 2 + 2 (4 ms + 8 ms is too late) = 9
    arrived = 9 + count[2] + count[3]
    assert table[group, "synaptic_events"] * 2 == arrived
    assert table[group, "plastic_updates"] * 2 == count[2] + count[3] + count[0] + count[1]
    assert table["input", "spikes"] * 2 == 6
    assert table[group, "updates_fired"] * 2 == table[group, "spikes"] * 2 == count.sum() > 0
    assert (table[group, "updates_silent"] + table[group, "updates_fired"]) * 2 == 4 * 20
    assert (got["steps"], got["dt"]) == (10, 5e-4)


def test_the_meter_asks_for_what_it_needs():
    with pytest.raises(SpikingError, match=r"a brian2\.Network is needed, str came"):
        from_brian("net")
    with pytest.raises(SpikingError, match="nothing in this Brian2 network spikes"):
        from_brian(brian2.Network())
    group = brian2.NeuronGroup(1, "v : 1", threshold="v > 1", reset="v = 0")
    meter = from_brian(brian2.Network(group))
    with pytest.raises(SpikingError, match="nothing has run since the meter was attached"):
        meter.counts()
    with pytest.raises(SpikingError, match="unknown output group 'x'"):
        meter.counts(output="x")


def test_a_trained_classifier_over_100_images():
    from sklearn.datasets import load_digits

    from spiking.learn.fit import fit

    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32)
    net = Network.dense(
        [64, 40, 30, 10], hidden=LIF(tau_mem=10 * MS), readout=LI(), encoder=Poisson(gain=0.6), steps=15
    )
    net = fit(net, x[:1400], y[:1400], epochs=12, learning_rate=5e-3, seed=0).network
    ours = run(net, x[1400:1500], seed=1, record=["spikes"], precision="float64")
    theirs = to_brian(net, x[1400:1500], seed=1, codegen="numpy").run()
    assert ours.accuracy(y[1400:1500]) > 0.75
    for name, raster in theirs.raster.items():
        assert np.array_equal(ours.raster[name], raster), name
    assert np.array_equal(ours.predictions, theirs.predictions)
