"""Several effects one after the other: one chip, as a seed draws it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spiking.core import check
from spiking.core.errors import SpikingError, require, unknown
from spiking.core.network import Network
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS

Effects = Sequence[tuple[str, Mapping[str, Any]]]


@typed
def chip_instance(network: Network, effects: Effects, seed: int) -> Network:
    """Return ``network`` as chip number ``seed`` holds it.

    Args:
        effects: ``(name, options)`` in the order they act, e.g. ``[("threshold-mismatch", {"sigma": 0.2})]``.
        seed: of the chip. Every place in the list has randomness of its own, so that what an effect draws
            depends neither on the options of those before it nor on whether others follow.

    Raises:
        SpikingError: an unknown effect or option, with the nearest name.
    """
    check.seed(seed)
    for place, (name, how) in enumerate(checked(effects)):
        network = EFFECTS[name](network, np.random.default_rng((seed, place)), **how)
    return network


def checked(effects: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """Return ``effects`` as a list, every name and option known.

    Raises:
        SpikingError: no pairs of name and options, an unknown name or option, or one that is missing.
    """
    made: list[tuple[str, Mapping[str, Any]]] = []
    for entry in effects:
        if not isinstance(entry, tuple | list) or len(entry) != 2 or not isinstance(entry[1], Mapping):
            raise SpikingError(
                f'effects holds {entry!r}; allowed: pairs (name, options), e.g. ("prune", {{"share": 0.5}})'
            )
        name, how = entry
        _check_options(name, how)
        made.append((str(name), dict(how)))
    return made


def _check_options(name: str, how: Mapping[str, Any]) -> None:
    """Compare options with those that the signature of the effect names."""
    parameters = list(inspect.signature(EFFECTS[name]).parameters.values())
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return  # it checks what it is given
    options = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    for key in how:
        if key not in options:
            raise unknown(f"option of the effect {name!r}", key, options)
    missing = [
        key for key, default in options.items() if default is inspect.Parameter.empty and key not in how
    ]
    require(not missing, f"the effect {name!r} needs {', '.join(missing)}; give it by name")
