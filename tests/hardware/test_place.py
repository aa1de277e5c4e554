import itertools

import numpy as np
import pytest
import scipy.sparse as sp

from spiking.core.coding.encode import Direct, Events
from spiking.core.counts import count
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LIF, ReLU
from spiking.core.parts import Connection, Input, Output, Population
from spiking.hardware import load_chip, price, quantise
from spiking.hardware.mesh.capacity import check
from spiking.hardware.mesh.place import destinations, hops, place, route
from spiking.hardware.mesh.timing import step_latency, sync_time
from spiking.simulate import run

RNG = np.random.default_rng(0)
LOIHI = load_chip("loihi1-sanafe")


def network(sizes=(20, 30, 5), steps=8, seed=0, density=1.0):
    rng = np.random.default_rng(seed)
    conns, names = [], ["input", *(f"layer{i}" for i in range(1, len(sizes)))]
    for i, (a, b) in enumerate(itertools.pairwise(sizes)):
        w = rng.uniform(0.1, 0.6, (a, b)) * (rng.random((a, b)) < density)
        weight = sp.csr_array(w) if density < 1 else w
        conns.append(Connection(source=names[i], target=names[i + 1], weight=weight, weight_bits=8))
    return Network(
        inputs=[Input(size=sizes[0], encoder=Events())],
        populations=[
            Population(name=n, size=s, unit=LIF()) for n, s in zip(names[1:], sizes[1:], strict=True)
        ],
        connections=conns,
        output=Output(population=names[-1]),
        steps=steps,
    )


def small(**values):
    return LOIHI.with_values(**values)


def test_a_network_that_fits_one_core_per_layer():
    p = place(network(), LOIHI)
    assert p.cores == 2
    assert p.utilisation["neurons_per_core"] == pytest.approx(30 / 1024)
    assert p.budgets == ()


def test_every_piece_keeps_every_limit():
    net = network((40, 100, 50), density=0.3)
    chip = small(neurons_per_core=16, axons_in=45, synapse_memory=0.5, axons_out=60)
    p = place(net, chip)
    for pop in net.populations:
        for core in np.unique(p.core_of[pop.name]):
            mine = p.core_of[pop.name] == core
            assert mine.sum() <= 16
            (c,) = net.into(pop.name)
            block = c.weight.toarray()[:, mine] != 0
            assert block.any(axis=1).sum() <= 45
            index = np.ceil(np.log2(pop.size))
            assert block.sum() * (8 + index) <= 0.5 * 8192
    sends = destinations(net, p, "layer1")
    for core in np.unique(p.core_of["layer1"]):
        assert sends[p.core_of["layer1"] == core].sum() <= 60
    assert all(share <= 1 for name, share in p.utilisation.items() if name != "cores_per_chip")


def test_walls_say_have_allowed_and_how_to_fix_it():
    with pytest.raises(SpikingError, match=r"fan-in of layer1 is 784, allowed 256: prune, or split"):
        place(network((784, 16, 10)), load_chip("odin"))
    with pytest.raises(SpikingError, match=r"number of inputs is 20, allowed 16: reduce the input"):
        place(network((20, 10, 5)), load_chip("xylo-audio2"))
    net = network((20, 10, 5))
    net = net.replace(
        connections=[*net.connections[:1], Connection(**{**vars(net.connections[1]), "delay": 99})]
    )
    with pytest.raises(SpikingError, match=r"delay .steps. of layer1->layer2 is 99, allowed 62: shorten"):
        place(net, LOIHI)
    with pytest.raises(SpikingError, match=r"input axons of one unit of layer1 is 20, allowed 19: prune"):
        place(network(), small(axons_in=19))
    with pytest.raises(SpikingError, match=r"synapse memory .bit. of one unit of layer1 is 160, allowed 80"):
        place(network(), small(synapse_memory=80 / 8192))


def test_too_many_destinations_for_the_output_axons():
    with pytest.raises(SpikingError, match="it sends to too many cores"):
        place(network((4, 8, 64)), small(neurons_per_core=2, axons_out=10))


def test_soft_budgets_do_not_stop_placement_and_more_chips_are_charged():
    net = network((20, 60, 10))
    chip = small(neurons_per_core=1, cores_per_chip=32)
    p = place(net, chip)
    assert p.cores == 70
    assert [e.limit for e in p.budgets] == ["cores"]
    assert "3 chips" in str(p.budgets[0])
    wide = [e for e in check(network(), load_chip("loihi1").with_values(weight_bits=4)) if not e.hard]
    assert "quantise" in wide[0].fix


def test_static_power_is_paid_for_every_chip_of_a_placement():
    net = network((20, 60, 10), steps=4)
    chip = load_chip("loihi1").with_values(neurons_per_core=1, cores_per_chip=32)
    x = (RNG.random((2, 4, 20)) < 0.5).astype(np.float32)
    counts = count(net, run(net, x)).mean()
    p = place(net, chip)
    one, three = (
        price(counts, load_chip("loihi1"), latency=1.0),
        price(counts, chip, latency=1.0, placement=p),
    )
    assert three.by_term()["static"].nominal == pytest.approx(3 * one.by_term()["static"].nominal)


def test_hops_are_manhattan_distances_to_each_destination_core():
    net = network((6, 8, 8))
    chip = small(neurons_per_core=2)  # 8 cores on 2 tiles of 4
    p = place(net, chip, improve=False)
    for name in ("input", "layer1"):
        messages, x, y = hops(net, p, name)
        goes = destinations(net, p, name)
        for unit in range(len(messages)):
            here = p.xy(p.core_of[name][unit])
            steps = [np.abs(p.xy(np.array(core)) - here) for core in np.flatnonzero(goes[unit])]
            assert messages[unit] == len(steps)
            assert [x[unit], y[unit]] == list(np.sum(steps, axis=0))


def test_improvement_never_lengthens_the_paths_and_is_reproducible():
    net = network((16, 64, 64, 16), density=0.05, seed=2)
    chip = small(neurons_per_core=4)

    def length(p):
        return sum(int(a.sum()) for n in p.core_of for a in hops(net, p, n)[1:])

    plain, better = place(net, chip, improve=False), place(net, chip, seed=3)
    assert length(better) < length(plain)
    np.testing.assert_array_equal(better.tiles, place(net, chip, seed=3).tiles)


def test_sharing_weights_saves_synapse_memory():
    net = network((50, 60, 5))
    shared = net.replace(
        connections=[Connection(**{**vars(net.connections[0]), "stored_weights": 9}), net.connections[1]]
    )
    chip = small(synapse_memory=1.0)
    assert place(shared, chip).cores < place(net, chip).cores


def test_routing_adds_messages_and_hops_and_nothing_else():
    net = network((20, 40, 5), steps=6)
    chip = small(neurons_per_core=8)
    x = (RNG.random((3, 6, 20)) < 0.4).astype(np.float32)
    trace = run(net, x)
    counts = count(net, trace)
    p = place(net, chip)
    routed = route(counts, net, p, trace.spikes)
    for key, value in counts.table.items():
        np.testing.assert_array_equal(routed.table[key], value)
    messages, hx, hy = hops(net, p, "layer1")
    np.testing.assert_allclose(routed["layer1", "messages"], trace.spikes["layer1"] @ messages)
    np.testing.assert_allclose(routed["layer1", "hops_x"], trace.spikes["layer1"] @ hx)
    bill = price(routed.mean(), chip, placement=p)
    assert not any("not placed" in w for w in bill.warnings)
    assert any("not placed" in w for w in price(counts.mean(), chip).warnings)
    only = {line.constant for line in bill.lines if line.operation in ("messages", "hops_x", "hops_y")}
    assert {"axon_out", "hop_y"} <= only
    assert hy.sum() > 0


def test_permuting_units_inside_a_core_changes_nothing():
    net = network((20, 30, 5), density=0.5, seed=5)
    order = np.random.default_rng(1).permutation(30)
    a, b = net.connections
    permuted = net.replace(
        connections=[
            Connection(**{**vars(a), "weight": sp.csr_array(a.weight.toarray()[:, order])}),
            Connection(**{**vars(b), "weight": sp.csr_array(b.weight.toarray()[order])}),
        ]
    )
    x = (RNG.random((3, 8, 20)) < 0.4).astype(np.float32)
    totals = []
    for one in (net, permuted):
        trace = run(one, x, precision="float64")
        p = place(one, LOIHI)
        totals.append(
            price(route(count(one, trace), one, p, trace.spikes).mean(), LOIHI, placement=p).total()
        )
    assert totals[0].nominal == pytest.approx(totals[1].nominal, rel=1e-12)


def test_counts_of_another_network_are_refused():
    net, other = network((20, 30, 5)), network((21, 30, 5))
    x = np.zeros((1, 8, 21), np.float32)
    trace = run(other, x)
    with pytest.raises(SpikingError, match="the spikes hold no 20 units of 'input'"):
        route(count(other, trace), net, place(net, LOIHI), trace.spikes)


def test_analog_inputs_send_no_messages():
    net = Network.dense([6, 8, 3], hidden=LIF(), readout=LIF(), encoder=Direct(), steps=4)
    trace = run(net, RNG.random((2, 6)).astype(np.float32))
    routed = route(count(net, trace), net, place(quantise(net), LOIHI), trace.spikes)
    assert ("input", "messages") not in routed.table
    mlp = Network.dense([6, 8, 3], hidden=ReLU(), readout=ReLU())
    t = run(mlp, RNG.random((2, 6)).astype(np.float32))
    assert not any(op == "messages" for _, op in route(count(mlp, t), mlp, place(mlp, LOIHI), t.spikes).table)


def test_the_slowest_core_sets_the_step_and_silence_costs_access_and_sync():
    net = network((4, 6, 2), steps=3)
    p = place(net, LOIHI)
    silent = {"input": np.zeros((1, 3, 4)), "layer1": np.zeros((1, 3, 6)), "layer2": np.zeros((1, 3, 2))}
    times = step_latency(net, LOIHI, p, silent)
    np.testing.assert_allclose(times, 6 * 6e-9 + 0.6e-6)  # six accesses on the fuller core, one tile
    assert sync_time(LOIHI, 3) == pytest.approx(1.0e-6)
    with pytest.raises(SpikingError, match="the raster of 'layer1' is missing"):
        step_latency(net, LOIHI, p, {"input": silent["input"]})


def test_multicast_shares_the_common_part_of_paths():
    net = network((6, 24, 24), density=0.6, seed=4)
    p = place(net, small(neurons_per_core=2), improve=False)
    messages, x, y = hops(net, p, "layer1")
    same, x_tree, y_tree = hops(net, p, "layer1", multicast=True)
    np.testing.assert_array_equal(messages, same)
    assert np.all(x_tree <= x)
    assert np.all(y_tree <= y)
    goes = destinations(net, p, "layer1")
    for unit in range(24):  # by hand: the set of links of all paths
        start = p.xy(p.core_of["layer1"][unit])
        links = set()
        for core in np.flatnonzero(goes[unit]):
            at, end = list(start), p.xy(np.array(core))
            while at[0] != end[0]:
                step = int(np.sign(end[0] - at[0]))
                links.add(("x", at[0] + min(step, 0), at[1], step))
                at[0] += step
            while at[1] != end[1]:
                step = int(np.sign(end[1] - at[1]))
                links.add(("y", at[0], at[1] + min(step, 0), step))
                at[1] += step
        assert x_tree[unit] == sum(link[0] == "x" for link in links)
        assert y_tree[unit] == sum(link[0] == "y" for link in links)
