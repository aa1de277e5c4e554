"""Named discretisations: what one simulator does in a step, as a few words of data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from spiking.core.errors import unknown
from spiking.core.neurons import Discretisation


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One simulator's convention: its discretisation, its reset and where both are shown."""

    discretisation: Discretisation
    reset: Literal["subtract", "zero"]
    proof: str


PROFILES: Mapping[str, Profile] = {
    "norse": Profile(
        discretisation=Discretisation(integrator="euler", input_scale="dt_over_tau"),
        reset="zero",
        proof="trace lif_norse of the NIR paper (Pedersen et al. 2024, Nat. Commun. 15:8122)",
    ),
}


def profile(name: str) -> Profile:
    """Return the profile called ``name``.

    Raises:
        SpikingError: for an unknown name, with the nearest known one.
    """
    if name not in PROFILES:
        raise unknown("discretisation profile", name, PROFILES)
    return PROFILES[name]
