"""``to_loihi``: a trained network in Loihi's integers.

Every population gets one scale ``s`` from its unit of potential to the chip's threshold unit, so
that spikes are the same but for rounding: weights become mantissas of 8 bits times a power of two
per connection, thresholds 17 bits, decays fractions of 4096, biases 13 bits times a power of two
(Davies et al. 2018, IEEE Micro 38:82; limits as in nengo-loihi).
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import singledispatch
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.neurons import ALIF, LI, LIF, CurrentUnit, LoihiLI, LoihiLIF
from spiking.core.parts import Connection, Population
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS

MANTISSA = 254  # 8 bits with sign: the last bit is not stored
HIGHEST = 2**13  # threshold aimed at: 16 of them fit below the potential's saturation
BIAS_MANTISSA, BIAS_EXPONENT = 4095, 7
EXPONENTS = (-6, 7)  # of weights; activations are shifted by 6 bits, so that -6 is the last whole one
MAX_DELAY = 62


@typed
def to_loihi(network: Network) -> Network:
    """Quantise a spiking network to Loihi's fixed-point units.

    A spike on the chip arrives one step later, so a layer computes one step after the one before
    it; delays of loops are shortened to keep the same dynamics, and as many steps are added.

    Raises:
        SpikingError: for what the chip has not: direct-current input, analog units, adaptive
            thresholds, rest or reset potentials other than 0, delays above 62 steps.
    """
    for i in network.inputs:
        require(
            not i.encoder.analog,
            f"input {i.name!r} is a direct current; Loihi takes spikes, so train with Poisson() or Latency()",
        )
    depth = _depths(network)
    scale: dict[str, Any] = {}
    populations = []
    for p in network.populations:
        scale[p.name] = _scale(p, network)
        populations.append(_population(p, network, scale[p.name]))
    connections = [_connection(c, network, scale[c.target], depth) for c in network.connections]
    return network.replace(
        populations=populations,
        connections=connections,
        steps=network.steps + max(depth.values(), default=0),
        name=f"{network.name} on loihi",
    )


@EFFECTS.register("loihi")
def in_integers(network: Network, rng: np.random.Generator, **how: Any) -> Network:
    """:func:`to_loihi` as an effect; nothing in it is random."""
    return to_loihi(network, **how)


def _depths(network: Network) -> dict[str, int]:
    """How many steps later each population computes: one more than its latest instant source."""
    depth: dict[str, int] = {i.name: 0 for i in network.inputs}
    for group in network.groups:
        for name in group:
            instant = [c.source for c in network.into(name) if network.total_delay(c) == 0]
            depth[name] = max((depth[s] + 1 for s in instant), default=0)
    return depth


def _unit(p: Population) -> CurrentUnit:
    """Return the unit of a population that the chip can imitate.

    Raises:
        SpikingError: adaptive, conductance-based or stateless units, other potentials than 0, several spikes.
    """
    unit: Any = p.unit
    if on_chip.dispatch(type(unit)) is on_chip.dispatch(object):
        raise SpikingError(f"population {p.name!r} has {type(unit).__name__} units; Loihi's are LIF or LI")
    for f in fields(unit):
        value = getattr(unit, f.name)
        require(
            f.name not in ("v_leak", "v_reset", "v_start") or value is None or not np.any(np.asarray(value)),
            f"{f.name} of {p.name!r} is {value!r}; Loihi's potentials rest, start and reset at 0",
        )
    if unit.spiking:
        d = unit.discretisation
        plain = d.strict and not (d.multi or d.reset_delay or d.crossing)
        require(
            plain and p.winners is None, f"population {p.name!r}: Loihi spikes once, above threshold, at once"
        )
    checked: CurrentUnit = unit
    return checked


@singledispatch
def on_chip(unit: Any, scale: float, words: dict[str, Any]) -> LoihiLI:
    """Return ``unit`` in Loihi's integers: ``words`` are its decays, ``scale`` its units of potential."""
    raise SpikingError(f"Loihi has no {type(unit).__name__} units; its are LIF or LI")


@on_chip.register
def _(unit: LI, scale: float, words: dict[str, Any]) -> LoihiLI:
    return LoihiLI(**words)


@on_chip.register
def _(unit: LIF, scale: float, words: dict[str, Any]) -> LoihiLI:
    theta = _whole(np.rint(np.asarray(unit.v_threshold) * scale))
    return LoihiLIF(v_threshold=theta, reset=unit.reset, tau_ref=unit.tau_ref, **words)


on_chip.register(ALIF, on_chip.dispatch(object))  # its threshold moves; the chip's does not


def _coefficients(unit: CurrentUnit, dt: float) -> tuple[Any, Any, Any]:
    """Return (decay, gain, decay of the synapse; 0 where it is instantaneous)."""
    decay, gain = unit.discretisation.coefficients(unit.tau_mem, dt, unit.tau_syn)
    tau_syn = np.asarray(unit.tau_syn, np.float64)
    slow = tau_syn > 0
    alpha = unit.discretisation.coefficients(np.where(slow, tau_syn, 1.0), dt)[0]
    return decay, gain, np.where(slow, alpha, 0.0)


def _scale(p: Population, network: Network) -> float:
    """Threshold units per unit of potential: as large as the weights' mantissas fill 8 bits exactly."""
    unit: Any = _unit(p)
    _, gain, _ = _coefficients(unit, network.dt)
    largest = max(
        (float(np.max(np.abs(_dense(c) * gain), initial=0.0)) for c in network.into(p.name)), default=0
    )
    require(largest > 0, f"no weight into {p.name!r} differs from 0; there is nothing to scale by")
    threshold = float(np.max(np.asarray(unit.v_threshold if unit.spiking else 16 * largest)))
    require(threshold > 0, f"v_threshold of {p.name!r} is {threshold!r}; Loihi's is positive")
    exponent = np.floor(np.log2(HIGHEST / threshold * largest / MANTISSA))
    return float(MANTISSA * 2.0 ** np.clip(exponent, *EXPONENTS) / largest)


def _dense(c: Connection) -> Any:
    return c.weight.toarray() if sp.issparse(c.weight) else np.asarray(c.weight, np.float64)


def _population(p: Population, network: Network, scale: float) -> Population:
    unit = _unit(p)
    decay, gain, alpha = _coefficients(unit, network.dt)
    words: dict[str, Any] = {
        "decay_u": _whole(np.clip(np.rint(4096 * (1 - alpha)) - 1, 0, 4095)),
        "decay_v": _whole(np.clip(np.rint(4096 * (1 - decay)), 0, 4095)),
    }
    new = on_chip(unit, scale, words)
    bias = None
    if p.bias is not None:  # on the chip it acts on the potential: the current it would build up
        bias = _bias(np.asarray(p.bias, np.float64) * gain / (1 - alpha) * scale * 64, p.name)
    return replace(p, unit=new, bias=bias, state_bits=24)


def _whole(value: Any) -> Any:
    v = np.asarray(value, np.float64)
    return float(v) if v.ndim == 0 else v


def _bias(wanted: Any, name: str) -> Any:
    """Round to mantissa times power of two, each neuron with the smallest power that fits."""
    with np.errstate(divide="ignore"):
        exponent = np.ceil(np.log2(np.maximum(np.abs(wanted), 1.0) / BIAS_MANTISSA))
    exponent = np.maximum(exponent, 0)
    require(
        bool(np.all(exponent <= BIAS_EXPONENT)),
        f"the largest bias of {name!r} needs 2**{int(exponent.max())}; Loihi allows {BIAS_EXPONENT}",
    )
    return np.rint(wanted / 2**exponent) * 2**exponent


def _connection(c: Connection, network: Network, scale: float, depth: dict[str, int]) -> Connection:
    require(c.receptor == "current", f"{c.name}: Loihi's synapses carry currents, not conductances")
    _, gain, _ = _coefficients(_unit(network[c.target]), network.dt)
    wanted = c.weight * np.broadcast_to(gain, (c.weight.shape[1],))[None, :] * scale
    wanted = sp.csr_array(wanted) if sp.issparse(c.weight) else np.asarray(wanted, np.float64)
    values = wanted.data if sp.issparse(wanted) else wanted
    largest = float(np.max(np.abs(values), initial=0.0))
    # a shared power of two per connection; the mantissa is even, because the sign takes a bit
    least = np.ceil(np.log2(largest / MANTISSA) - 1e-9) if largest > 0 else 0
    unit = 2.0 * 2.0 ** max(least, EXPONENTS[0])
    rounded = np.clip(np.rint(values / unit), -MANTISSA / 2, MANTISSA / 2) * unit
    if sp.issparse(wanted):
        wanted.data = rounded
    else:
        wanted = rounded
    total = network.total_delay(c) + depth[c.target] - depth[c.source]
    require(
        1 <= total <= MAX_DELAY + 1,
        f"{c.name} would need a delay of {total - 1} steps on the chip; allowed: 0 to {MAX_DELAY}",
    )
    return replace(c, weight=wanted, delay=total - 1, weight_bits=8)
