"""Named discretisations: what each simulator does in a step, as a few words of data.

The same weights mean different things in each simulator because these words differ. Every profile
names what shows it: the stored traces and spike steps of the NIR paper (Pedersen et al. 2024, Nature
Communications 15:8122, ``paper/01_lif``), the simulator's own code run beside ours
(``spiking validate dynamics``), or its documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from spiking.core.errors import unknown
from spiking.core.neurons import Discretisation


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One simulator's convention.

    Attributes:
        discretisation, reset: what happens in a step.
        proof: what shows them.
        dt: step in the unit of the time constants that the simulator's NIR exporter writes, with default
            arguments; None where it has no exporter, or none that fixes it.
        counted: True where the exporter writes time constants and delays in steps: another ``dt`` then says
            how long a step takes [s], and changes no dynamics.
    """

    discretisation: Discretisation
    reset: Literal["subtract", "zero"]
    proof: str
    dt: float | None = None
    counted: bool = False


def _of(
    reset: Literal["subtract", "zero"],
    proof: str,
    *,
    dt: float | None = None,
    counted: bool = False,
    **words: object,
) -> Profile:
    how = Discretisation(**words)  # type: ignore[arg-type]
    return Profile(discretisation=how, reset=reset, proof=proof, dt=dt, counted=counted)


# What the exporters write, read in their sources: snnTorch 1.0 and SpikingJelly 2.0 count steps of 0.1 ms.
# Norse 1.1 multiplies its time constants [s], which belong to steps of 1 ms, by 1e-3 once more. sinabs 3.1
# writes time constants in steps.


NIR = "NIR paper, LIF trace and spike steps"
PROFILES: Mapping[str, Profile] = {
    "event": _of(
        "zero", f"{NIR} (event-based reference)", input_scale="one_minus_beta", crossing=True
    ),
    "snntorch": _of(
        "subtract",
        "snntorch 1.0 run live: Leaky and Synaptic with default arguments",
        dt=1e-4,
        integrator="euler",
        input_scale="raw",
        reset_delay=1,
    ),
    "snntorch-nir": _of(
        "zero",
        f"{NIR}; snntorch.import_from_nir sets reset_mechanism='zero', reset_delay=False",
        dt=1e-4,
        integrator="euler",
        input_scale="raw",
    ),
    "spikingjelly": _of(
        "zero",
        "spikingjelly 2.0 run live: LIFNode with default arguments",
        dt=1e-4,
        integrator="euler",
        input_scale="dt_over_tau",
        strict=False,
    ),
    "norse": _of(
        "zero",
        f"{NIR}; norse 1.1 run live: LIFBoxCell and LIFCell",
        dt=1e-6,
        integrator="euler",
        input_scale="dt_over_tau",
    ),
    "nengo": _of("zero", f"{NIR}; nengo 4.1 run live: LIF with tau_ref=0", input_scale="one_minus_beta"),
    "rockpool": _of(
        "subtract", f"{NIR}; several spikes a step (documentation of LIF)",
        input_scale="dt_over_tau", strict=False, multi=True,
    ),
    "sinabs": _of(
        "subtract", f"{NIR}; MultiSpike is the default of sinabs.layers.LIF and IAF",
        dt=1.0,
        counted=True,
        input_scale="dt_over_tau", strict=False, multi=True,
    ),
    "sinabs-single": _of(
        "subtract",
        f"{NIR}; sinabs with spike_fn=SingleSpike",
        dt=1.0,
        counted=True,
        input_scale="dt_over_tau",
        strict=False,
    ),
    "spyx": _of(
        "subtract", f"{NIR}; a spike is computed from the potential of the step before",
        integrator="euler", input_scale="raw", reset_delay=1, spike_delay=1,
    ),
    "lava": _of(
        "zero", f"{NIR}; unit tests of lava.proc.lif (floating-point model)",
        integrator="euler", input_scale="raw", input_delay=1,
    ),
    "spinnaker2": _of("zero", NIR, integrator="euler", input_scale="raw"),
    "nest": _of(
        "zero",
        "NEST 3.10 run live: iaf_psc_exp; closed forms of its tests, exact integration"
        " (Rotter & Diesmann 1999, Biol. Cybern. 81:381)",
        input_scale="propagator", strict=False, synapse_delay=1,
    ),
    "brian2": _of(
        "zero",
        "brian2 2.9 run live: method='exact', synapses act after the threshold of their step",
        input_scale="propagator", input_delay=1,
    ),
}  # fmt: skip


def profile(name: str) -> Profile:
    """Return the profile called ``name``.

    Raises:
        SpikingError: for an unknown name, with the nearest known one.
    """
    if name not in PROFILES:
        raise unknown("discretisation profile", name, PROFILES)
    return PROFILES[name]
