"""Random networks placed and run here and in SANA-FE itself (extra ``peers``): spikes and energy agree."""

import numpy as np
import pytest

from spiking.core.coding.encode import Events
from spiking.core.counts import Counts, count
from spiking.core.network import Network
from spiking.core.neurons import LIF, Discretisation
from spiking.core.parts import Connection, Input, Output, Population
from spiking.hardware import load_chip, price
from spiking.hardware.mesh.place import Placement, route
from spiking.hardware.mesh.timing import step_latency, touched
from spiking.simulate import run

sanafe = pytest.importorskip("sanafe", reason="SANA-FE is not installed (pip install spikejoule[peers])")

STEPS, THRESHOLD = 12, 20.0
UNIT = LIF(
    tau_mem=np.inf,
    v_threshold=THRESHOLD,
    reset="zero",
    discretisation=Discretisation(input_delay=1),  # their soma reads what arrived in the step before
)


def network(rng, sizes, density):
    names = ["input", *(f"layer{i}" for i in range(1, len(sizes)))]
    connections = []
    for i in range(len(sizes) - 1):
        weight = rng.integers(1, 16, sizes[i : i + 2]) * (rng.random(sizes[i : i + 2]) < density)
        connections.append(Connection(source=names[i], target=names[i + 1], weight=weight.astype(np.float64)))
    return Network(
        inputs=[Input(size=sizes[0], encoder=Events())],
        populations=[
            Population(name=n, size=s, unit=UNIT) for n, s in zip(names[1:], sizes[1:], strict=True)
        ],
        connections=connections,
        output=Output(population=names[-1]),
        steps=STEPS,
    )


def scatter(rng, net, cores):
    """Units on random cores of random tiles; units of a population keep the order of their cores."""
    used = rng.choice(128, size=cores, replace=False)
    core_of = {name: np.sort(rng.integers(0, cores, net.source_size(name))) for name in names(net)}
    return used, Placement(
        chip="loihi1-sanafe", core_of=core_of, tiles=used // 4, mesh_height=4, utilisation={}
    )


def names(net):
    return [net.inputs[0].name, *(p.name for p in net.populations)]


def theirs(net, placement, used, x):
    arch = sanafe.load_loihi()
    flat = [core for tile in arch.tiles for core in tile.cores]
    snn = sanafe.Network()
    groups = {}
    for name in names(net):
        size = net.source_size(name)
        attributes = {} if name == "input" else {"threshold": THRESHOLD, "reset": 0.0, "leak_decay": 1.0}
        groups[name] = snn.create_neuron_group(
            name,
            size,
            model_attributes=attributes,
            default_synapse_hw_name="loihi_dense_synapse",
            default_dendrite_hw_name="loihi_dendrites",
            soma_hw_name="" if name == "input" else "loihi_lif",
            log_spikes=True,
        )
        for unit in range(size):
            if name == "input":
                spikes = [bool(s) for s in x[:, unit]]
                groups[name][unit].set_attributes(
                    soma_hw_name=f"loihi_inputs[{unit}]", model_attributes={"spikes": spikes}
                )
            groups[name][unit].map_to_core(flat[used[placement.core_of[name][unit]]])
    for c in net.connections:
        rows, columns = np.nonzero(c.weight)
        pairs = [(int(a), int(b)) for a, b in zip(rows, columns, strict=True)]
        weights = [float(w) for w in c.weight[rows, columns]]
        groups[c.source].connect_neurons_sparse(groups[c.target], {"weight": weights}, pairs)
    chip = sanafe.SpikingChip(arch)
    chip.load(snn)
    return chip.sim(STEPS, timing_model="detailed", spike_trace=True)


@pytest.mark.parametrize("seed", range(12))
def test_random_networks_agree_in_spikes_and_energy(seed):
    rng = np.random.default_rng(seed)
    sizes = [int(n) for n in rng.integers(2, 14, rng.integers(2, 5))]
    net = network(rng, sizes, rng.uniform(0.3, 1.0))
    used, placement = scatter(rng, net, int(rng.integers(1, 9)))
    x = rng.random((STEPS, sizes[0])) < rng.uniform(0.2, 0.9)

    result = theirs(net, placement, used, x)
    trace = run(net, x[None].astype(np.float32), record=("spikes", "v"), precision="float64")
    assert sum(int(s.sum()) for s in trace.spikes.values()) == result["neurons_fired"]
    for step, fired in enumerate(result["spike_trace"]):
        assert len(fired) == sum(int(r[0, step].sum()) for r in trace.raster.values())

    counts = route(count(net, trace), net, placement, trace.spikes).mean()
    awake = {}  # their soma skips a unit that is at rest and got nothing
    for p in net.populations:
        left = trace.v[p.name] * (trace.raster[p.name] == 0)
        awake[p.name] = np.pad(left[:, :-1] != 0, ((0, 0), (1, 0), (0, 0)))
    busy = touched(net, trace.raster, awake)
    table = dict(counts.table) | {(k, "updates_touched"): v[0] for k, v in busy.items()}
    for c in net.connections:  # they process a synapse in the step its spike is sent, also in the last one
        table[c.target, "synaptic_events"] = float(trace.spikes[c.source][0] @ c.fan_out)
    bill = price(Counts(layers=counts.layers, table=table, steps=STEPS), "loihi1-sanafe", placement=placement)
    assert bill.total("dynamic").nominal == pytest.approx(result["energy"]["total"], rel=1e-9)

    by = bill.by_constant()
    assert (
        by["synapse"].nominal == pytest.approx(result["energy"]["synapse"], rel=1e-9)
        if "synapse" in by
        else 1
    )
    network_part = sum(by[k].nominal for k in ("axon_out", "hop_x", "hop_y") if k in by)
    assert network_part == pytest.approx(result["energy"]["network"], rel=1e-9, abs=1e-20)


@pytest.mark.parametrize("seed", range(3, 9))
def test_time_of_one_core_to_one_core(seed):
    rng = np.random.default_rng(seed)
    net = network(rng, [int(rng.integers(2, 9)), int(rng.integers(1, 9))], 1.0)
    sources, targets = net.input_size, net.populations[0].size
    placement = Placement(
        chip="loihi1-sanafe",
        core_of={"input": np.zeros(sources, np.int64), "layer1": np.ones(targets, np.int64)},
        tiles=np.array([0, 0]),
        mesh_height=4,
        utilisation={},
    )
    x = rng.random((STEPS, sources)) < 0.6
    trace = run(net, x[None].astype(np.float32), record=("spikes",), precision="float64")
    time = step_latency(net, load_chip("loihi1-sanafe"), placement, trace.raster).sum()
    assert time == pytest.approx(theirs(net, placement, [0, 1], x)["sim_time"], rel=1e-9)
