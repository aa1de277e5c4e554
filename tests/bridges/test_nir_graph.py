"""Graphs of other simulators: every node, subgraphs, loops, and bad graphs."""

import itertools
import os
from pathlib import Path

import nir
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spiking.bridges.nir import from_graph, load, save
from spiking.bridges.nir.conv import convolution, windows
from spiking.core.coding.encode import Direct
from spiking.core.errors import SpikingError
from spiking.core.frozen.same import differences
from spiking.core.neurons import LI, LIF
from spiking.simulate import run

DATA = Path(os.environ.get("SPIKING_DATA", "not set"))
WORDS = {"dt": 1e-3, "steps": 12, "discretisation": "norse"}
rng = np.random.default_rng(0)


def chain(*nodes, shape, out=None):
    """Input -> nodes -> Output, unchecked by the nir package."""
    named = {"input": nir.Input(np.array(shape)), **{f"n{k}": n for k, n in enumerate(nodes)}}
    names = [*named, "output"]
    named["output"] = nir.Output(np.array(out if out is not None else shape))
    return nir.NIRGraph(named, list(itertools.pairwise(names)), type_check=False)


def slow_conv(x, w, b, stride, padding, dilation, groups):
    """Cross-correlation as its definition reads, ``[channels, h, w]``."""
    c_out, c_in, kh, kw = w.shape
    x = np.pad(x, ((0, 0), (padding[0], padding[0]), (padding[1], padding[1])))
    h = (x.shape[1] - dilation[0] * (kh - 1) - 1) // stride[0] + 1
    v = (x.shape[2] - dilation[1] * (kw - 1) - 1) // stride[1] + 1
    y = np.zeros((c_out, h, v))
    for o in range(c_out):
        first = o // (c_out // groups) * c_in
        for r in range(h):
            for s in range(v):
                for c in range(c_in):
                    for i in range(kh):
                        for j in range(kw):
                            at = (r * stride[0] + i * dilation[0], s * stride[1] + j * dilation[1])
                            y[o, r, s] += w[o, c, i, j] * x[(first + c, *at)]
    return y + b[:, None, None]


pair = st.tuples(st.integers(1, 3), st.integers(1, 3))


@settings(max_examples=40, deadline=None)
@given(
    size=st.tuples(st.integers(1, 7), st.integers(1, 7)), kernel=pair, stride=pair, dilation=pair,
    padding=st.tuples(st.integers(0, 2), st.integers(0, 2)), groups=st.integers(1, 2),
    channels=st.tuples(st.integers(1, 2), st.integers(1, 2)), seed=st.integers(0, 99),
)  # fmt: skip
def test_an_unrolled_convolution_is_the_convolution(
    size, kernel, stride, dilation, padding, groups, channels, seed
):
    r = np.random.default_rng(seed)
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    assume(all(s + 2 * p >= n for s, p, n in zip(size, padding, reach, strict=True)))
    w = r.normal(size=(channels[1] * groups, channels[0], *kernel))
    x = r.normal(size=(channels[0] * groups, *size))
    axes = windows(size, kernel, stride, padding, dilation, "c")
    got = x.ravel() @ convolution(w, axes, groups, "c")
    want = slow_conv(x, w, np.zeros(len(w)), stride, padding, dilation, groups)
    np.testing.assert_allclose(got, want.ravel(), atol=1e-12)


def test_same_padding_keeps_the_size_and_pads_the_end():
    axes = windows((5,), (4,), 1, "same", 1, "c")
    w = np.array([[[1.0, 10, 100, 1000]]])
    got = np.arange(1.0, 6) @ convolution(w, axes, 1, "c").toarray()
    want = np.correlate(np.pad(np.arange(1.0, 6), (1, 2)), w[0, 0], "valid")
    assert got.tolist() == want.tolist()


def conv2d(shape, c_out=4, kernel=(3, 2), **words):
    w = rng.normal(size=(c_out, shape[0], *kernel)).astype(np.float32)
    b = rng.normal(size=c_out).astype(np.float32)
    settings_ = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 1), "groups": 1, **words}
    return nir.Conv2d(input_shape=None, weight=w, bias=b, **settings_)


def test_a_convolution_is_shared_counted_once_and_written_back(tmp_path):
    conv = conv2d((2, 9, 8))
    out = (4, 5, 7)
    neurons = nir.IF(r=np.ones(out), v_threshold=np.ones(out))
    pool = nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0]))
    affine = nir.Affine(rng.normal(size=(3, 24)).astype(np.float32), np.zeros(3, np.float32))
    graph = chain(conv, neurons, pool, nir.Flatten({"input": None}, 0, -1), affine, shape=(2, 9, 8), out=(3,))
    net = from_graph(graph, **WORDS)
    first, second = net.connections
    assert first.memory_words == conv.weight.size < first.synapses
    assert second.memory_words == affine.weight.size < second.synapses
    x = rng.random((2, 9, 8))
    want = slow_conv(x, conv.weight.astype(float), conv.bias.astype(float), (2, 1), (1, 0), (1, 1), 1)
    got = x.ravel() @ first.weight + net.populations[0].bias
    np.testing.assert_allclose(got, want.ravel(), atol=1e-5)
    pooled = rng.random(out)
    summed = pooled[:, :4, :6].reshape(4, 2, 2, 3, 2).sum(axis=(2, 4)).ravel()
    np.testing.assert_allclose(pooled.ravel() @ second.weight, affine.weight @ summed, rtol=1e-4, atol=1e-5)
    path = save(net, tmp_path / "n.nir")
    kinds = [type(n).__name__ for n in nir.read(path, type_check=False).nodes.values()]
    assert sorted(kinds) == ["Affine", "Conv2d", "Flatten", "IF", "Input", "Output", "Scale", "SumPool2d"]
    assert differences(net, load(path)) == []
    changed = net.with_parameters([2 * c.weight for c in net.connections], [p.bias for p in net.populations])
    assert differences(changed, load(save(changed, path))) == []
    assert "Conv2d" not in [type(n).__name__ for n in nir.read(path).nodes.values()]


EVERY = {
    "Conv1d": chain(
        nir.Conv1d(6, rng.normal(size=(3, 2, 3)), 1, 1, 1, 1, np.ones(3)),
        nir.LIF(*(np.full((3, 6), v) for v in (0.01, 1.0, 0.0, 0.3))), shape=(2, 6), out=(3, 6),
    ),
    "Conv2d, AvgPool2d": chain(
        conv2d((1, 6, 6), kernel=(3, 3), stride=(1, 1)),
        nir.AvgPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
        nir.IF(np.ones((4, 3, 2)), np.full((4, 3, 2), 0.5)), shape=(1, 6, 6), out=(4, 3, 2),
    ),
    "Linear, Scale, CubaLIF": chain(
        nir.Linear(rng.normal(size=(5, 3))), nir.Scale(np.arange(1.0, 6)),
        nir.CubaLIF(*(np.full(5, v) for v in (5e-3, 1e-2, 1.0, 0.0, 0.2))), shape=(3,), out=(5,),
    ),
    "Affine, LI": chain(
        nir.Affine(rng.normal(size=(5, 3)), np.ones(5)), nir.LI(*(np.full(5, v) for v in (0.01, 2.0, 0.1))),
        shape=(3,), out=(5,),
    ),
    "CubaLI": chain(nir.CubaLI(*(np.full(3, v) for v in (5e-3, 1e-2, 1.0, 0.0))), shape=(3,)),
    "I": chain(nir.I(np.full(3, 0.5)), shape=(3,)),
    "Threshold": chain(nir.Threshold(np.array([0.5, 0.6, 2.0])), shape=(3,)),
    "Delay, Flatten": chain(
        nir.Delay(np.full((1, 3), 2e-3)), nir.Flatten({"input": np.array([1, 3])}, 0, -1),
        nir.IF(np.ones(3), np.full(3, 0.5)), shape=(1, 3), out=(3,),
    ),
    "delays by unit": chain(
        nir.Delay(np.array([1e-3, 2e-3, 1e-3])), nir.IF(np.ones(3), np.full(3, 0.5)), shape=(3,)
    ),
    "batched Affine": chain(
        nir.Affine(rng.normal(size=(2, 4, 3)), np.ones((2, 4))), nir.IF(np.ones((2, 4)), np.ones((2, 4))),
        shape=(2, 3), out=(2, 4),
    ),
    "no neuron": chain(nir.Affine(rng.normal(size=(2, 3)), np.ones(2)), shape=(3,), out=(2,)),
}  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_every_node_loads_runs_saves_and_comes_back_equal(name, tmp_path):
    net = from_graph(EVERY[name], **WORDS)
    trace = run(net, (rng.random((2, 12, net.input_size)) < 0.5).astype(float))
    assert trace.scores.shape[0] == 2
    assert differences(net, load(save(net, tmp_path / "n.nir"))) == []


def test_threshold_is_the_heaviside_of_its_input(tmp_path):
    net = from_graph(EVERY["Threshold"], **WORDS, encoder=Direct())
    x = rng.random((4, 12, 3))
    raster = run(net, x, record=["spikes"], precision="float64").raster["n0"]
    assert np.array_equal(raster > 0, x > np.array([0.5, 0.6, 2.0]))
    node = nir.read(save(net, tmp_path / "n.nir")).nodes["n0"]
    assert type(node).__name__ == "Threshold"


def test_units_follow_nirs_equation_whatever_the_input_scaling():
    """tau dv/dt = (v_leak - v) + R w: one Euler step from rest gives dt/tau R w, raw or scaled."""
    tau, r, w = 0.02, 3.0, 0.7
    node = nir.LI(np.array([tau]), np.array([r]), np.array([0.0]))
    graph = chain(nir.Linear(np.array([[w]])), node, shape=(1,))
    for name in ("norse", "snntorch", "lava"):
        net = from_graph(graph, **{**WORDS, "discretisation": name}, encoder=Direct())
        v = run(net, np.ones((1, 1)), record=["v"], precision="float64").v["n1"][0, :, 0]
        assert v[v != 0][0] == pytest.approx(1e-3 / tau * r * w, rel=1e-12)


def test_a_subgraph_is_inlined_and_its_loop_takes_one_step(tmp_path):
    lif = nir.LIF(*(np.full(4, v) for v in (0.01, 1.0, 0.0, 0.3)))
    inner = nir.NIRGraph(
        {"input": nir.Input(np.array([4])), "lif": lif, "w": nir.Linear(rng.normal(size=(4, 4))),
         "output": nir.Output(np.array([4]))},
        [("input", "lif"), ("lif", "w"), ("w", "lif"), ("lif", "output")], type_check=False,
    )  # fmt: skip
    graph = chain(nir.Linear(rng.normal(size=(4, 3))), inner, shape=(3,), out=(4,))
    net = from_graph(graph, **WORDS)
    assert {c.name: c.delay for c in net.connections} == {"input->n1.lif": 0, "n1.lif->n1.lif": 1}
    assert net.output.population == "n1.lif"
    assert differences(net, load(save(net, tmp_path / "n.nir"))) == []


def test_reset_and_units_come_from_the_profile():
    net = from_graph(EVERY["Conv1d"], **{**WORDS, "discretisation": "rockpool"})
    unit = net.populations[0].unit
    assert isinstance(unit, LIF)
    assert (unit.reset, unit.discretisation.multi, unit.tau_mem) == ("subtract", True, 0.01)
    assert isinstance(from_graph(EVERY["I"], **WORDS).populations[0].unit, LI)


def test_bad_graphs_get_a_sentence():
    one = nir.IF(np.ones(3), np.ones(3))
    with pytest.raises(SpikingError, match=r"does not say steps nor discretisation; give them"):
        from_graph(chain(one, shape=(3,)))
    with pytest.raises(SpikingError, match=r"did you mean 'norse'"):
        from_graph(chain(one, shape=(3,)), **{**WORDS, "discretisation": "nors"})
    with pytest.raises(SpikingError, match=r"type mismatch at node 'n0': shape \(4,\) arrives"):
        from_graph(chain(nir.Linear(np.ones((3, 5))), one, shape=(4,)), **WORDS)
    with pytest.raises(
        SpikingError, match=r"type mismatch at node 'n0': shape \(4,\) arrives, it takes \(3,\)"
    ):
        from_graph(chain(one, shape=(4,)), **WORDS)
    with pytest.raises(SpikingError, match="holds NaN or inf"):
        from_graph(chain(nir.Linear(np.full((3, 3), np.nan)), one, shape=(3,)), **WORDS)
    dangling = chain(one, shape=(3,))
    dangling.edges.append(("n0", "nowhere"))
    with pytest.raises(SpikingError, match="leads to no node 'nowhere'"):
        from_graph(dangling, **WORDS)
    loop = chain(one, nir.Scale(np.ones(3)), nir.Scale(np.ones(3)), shape=(3,))
    loop.edges.append(("n2", "n1"))
    with pytest.raises(SpikingError, match="form a loop without a neuron or delay"):
        from_graph(loop, **WORDS)
    huge = nir.Conv2d(None, np.ones((64, 64, 7, 7)), 1, 3, 1, 1, np.zeros(64))
    with pytest.raises(SpikingError, match=r"unrolled, node 'n0' has .* synapses and takes .* GiB"):
        from_graph(chain(huge, shape=(64, 512, 512)), **WORDS)
    uneven = chain(nir.Delay(np.full(3, 1.5e-3)), one, shape=(3,))
    with pytest.raises(SpikingError, match=r"is 1\.5 steps of 0\.001 s; choose a dt that divides it"):
        from_graph(uneven, **WORDS)
    two = chain(one, shape=(3,))
    two.nodes["second"] = nir.Output(np.array([3]))
    two.edges.append(("n0", "second"))
    with pytest.raises(SpikingError, match=r"has 2 outputs \(output, second\); choose one"):
        from_graph(two, **WORDS)
    assert from_graph(two, **WORDS, output="second").output.population == "n0"


@pytest.mark.skipif(not (DATA / "nir").is_dir(), reason="no folder of NIR graphs (set SPIKING_DATA)")
@pytest.mark.parametrize("name", ["lif_norse", "two_lif_neurons", "norse_braille", "cnn_sinabs"])
def test_files_of_other_simulators(name, tmp_path):
    net = load(DATA / "nir" / f"{name}.nir", dt=1e-4, steps=5, discretisation="norse")
    run(net, (rng.random((2, 5, net.input_size)) < 0.3).astype(float))
    assert differences(net, load(save(net, tmp_path / "n.nir"))) == []
    with pytest.raises(SpikingError, match="give them, for instance"):
        load(DATA / "nir" / f"{name}.nir")


def dense_cnn(graph, x, multi):
    """The sinabs network on dense arrays with its own nodes, from their definitions."""
    from scipy.signal import correlate2d

    order = [str(k) for k in range(13)]
    counts, state = {}, {}
    for frame in x:
        a = frame
        for name in order:
            n = graph.nodes[name]
            kind = type(n).__name__
            if kind == "Conv2d":
                w, p, s = n.weight.astype(float), n.padding, n.stride
                padded = np.pad(a, ((0, 0), (p[0], p[0]), (p[1], p[1])))
                maps = [sum(correlate2d(padded[c], k[c], "valid") for c in range(len(a))) for k in w]
                a = np.stack(maps)[:, :: s[0], :: s[1]] + n.bias[:, None, None]
            elif kind == "SumPool2d":
                c, h, v = a.shape
                a = a.reshape(c, h // 2, 2, v // 2, 2).sum(axis=(2, 4))
            elif kind == "Flatten":
                a = a.ravel()
            elif kind == "Affine":
                a = n.weight.astype(float) @ a + n.bias
            else:
                v = state.get(name, 0.0) + a
                spikes = np.maximum(np.floor(v / n.v_threshold), 0)
                spikes = spikes if multi else np.minimum(spikes, 1)
                state[name] = v - spikes * n.v_threshold
                counts[name] = counts.get(name, 0) + spikes.sum()
                a = spikes
    return counts


@pytest.mark.skipif(not (DATA / "nmnist-small").is_dir(), reason="no N-MNIST streams (set SPIKING_DATA)")
@pytest.mark.parametrize("name", ["sinabs", "sinabs-single"])
def test_the_sinabs_cnn_reads_nmnist_and_spikes_as_a_dense_computation_does(name):
    from spiking.data.load import load as load_data

    data = load_data("nmnist", path=DATA / "nmnist-small")
    streams = data.x_test
    steps = 60
    path = DATA / "nir" / "cnn_sinabs.nir"
    net = load(path, dt=1e-3, steps=steps, discretisation=name)
    x = streams.raster(0, 2, 1e-3, steps)
    trace = run(net, x, precision="float64")
    graph = nir.read(path)
    for k in range(2):
        want = dense_cnn(graph, x[k].reshape(steps, 2, 34, 34).astype(float), name == "sinabs")
        assert {p: int(trace.spikes[p][k].sum()) for p in want} == want
    whole = net.replace(steps=streams.steps(1e-3))
    right = run(whole, streams.raster(0, 30, 1e-3, whole.steps)).accuracy(data.y_test[:30])
    assert right >= 0.96


def test_an_axis_of_time_in_the_input_is_taken_off():
    """What sinabs writes of a network shown ``[batch, steps, features]``: (25, 4) before a weight [3, 4]."""
    w = rng.normal(0, 1, (3, 4)).astype(np.float32)
    lif = nir.LIF(np.full(3, 0.02), np.ones(3), np.zeros(3), np.ones(3))
    plain = from_graph(chain(nir.Linear(w), lif, shape=(4,), out=(3,)), **WORDS)
    timed = from_graph(chain(nir.Linear(w), lif, shape=(25, 4), out=(25, 3)), **WORDS)
    assert differences(plain, timed) == []
    with pytest.raises(SpikingError, match=r"type mismatch at node 'n0': shape \(25, 5\) arrives"):
        from_graph(chain(nir.Linear(w), lif, shape=(25, 5), out=(25, 3)), **WORDS)


def test_a_step_given_for_time_counted_in_steps_changes_no_dynamics():
    """sinabs writes time constants and delays in steps; a stated dt says how long one takes."""
    w = rng.normal(0, 1, (3, 4)).astype(np.float32)
    lif = nir.LIF(np.array([5.0, 10.0, 20.0]), np.ones(3), np.zeros(3), np.ones(3))
    graph = chain(nir.Linear(w), nir.Delay(np.full(3, 2.0)), lif, shape=(4,), out=(3,))
    words = {"steps": 30, "discretisation": "sinabs", "encoder": Direct()}
    counted, said = from_graph(graph, **words), from_graph(graph, dt=1e-3, **words)
    assert (counted.dt, said.dt) == (1.0, 1e-3)
    np.testing.assert_allclose(said["n2"].unit.tau_mem, [5e-3, 10e-3, 20e-3])
    assert said.connections[0].delay == counted.connections[0].delay == 2
    x = 20 * rng.random((5, 4)).astype(np.float32)
    theirs, ours = (run(n, x, record=("spikes",)).spikes["n2"] for n in (counted, said))
    assert theirs.sum() > 0
    np.testing.assert_array_equal(ours, theirs)
