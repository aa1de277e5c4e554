"""Checkpoints of both learners: what they belong to, and that no damaged or hostile file does harm."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import zipfile

import numpy as np
import pytest
import scipy.sparse as sp

from spiking.core.coding.encode import Poisson
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF
from spiking.core.plasticity import STDP
from spiking.learn.checkpoint import Identity, save
from spiking.learn.fingerprint import digest, structure
from spiking.learn.fit import FitConfig, fit
from spiking.learn.gradient.training import Training
from spiking.learn.samples import Samples
from spiking.learn.stdp import LearnConfig, learn_stdp, stdp_network
from spiking.learn.stdp.learn import Lesson

RNG = np.random.default_rng(0)
X = RNG.random((60, 12)).astype(np.float32)
Y = X[:, :3].argmax(axis=1)
MUTATIONS = 2000  # of bytes, and as many of the structure, for each kind
RULE = STDP(a_minus=1e-3, a_plus_triplet=0.1, pairing="nearest", norm=4.0)
CONFIG = FitConfig(epochs=3, batch_size=16, dropout=0.2)
PLAN = LearnConfig(images=200, seed=3, carry=True)


def snn(steps=6):
    return Network.dense([12, 10, 3], hidden=LIF(), readout=LI(), encoder=Poisson(), steps=steps, seed=1)


def plastic(**options):
    size = {"neurons": 6, "rate": 900.0, "duration": 30e-3, "rule": RULE, "input_delay": 2e-3}
    return stdp_network(12, **{**size, **options})


class ByGradient:
    """A finished epoch in a checkpoint, and a training that may read it."""

    def __init__(self, path):
        samples = Samples.of(snn(), X, Y, "x")
        self.learner = Training(snn(), samples, None, CONFIG)
        self.learner.keep(path, resume=False)
        for _ in range(4):
            self.learner._update(np.arange(16))
        state = self.learner.state
        state.seen, state.hits, state.loss = 60, 30, 50.0
        state.end_epoch(float("nan"), 0.1)
        self.learner._update(np.arange(16))
        self.learner._save()

    def load(self, path):
        self.learner.state.load(path, self.learner.identity)

    def values(self):
        state = self.learner.state
        arrays = [a.copy() for a in state._arrays().values()]
        return [*arrays, np.array([state.epoch, state.batch, state.hits, state.seen, state.optimise.updates])]

    def go_on(self):
        self.learner._update(np.arange(16))


class BySTDP:
    """A hundred samples learned in a checkpoint, and a lesson that may read it."""

    def __init__(self, path):
        self.learner = Lesson(plastic(), X, Y, PLAN)
        self.learner.chunk(1)
        self.learner.save(path)

    def load(self, path):
        self.learner.resume(path)

    def values(self):
        from spiking.learn.stdp.state import _arrays

        arrays = _arrays(self.learner.state, self.learner.estimate)
        return [*(a.copy() for a in arrays.values()), np.array([self.learner.done])]

    def go_on(self):
        self.learner.done = PLAN.images - 20
        self.learner.chunk(1)


KINDS = [ByGradient, BySTDP]


def loads(own, path):
    """Whether a checkpoint is loaded; what refuses it says so in one sentence."""
    try:
        own.load(path)
    except SpikingError as error:
        said = str(error)
    else:
        return True
    assert said
    assert "\n" not in said
    return False


def same(a, b):
    return all(np.array_equal(x, y, equal_nan=x.dtype.kind == "f") for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_no_damage_to_the_bytes_is_loaded(tmp_path, kind):
    path = tmp_path / "c.npz"
    own = kind(path)
    whole, before, rng = path.read_bytes(), own.values(), np.random.default_rng(1)
    refused = 0
    for k in range(MUTATIONS):
        data = bytearray(whole)
        match k % 4:
            case 0 | 1:
                for at in rng.integers(0, len(data), rng.integers(1, 4)):
                    data[at] = rng.integers(256)
            case 2:
                at = int(rng.integers(len(data)))
                data[at : at + int(rng.integers(1, 40))] = rng.bytes(int(rng.integers(0, 40)))
            case 3:
                del data[int(rng.integers(len(data))) :]
        path.write_bytes(data)
        refused += not loads(own, path)
        assert same(before, own.values())  # refused, or loaded right: nothing in between
    assert refused > 0.7 * MUTATIONS


ODD = [None, -1, 0, 1e400, float("nan"), 2**70, "x", "x" * 5000, [], {}, [[[[]]]], True, 1.5, -(2**31)]


def changed(rng, state, arrays):
    """The parts of a checkpoint with one change, as a file's content."""
    arrays, state = dict(arrays), json.loads(json.dumps(state))
    name = list(arrays)[rng.integers(len(arrays))]
    array = arrays[name].copy()
    write = np.savez
    match int(rng.integers(9)):
        case 0:
            del arrays[name]
        case 1:
            arrays["more"] = np.zeros(3)
        case 2:
            kinds = ["f2", "f4", "f8", "i4", "i8", "u1", "U3", "c8", "M8[s]"]
            with np.errstate(all="ignore"):
                arrays[name] = array.astype(kinds[rng.integers(len(kinds))])
        case 3:
            arrays[name] = np.resize(array, (*array.shape, int(rng.integers(3))))
        case 4 | 5 | 6:
            if array.size:
                with np.errstate(all="ignore"):
                    extreme = np.array([np.nan, np.inf, -1.0, 1e30, 2.0**31 - 1, -(2.0**31), 7.0])
                    value = extreme[rng.integers(len(extreme))]
                    array.flat[rng.integers(array.size)] = np.asarray(value).astype(array.dtype)
            arrays[name] = array
        case 7:
            place = state if rng.random() < 0.5 else state["state"]
            key = list(place)[rng.integers(len(place))]
            place[key] = ODD[rng.integers(len(ODD))]
            if rng.random() < 0.2:
                del place[key]
        case 8:
            write = np.savez_compressed
    words = np.frombuffer(json.dumps(state).encode(), np.uint8)
    file = io.BytesIO()
    write(file, state=words, **arrays)
    return file.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_no_change_of_the_content_does_harm(tmp_path, kind):
    path = tmp_path / "c.npz"
    own = kind(path)
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    state = json.loads(bytes(arrays.pop("state")))
    rng = np.random.default_rng(2)
    refused = 0
    for _ in range(MUTATIONS):
        path.write_bytes(changed(rng, state, arrays))
        before = own.values()
        if not loads(own, path):
            refused += 1
            assert same(before, own.values())
            continue
        with np.errstate(all="ignore"), contextlib.suppress(SpikingError):
            own.go_on()  # what was loaded can be worked with
    assert refused > 0.5 * MUTATIONS


def edited(path, change):
    """Write the checkpoint at ``path`` again with ``change(state, arrays)``."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    state = json.loads(bytes(arrays.pop("state")))
    change(state, arrays)
    np.savez(path, state=np.frombuffer(json.dumps(state).encode(), np.uint8), **arrays)


@pytest.mark.parametrize(
    ("name", "value"),
    [("ring", 10**6), ("due", 7), ("late_event", -1), ("late_due", 13), ("clock", -5), ("last_post", 10**6)],
)
def test_indices_beyond_their_arrays_are_refused(tmp_path, name, value):
    own = BySTDP(tmp_path / "c.npz")
    edited(tmp_path / "c.npz", lambda _, arrays: arrays[name].__setitem__(..., value))
    with pytest.raises(SpikingError, match=f"holds what learning never leaves .*{name} lies outside"):
        own.load(tmp_path / "c.npz")


def test_counters_that_contradict_each_other_are_refused(tmp_path):
    path = tmp_path / "c.npz"
    own = ByGradient(path)
    for change, words in (
        ({"epoch": 2}, "2 epochs are done, and the history is no list of as many"),
        ({"epoch": 9}, "epoch is 9; allowed: whole numbers, 0 to 3"),
        ({"batch": 5}, "batch is 5; allowed: whole numbers, 0 to 4"),
        ({"hits": 17}, "hits is 17; allowed: whole numbers, 0 to 16"),
        ({"history": [{"epoch": 1}]}, "row 0 of the history has other columns"),
    ):
        whole = path.read_bytes()
        edited(path, lambda state, _, change=change: state["state"].update(change))
        with pytest.raises(SpikingError, match=rf"contradicts itself \({words}"):
            own.load(path)
        path.write_bytes(whole)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    own = ByGradient(tmp_path / "c.npz")
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("state.npy", b"\0" * 10**8)
    with pytest.raises(SpikingError, match=r"not a whole checkpoint.*is packed or larger than"):
        own.load(tmp_path / "bomb.npz")


def test_other_data_is_refused(tmp_path):
    path = tmp_path / "c.npz"
    held = (X[:20], Y[:20])
    fit(snn(), X, Y, epochs=2, validation=held, checkpoint=path)
    other = X.copy()
    other[5, 5] += 1e-3
    for x, y, validation, words in (
        (other, Y, held, r"\(samples\)"),
        (X, (Y + 1) % 3, held, r"\(labels\)"),
        (X, Y, (X[:20], (Y[:20] + 1) % 3), r"\(validation labels\)"),
        (X, Y, None, r"\(validation samples, validation labels\)"),
    ):
        with pytest.raises(SpikingError, match=f"made with other data {words}"):
            fit(snn(), x, y, epochs=2, validation=validation, checkpoint=path, resume=True)
    lesson = tmp_path / "s.npz"
    learn_stdp(plastic(), X, Y, images=100, checkpoint=lesson)
    with pytest.raises(SpikingError, match=r"made with other data \(samples\)"):
        learn_stdp(plastic(), other, Y, images=100, checkpoint=lesson)
    with pytest.raises(SpikingError, match=r"has learned 100 samples, and 60 are asked for"):
        learn_stdp(plastic(), X, Y, checkpoint=lesson)


def test_a_checkpoint_of_the_other_learner_is_refused(tmp_path):
    fit(snn(), X, Y, epochs=1, checkpoint=tmp_path / "c.npz")
    with pytest.raises(SpikingError, match=r"of kind 'gradient', version 2; 'stdp', version 2 is needed"):
        learn_stdp(plastic(), X, checkpoint=tmp_path / "c.npz")


def test_the_structure_holds_all_but_weights_and_names():
    net = plastic()
    moved = [dataclasses.replace(c, weight=c.weight * 2) for c in net.connections]
    assert structure(net) == structure(net.replace(connections=moved, name="other"))
    first = net.connections[0]
    dense = first.weight.toarray()
    for change in (
        {"delay": first.delay + 1},
        {"plasticity": dataclasses.replace(RULE, a_minus=2e-3)},
        {"weight_bits": 4},
        {"weight": sp.csr_array(dense[::-1])},  # as many synapses at other places
    ):
        conns = [dataclasses.replace(first, **change), *net.connections[1:]]
        assert structure(net) != structure(net.replace(connections=conns)), change
    assert structure(net) != structure(net.replace(steps=net.steps + 1))
    assert structure(plastic(lateral="explicit")) != structure(net)
    long = np.linspace(1e-3, 2e-3, 10)  # repr() leaves out what lies in the middle of a long array
    tau = np.linspace(5e-3, 9e-3, 2000)
    bent = tau.copy()
    bent[1000] += 1e-9
    assert repr(tau) == repr(bent)
    assert digest(LI(tau_mem=tau)) != digest(LI(tau_mem=bent))
    assert digest(LI(tau_mem=long)) == digest(LI(tau_mem=long.copy()))


def test_different_values_have_different_digests():
    values = [
        None,
        True,
        1,
        1.0,
        "1",
        "",
        [1],
        [[1]],
        [1, [1]],
        [("a", 1)],
        {"a": 1},
        {"a": "1"},
        np.ones(2),
        np.ones((2, 1)),
    ]
    values += [np.ones(2, np.float32), sp.eye_array(2, format="csr"), ["ab"], ["a", "b"], LIF(), LI()]
    assert len({digest(v) for v in values}) == len(values)
    with pytest.raises(SpikingError, match="a value of type object has no checksum"):
        digest(object())


def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    seen = []
    for path, words in ((tmp_path, "is a folder"), (tmp_path / "file" / "c.npz", "no writable folder")):
        with pytest.raises(SpikingError, match=words):
            fit(snn(), X, Y, epochs=1, checkpoint=path, progress=seen.append)
        with pytest.raises(SpikingError, match=words):
            learn_stdp(plastic(), X, checkpoint=path, progress=seen.append)
    assert seen == []


def test_a_full_disk_leaves_the_earlier_checkpoint(tmp_path, monkeypatch):
    path, identity = tmp_path / "c.npz", Identity(kind="gradient", network="", data={}, settings={})
    save(path, identity, {"a": np.zeros(3)}, {})
    before = path.read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(SpikingError, match="No space left on device; name another place"):
        save(path, identity, {"a": np.ones(3)}, {})
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["c.npz"]
