"""Closed forms: what a LIF neuron must do by mathematics alone, and the numbers NEST publishes."""

from __future__ import annotations

import numpy as np
from scipy.special import lambertw

from spiking.core.neurons import LIF
from spiking.study.validation.dynamics.rows import lif, neuron, row, steps_of
from spiking.study.validation.energy.run import Row

MS = 1e-3
ROTTER = "Rotter & Diesmann 1999, Biol. Cybern. 81:381"


def closed_forms() -> list[Row]:
    """Rates, first spikes, post-synaptic potentials, exactness."""
    return [*_rates(), *_grid(), *_exactness(), *_potentials(), *_nest()]


def _rates() -> list[Row]:
    """``ISI = t_ref + tau ln(I / (I - 1))``, spikes placed inside the step by the crossing reset."""
    rows = []
    tau, dt = 20 * MS, 0.01 * MS
    for current, published in ((1.05, 60.890449), (1.1, 47.957905), (1.5, 21.972246), (2.0, 13.862944)):
        unit = lif("event", tau_mem=tau)
        v, s = neuron(unit, np.zeros(40_000), dt=dt, bias=current)
        when = np.flatnonzero(s)
        # within the step of a spike: the part of it after the crossing, from the potential at its end
        end = v[when]
        rest = tau * np.log((current - 1.0) / (current - end))
        times = (when + 1) * dt - rest
        got = float(np.mean(np.diff(times))) / MS
        expected = tau / MS * np.log(current / (current - 1))
        rows.append(
            row(
                "D1", f"inter-spike interval, I = {current:g}", "nengo.LIF().rates", "closed form",
                expected=expected, got=got, tolerance=1e-9, unit="ms",
                note=f"{published:g} ms + 2 ms refractory is the published f-I point",
            )
        )  # fmt: skip
    unit = lif("nengo", tau_mem=tau, tau_ref=2 * MS)
    for current, rate in ((1.5, 41.71490687), (2.0, 63.04000219), (5.0, 154.7300)):
        _, s = neuron(unit, np.zeros(400_000), dt=0.005 * MS, bias=current)
        when = np.flatnonzero(s)
        got = float((len(when) - 1) / ((when[-1] - when[0]) * 0.005 * MS))
        rows.append(
            row(
                "D2", f"rate with 2 ms refractory, I = {current:g}", "nengo.LIF().rates", "closed form",
                expected=rate, got=got, tolerance=1e-3, unit="Hz", note="grid of 0.005 ms",
            )
        )  # fmt: skip
    return rows


def _grid() -> list[Row]:
    """``v = 0.9 v + I``, threshold 1: first spike at step ``floor(ln(1 - 0.1/I) / ln 0.9) + 1``."""
    rows = []
    for current, step in ((0.11, 23), (0.15, 11), (0.2, 7), (0.3, 4), (0.5, 3)):
        unit = LIF.from_beta(0.9, reset="zero")
        _, s = neuron(unit, np.zeros(30), dt=MS, bias=current)
        rows.append(
            row(
                "D3", f"first spike of v = 0.9 v + {current:g}", "closed form", "closed form",
                expected=step, got=steps_of(s)[0] + 1, tolerance=0.0, unit="step",
            )
        )  # fmt: skip
    return rows


def _exactness() -> list[Row]:
    """``V(t) = I (1 - exp(-t/tau))`` holds on every grid (NEST test_iaf_ps_dc_accuracy)."""
    worst = 0.0
    tau, current = 10 * MS, 3.0
    for k in range(14):
        dt = 2.0**-k * MS
        n = min(round(10 * MS / dt), 20_000)
        v, _ = neuron(lif("nest", tau_mem=tau, v_threshold=1e9), np.zeros(n), dt=dt, bias=current)
        t = (np.arange(n) + 1) * dt
        worst = max(worst, float(np.max(np.abs(v / (-current * np.expm1(-t / tau)) - 1))))
    return [
        row(
            "D4", "largest relative error of V(t), dt = 1 .. 2**-13 ms", "NEST test_iaf_ps_dc_accuracy",
            "closed form", expected=0.0, got=worst, tolerance=1e-12,
            note="accumulated rounding of up to 20 000 steps",
        )
    ]  # fmt: skip


def response(unit: LIF, dt: float, t_end: float) -> tuple[np.ndarray, np.ndarray]:
    """Potential after one unit event; time counts from when it acts."""
    v, _ = neuron(unit, [1] + [0] * round(t_end / dt), dt=dt)
    return np.arange(len(v)) * dt, v


def _potentials() -> list[Row]:
    rows = []
    tm, ts = 20 * MS, 5 * MS
    t, v = response(lif("nest", tau_mem=tm, tau_syn=ts, v_threshold=1e9), 0.1 * MS, 60 * MS)
    formula = ts / (tm - ts) * (np.exp(-t / tm) - np.exp(-t / ts))
    rows.append(
        row(
            "D5", "exponential synapse, largest error of the PSP", ROTTER, "closed form",
            expected=0.0, got=float(np.max(np.abs(v - formula))), tolerance=1e-13,
        )
    )  # fmt: skip
    t_max = tm * ts / (tm - ts) * np.log(tm / ts)
    top, end = _peak(lif("nest", tau_mem=tm, tau_syn=ts, v_threshold=1e9), t_max)
    high = np.exp(-t_max / tm) - np.exp(-t_max / ts)
    rows.append(
        row("D5", "exponential synapse (20, 5) ms, time of the peak", "9.241962 ms", "closed form",
            expected=t_max / MS, got=end / MS, tolerance=1e-9, unit="ms")
    )  # fmt: skip
    rows.append(
        row("D5", "exponential synapse (20, 5) ms, peak", "0.472470", "closed form",
            expected=float(high), got=top * (tm - ts) / ts, tolerance=1e-9)
    )  # fmt: skip
    for tau_m, tau_s, published in ((20 * MS, 0.5 * MS, 2.756585477), (10 * MS, 2 * MS, 6.650997646)):
        a = tau_m / tau_s
        s = (-a * lambertw(-np.exp(-1 / a) / a, -1).real - 1) / a
        t_max = s / (1 / tau_s - 1 / tau_m)
        _, end = _peak(lif("nest", tau_mem=tau_m, tau_syn=tau_s, synapse="alpha", v_threshold=1e9), t_max)
        rows.append(
            row("D6", f"alpha synapse ({tau_m / MS:g}, {tau_s / MS:g}) ms, time of the peak",
                "NEST test_iaf_psp_peak", "closed form", expected=published, got=end / MS,
                tolerance=1e-9, unit="ms")
        )  # fmt: skip
    for tau in (10 * MS, 2 * MS):
        t, v = response(
            lif("nest", tau_mem=tau, tau_syn=tau, synapse="alpha", v_threshold=1e9), 0.1 * MS, 50 * MS
        )
        formula = np.e * (t / tau) ** 2 / 2 * np.exp(-t / tau)
        rows.append(
            row("D7", f"alpha synapse with tau_mem = tau_syn = {tau / MS:g} ms, largest error",
                "NEST test_iaf_singularity", "closed form",
                expected=0.0, got=float(np.max(np.abs(v - formula))), tolerance=1e-13)
        )  # fmt: skip
    return rows


def _peak(unit: LIF, near: float) -> tuple[float, float]:
    """Value and time of the largest response, from our own steps around ``near``.

    A grid that ends exactly at ``t`` gives V(t); a parabola through three such values near the peak
    places it, the width chosen where rounding and curvature balance.
    """
    h, n = 2e-5 * near, 64

    def at(t: float) -> float:
        return float(response(unit, t / n, t)[1][n])

    best = near
    for _ in range(3):
        low, mid, high = at(best - h), at(best), at(best + h)
        best += h / 2 * (low - high) / (low - 2 * mid + high)
    return at(best), best


def _nest() -> list[Row]:
    """iaf_psc_alpha under 1000 pA: C 250 pF, tau 10 ms, rest -70 mV, threshold -55 mV, t_ref 2 ms."""
    unit = lif("nest", tau_mem=10 * MS, v_leak=-70.0, v_reset=-70.0, v_threshold=-55.0, tau_ref=2 * MS)
    v, s = neuron(unit, np.zeros(350), dt=0.1 * MS, bias=1000 / 250 * 10)
    published = ((1, -69.602), (2, -69.2079), (47, -55.0001))
    rows = [
        row("D8", f"potential at {k / 10:g} ms", "NEST test_iaf", "closed form",
            expected=value, got=round(float(v[k - 1]), 4), tolerance=0.0, unit="mV",
            note="published to 4 digits")
        for k, value in published
    ]  # fmt: skip
    for k, when in enumerate((4.8, 11.6, 18.4, 25.2, 32.0)):
        rows.append(
            row("D8", f"spike {k + 1}", "NEST test_iaf, run on 3.10.0", "closed form",
                expected=when, got=(steps_of(s)[k] + 1) * 0.1, tolerance=1e-12, unit="ms")
        )  # fmt: skip
    return rows
