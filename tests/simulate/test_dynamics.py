"""Closed forms, published spike steps, stored traces and golden vectors; live peers where installed."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from spiking.core.coding.encode import Direct
from spiking.core.errors import SpikingError
from spiking.core.files import write_json
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Discretisation
from spiking.core.neurons.profiles import PROFILES, profile
from spiking.core.parts import Connection, Input, Output, Population
from spiking.simulate import run
from spiking.study.validation.dynamics import closed, golden, live, traces
from spiking.study.validation.dynamics.rows import neuron, row

FOLDER = traces.traces_folder(None)


def failed(rows):
    return [(r["id"], r["item"], r["expected"], r["got"]) for r in rows if not r["passed"]]


@pytest.mark.parametrize("rows", [closed.closed_forms, traces.spike_steps, golden.golden_vectors])
def test_rows_that_need_nothing_pass(rows):
    found = rows()
    assert len(found) >= 6
    assert failed(found) == []


def test_an_input_that_decays_with_the_step_it_arrives_in():
    """``v' = decay (v + i)``: under a constant current ``v_n = i (d + d**2 + ... + d**n)``."""
    tau, dt, steps, current = 5e-3, 1e-3, 9, 0.7
    unit = LI(tau_mem=tau, discretisation=Discretisation(input_scale="decayed"))
    net = Network(
        inputs=[Input(size=1, encoder=Direct())],
        populations=[Population(name="n", size=1, unit=unit)],
        connections=[Connection(source="input", target="n", weight=np.ones((1, 1)))],
        output=Output(population="n"),
        steps=steps,
        dt=dt,
    )
    v = run(net, np.full((1, 1), current), record=("v",), precision="float64").v["n"][0, :, 0]
    np.testing.assert_allclose(
        v, current * np.cumsum(np.exp(-dt / tau) ** np.arange(1, steps + 1)), rtol=1e-12
    )


@pytest.mark.skipif(FOLDER is None, reason="no lif-traces folder (set SPIKING_DATA)")
def test_stored_traces():
    found = traces.stored_traces(FOLDER)
    assert len(found) == 7
    assert failed(found) == []


def test_brian_as_its_user_writes_it():
    pytest.importorskip("brian2")
    assert failed(live.live_brian()) == []


def test_installed_peers():
    rows = live.live_peers()
    if not rows:
        pytest.skip("no other simulator is installed (extra: peers)")
    assert failed(rows) == []


def test_a_row_that_is_wrong_does_not_pass(tmp_path):
    good = row("X", "a", "s", "k", expected=1.0, got=1.0 + 1e-10, tolerance=1e-9)
    bad = row("X", "b", "s", "k", expected=0.0, got=1.0, tolerance=0.5)
    nan = row("X", "c", "s", "k", expected=1.0, got=float("nan"), tolerance=0.5)
    assert [r["passed"] for r in (good, bad, nan)] == [True, False, False]
    write_json(tmp_path / "rows.json", [good, bad])
    assert json.loads((tmp_path / "rows.json").read_text())[1]["error"] == 1.0


@pytest.mark.skipif(FOLDER is None, reason="no lif-traces folder (set SPIKING_DATA)")
@pytest.mark.parametrize("wrong", ["nengo", "norse", "sinabs", "lava", "spyx"])
def test_the_wrong_convention_is_seen(wrong, monkeypatch):
    """A trace that any convention reproduces would prove nothing."""
    monkeypatch.setattr(traces, "STORED", {wrong: "lif_exact"})
    rms = traces.stored_traces(FOLDER)[0]
    assert not rms["passed"]
    assert rms["got"] > 1e-4


def test_every_profile_names_its_proof_and_unknown_ones_get_a_hint():
    needed = {"snntorch", "spikingjelly", "norse", "nengo", "rockpool", "sinabs", "spyx", "lava"}
    needed |= {"spinnaker2", "nest", "brian2"}
    assert needed <= set(PROFILES)
    assert all(len(p.proof) > 10 for p in PROFILES.values())
    with pytest.raises(
        SpikingError, match=r"unknown discretisation profile 'nors' \(did you mean 'norse'\?\)"
    ):
        profile("nors")


@given(
    tau=st.floats(1e-3, 0.1),
    ratio=st.one_of(st.floats(0.05, 20.0), st.floats(1 - 1e-6, 1 + 1e-6)),
    dt=st.floats(1e-5, 5e-3),
)
def test_the_propagator_is_the_integral_of_the_membranes_response(tau, ratio, dt):
    tau_syn = tau * ratio
    _, gain = Discretisation(input_scale="propagator").coefficients(tau, dt, tau_syn)
    want, _ = quad(lambda s: np.exp(-(dt - s) / tau - s / tau_syn) / tau, 0, dt, epsabs=0, epsrel=1e-12)
    assert gain == pytest.approx(want, rel=1e-9)


@given(tau=st.floats(1e-3, 0.1), ratio=st.floats(0.02, 50.0), dt=st.floats(1e-5, 5e-3))
def test_the_share_of_an_alpha_synapse_is_the_ratio_of_two_integrals(tau, ratio, dt):
    tau_syn = tau * ratio
    d = Discretisation(input_scale="propagator")
    late, _ = quad(
        lambda s: s / tau_syn * np.exp(-(dt - s) / tau - s / tau_syn) / tau, 0, dt, epsabs=0, epsrel=1e-12
    )
    _, gain = d.coefficients(tau, dt, tau_syn)
    assert d.alpha_share(tau, dt, tau_syn) * gain == pytest.approx(late, rel=1e-8)


@given(st.floats(1.01, 5.0), st.floats(0.0, 0.999), st.floats(1e-4, 5e-3))
def test_the_crossing_reset_equals_the_event_based_solution(current, v0, dt):
    """By hand: find the crossing, restart from 0, integrate to the end of the step."""
    tau = 10e-3
    unit = LIF(
        tau_mem=tau,
        v_start=v0,
        reset="zero",
        discretisation=Discretisation(crossing=True, input_scale="one_minus_beta"),
    )
    v, s = neuron(unit, np.zeros(2), dt=dt, bias=current)
    cross = tau * np.log((current - v0) / (current - 1))
    if not 1e-9 < cross < dt - 1e-9:
        return
    end = current * -np.expm1(-(dt - cross) / tau)
    after = current + (end - current) * np.exp(-dt / tau)
    assert s[0] == 1
    assert v[1] == pytest.approx(after, rel=1e-9, abs=1e-12)


def test_the_page_shows_every_profile_and_every_row():
    from spiking.study.validation.dynamics.page import page

    rows = golden.golden_vectors()
    text = page(rows)
    assert all(f"| `{name}` |" in text for name in PROFILES)
    assert all(r["item"] in text for r in rows)
    assert f"{len(rows)} of {len(rows)} comparisons pass" in text
    assert "FAILED" in page([{**rows[0], "passed": False}])
