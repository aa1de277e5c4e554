"""``spiking run`` and ``spiking energy`` on networks of other simulators, of this package, and on counts."""

import itertools
import json
import sys

import nir
import numpy as np
import pytest
from sklearn.datasets import load_digits

from spiking import cli
from spiking.bridges.nir import from_graph, load, save
from spiking.core.coding.encode import Direct
from spiking.core.counts import count
from spiking.core.network import Network
from spiking.core.neurons import LIF, Linear, ReLU
from spiking.simulate import run

STEPS = 12
# (time constant, resistance) of a unit that decays by 0.9 a step, as the exporter of a profile writes them
EXPORTS = {
    "snntorch": (1e-3, 10.0),
    "snntorch-nir": (1e-3, 10.0),
    "spikingjelly": (1e-3, 1.0),
    "norse": (1e-5, 1.0),
    "sinabs-single": (10.0, 1.0),
}


def exported(profile):
    """A network as a peer's exporter writes it: Affine and LIF twice, read off the digits' class means."""
    tau, r = EXPORTS[profile]
    x, y = load_digits(return_X_y=True)
    means = np.stack([(x[y == k] / 16).mean(axis=0) for k in range(10)]).astype(np.float32)
    means = (means - means.mean(axis=0)) * (0.8 if r == 10 else 8)  # what r multiplies
    lif = [np.full(10, v, np.float32) for v in (tau, r, 0.0, 1.0)]
    nodes = {
        "input": nir.Input(np.array([64])),
        "fc1": nir.Affine(means, np.full(10, 0.1, np.float32)),
        "lif1": nir.LIF(*lif),
        "fc2": nir.Linear(np.eye(10, dtype=np.float32) * (2 if r == 10 else 20)),
        "lif2": nir.LIF(*lif),
        "output": nir.Output(np.array([10])),
    }
    return nir.NIRGraph(nodes, list(itertools.pairwise(nodes)))


@pytest.fixture
def spiking(monkeypatch, capsys, tmp_path):
    """Call the command line in this process; return exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["spiking", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    return call


@pytest.fixture
def own(tmp_path):
    return save(Network.dense([64, 8, 10], hidden=LIF(), readout=LIF(), steps=4), tmp_path / "own.nir")


@pytest.mark.parametrize("profile", EXPORTS)
def test_a_file_of_a_peer_needs_the_convention_steps_and_encoder_only(spiking, tmp_path, profile):
    nir.write(tmp_path / "peer.nir", exported(profile))
    code, out, err = spiking(
        "run", "peer.nir", "--discretisation", profile, "--steps", STEPS, "--encoder", "direct",
        "--samples", 50, "--chips", "generic-45nm", "--json", "out.json",
    )  # fmt: skip
    assert code == 0, err
    assert "WARNING" not in err
    data = json.loads((tmp_path / "out.json").read_text())
    net = load(tmp_path / "peer.nir", discretisation=profile, steps=STEPS, encoder=Direct())
    decays = [p.unit.discretisation.coefficients(p.unit.tau_mem, net.dt)[0] for p in net.populations]
    exact = net.populations[0].unit.discretisation.integrator == "exact"
    assert float(decays[0]) == pytest.approx(np.exp(-0.1) if exact else 0.9, rel=1e-6)
    assert data["samples"] == len(data["correct"]) == 50
    assert data["accuracy"] == np.mean(data["correct"]) > 0.3
    assert data["counts"]["steps"] == STEPS
    assert data["bills"]["generic-45nm"]["energy_J"]["total"]["nominal"] > 0
    assert "estimated, not measured" in out


def test_encoder_decoder_and_steps_reach_an_imported_network(spiking, tmp_path):
    nir.write(tmp_path / "peer.nir", exported("norse"))
    code, _, err = spiking(
        "energy", "peer.nir", "--discretisation", "norse", "--steps", 7, "--encoder", "latency:theta=0.05",
        "--decoder", "first-spike", "--samples", 20, "--json", "out.json",
    )  # fmt: skip
    assert code == 0, err
    counts = json.loads((tmp_path / "out.json").read_text())["counts"]
    spikes = {r["layer"]: r["count"] for r in counts["counts"] if r["operation"] == "spikes"}
    assert counts["steps"] == 7
    assert 0 < spikes["input"] <= 64  # at most one spike per feature


@pytest.mark.parametrize(
    ("dt", "steps", "words"),
    [("1e-3", 10, " % of the state is left after one step, so the unit forgets at once; check dt"),
     ("1e-7", 10, "in 10 steps 0.1 % of the state leaks, so the unit never forgets; check dt and steps")],
)  # fmt: skip
def test_a_wrong_step_warns_loudly_on_stderr(spiking, tmp_path, dt, steps, words):
    nir.write(tmp_path / "peer.nir", exported("snntorch"))
    code, out, err = spiking(
        "run", "peer.nir", "--discretisation", "snntorch", "--dt", dt, "--steps", steps, "--encoder",
        "direct", "--samples", 5,
    )  # fmt: skip
    assert code == 0, err
    assert f"WARNING: tau_mem of 'lif1' is 0.001 s at steps of {float(dt):g} s: " in err
    assert words in err
    assert "WARNING" not in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "own.nir", "--dt", "-1"], "dt is -1.0 s; allowed: above 0"),
        (["run", "own.nir", "--dt", "1e-3"], "the file itself says dt; leave it out"),
        (["run", "own.nir", "--discretisation", "norze"], "'norze' (did you mean 'norse'?)"),
        (["run", "own.nir", "--discretisation", "norse"], "file itself says discretisation"),
        (["run", "own.nir", "--reset", "foo"], "unknown reset 'foo'; allowed: subtract, zero"),
        (["run", "own.nir", "--reset", "zero", "--dt", "1e-3"], "says dt, reset; leave them out"),
        (["run", "own.nir", "--samples", "0"], "samples is 0; allowed: whole numbers, 1"),
        (["run", "own.nir", "--chips", "loihi2x"], "unknown chip 'loihi2x'"),
        (["run", "own.nir", "--data", "minst"], "unknown data set 'minst' (did you mean 'mnist'?)"),
        (["run", "own.nir", "--encoder", "latncy"], "'latncy' (did you mean 'latency'?)"),
        (["run", "own.nir", "--data", "nmnist"], "nmnist"),
        (["run", "peer.nir"], "does not say steps nor discretisation; give them"),
        (["run", "peer.nir", "--discretisation", "norse"], "does not say steps; give them"),
        (["run", "peer.nir", "--discretisation", "norse", "--steps", "3"], "say how a value becomes events"),
        (["run", "counts.json"], "counts.json holds counts, which were run already; use spiking energy"),
        (["run", "absent.nir"], "there is no file 'absent.nir'"),
        (["energy", "own.nir", "--sums", "foo"], "unknown --sums 'foo'; allowed: registers, sram"),
        (["energy", "own.nir", "--state", "foo"], "unknown --state 'foo'; allowed: registers, sram"),
        (["energy", "own.nir", "--state", "sram", "--chips", "loihi1"], "no effect on loihi1"),
        (["energy", "own.nir", "--draws", "0", "--against", "own.nir"], "--draws is 0; allowed"),
        (["energy", "own.nir", "--draws", "5"], "--draws needs --against"),
        (["energy", "own.nir", "--chips", ","], "no chip came; name at least one"),
        (["energy", "own.nir", "--latency", "0"], "latency is 0.0 s; allowed: above 0"),
        (["energy", "counts.json", "--samples", "3"], "counts are an inference already"),
        (["energy", "counts.json", "--steps", "3"], "counts are an inference already"),
        (["energy", "own.nir", "--against", "own.nir"], "--against takes a conventional network"),
    ],
)  # fmt: skip
def test_one_sentence_before_any_work(spiking, own, tmp_path, arguments, words):
    nir.write(tmp_path / "peer.nir", exported("norse"))
    net = load(own)
    counts = count(net, run(net, np.zeros((1, 64)))).to_dict()
    (tmp_path / "counts.json").write_text(json.dumps(counts))
    before = sorted(tmp_path.iterdir())
    code, _, err = spiking(*arguments)
    assert code == 2
    assert words in err.splitlines()[-1]
    assert "Traceback" not in err
    assert sorted(tmp_path.iterdir()) == before


def test_everything_asked_for_is_written(spiking, own, tmp_path):
    mlp = save(Network.dense([64, 8, 10], hidden=ReLU(), readout=Linear()), tmp_path / "mlp.nir")
    code, out, err = spiking(
        "energy", own, "--chips", "all", "--model-of-energy", "all", "--samples", 10, "--json", "e.json",
        "--figures", "f", "--bibtex", "e.bib", "--against", mlp, "--draws", 100, "--sums", "sram",
    )  # fmt: skip
    assert code == 0, err
    data = json.loads((tmp_path / "e.json").read_text())
    found = next(v for v in data["comparison"] if v["chip"] == "generic-45nm")
    assert found["draws"] == 100
    assert {row["constant"] for row in found["sensitivity"]} >= {"bank", "leakage", "pin"}
    assert data["against"]["accuracy"] is not None
    assert (tmp_path / "f" / "waterfall-generic-45nm.png").stat().st_size > 10_000
    assert "@inproceedings{horowitz2014," in (tmp_path / "e.bib").read_text()
    assert "dnn-engine cannot run it: it needs" in out
    for chip, bill in data["bills"].items():  # a chip without any published energy says so
        total = bill["energy_J"]["total"]["nominal"]
        if bill["runs_here"] and not total:
            assert f"{chip} can run it; no energy of it is published" in out
    rows = [line.split()[0] for line in out.split("latency")[1].splitlines()[2:] if line.strip()]
    totals = {
        k: b["energy_J"]["total"]["nominal"]
        for k, b in data["bills"].items()
        if b["energy_J"]["total"]["nominal"]
    }
    assert [r for r in rows if r in totals][: len(totals)] == sorted(totals, key=totals.get)
    again = spiking("energy", "e.json", "--chips", "generic-45nm")
    assert again[0] == 0


def test_from_python_the_same_profile_step_holds():
    net = from_graph(exported("snntorch"), discretisation="snntorch", steps=3, encoder=Direct())
    assert net.dt == 1e-4
