"""Fixed-point state: a trained spiking network as a digital core with integers computes it.

Every population gets one unit of potential, its least significant bit: the step of its weights over a power
of two, so that quantised weights stay exact, as fine as the width of the state allows. Thresholds, biases and
decays are rounded; potentials saturate. What changes the answers is simulated (``core/neurons/fixed.py``), so
that accuracy pays for a narrow state: where potentials do not fit, up to three low bits of the weights go.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from functools import singledispatch
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiking.core import check
from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.neurons import ALIF, LI, LIF, Fade, FixedLI, FixedLIF
from spiking.core.neurons.fixed import SHIFTS, UNITY
from spiking.core.parts import Connection, Population
from spiking.core.typed import typed
from spiking.hardware.effects import EFFECTS

DECAYS = ("product", "shift-add")
BIASES = ("per-step", "folded")
MOST_FRACTION = 12  # bits below the step of the weights: a decay of 12 bits gains nothing from more
LEAST_FRACTION = -3  # so many low bits of the weights may be dropped, so that the potentials fit
HEADROOM = 4.0  # thresholds that a potential may reach where nobody measured it


@typed
def fixed_point(
    network: Network,
    *,
    state_bits: int = 16,
    decay: str = "product",
    bias: str = "per-step",
    peaks: Mapping[str, float] | None = None,
) -> Network:
    """Return ``network`` with integer state of ``state_bits`` bits.

    Args:
        network: of LIF and LI units, its weights quantised to at most 16 bits.
        state_bits: width of a state word with its sign, 8 to 24 [bit].
        decay: ``"product"``: by a factor of 12 bits; ``"shift-add"``: the nearest sum of two shifts.
        bias: ``"per-step"``: added at every step; ``"folded"``: of leaky spiking units, moved into threshold
            and start (a membrane that rests at ``b / (1 - decay)`` needs no addition).
        peaks: largest absolute potential of a population that must fit, by name, as measured on training
            samples; by default four thresholds, and of a readout what arrives if every source spikes once.

    Raises:
        SpikingError: other units, weights of more than 16 bits, or a state narrower than a threshold needs
            (it says the bits).
    """
    check.whole("state_bits", state_bits, 8, 24)
    check.choice("decay", decay, DECAYS)
    check.choice("bias", bias, BIASES)
    known = dict(peaks or {})
    for name in known:
        network[name]  # raises for a population that does not exist
    forms = {
        p.name: _Form(network, p, state_bits, decay, bias == "folded", known.get(p.name))
        for p in network.populations
    }
    return network.replace(
        populations=[forms[p.name].population() for p in network.populations],
        connections=[forms[c.target].connection(c) for c in network.connections],
    )


@singledispatch
def form_of(unit: Any) -> tuple[type[FixedLI], dict[str, Any]]:
    """The fixed-point class of a unit, and the fields it shares with it.

    Raises:
        SpikingError: the unit has no fixed-point form.
    """
    raise SpikingError(
        f"{type(unit).__name__} units have no fixed-point form here; allowed: LIF and LI units"
    )


@form_of.register
def _(unit: LI) -> tuple[type[FixedLI], dict[str, Any]]:
    return FixedLI, {}


@form_of.register
def _(unit: LIF) -> tuple[type[FixedLI], dict[str, Any]]:
    d = unit.discretisation
    if d.multi or d.crossing or d.reset_delay:
        raise SpikingError(
            f"units that emit several spikes a step, reset at the crossing or late ({d}) have no fixed-point "
            "form here; use the reset of their own step"
        )
    if unit.synapse == "alpha":
        raise SpikingError("alpha-function synapses have no fixed-point form here; use exponential ones")
    return FixedLIF, {"reset": unit.reset, "strict": d.strict, "tau_ref": unit.tau_ref}


@form_of.register
def _(unit: ALIF) -> tuple[type[FixedLI], dict[str, Any]]:
    raise SpikingError("ALIF units have no fixed-point form here; allowed: LIF and LI units")


class _Form:
    """One population on its way to integers."""

    def __init__(
        self, network: Network, p: Population, bits: int, decay: str, fold: bool, peak: float | None
    ) -> None:
        self.network, self.p, self.bits = network, p, bits
        self.kind, self.shared = form_of(p.unit)
        unit: Any = p.unit
        self.unit = unit
        factor, self.gain = unit.discretisation.coefficients(unit.tau_mem, network.dt, unit.tau_syn)
        self.membrane = fade_of(factor, decay)
        slow = np.asarray(unit.tau_syn, np.float64)
        self.synapse: Fade | None = None
        if np.any(slow > 0):
            alpha = unit.discretisation.coefficients(np.where(slow > 0, slow, 1.0), network.dt)[0]
            self.synapse = fade_of(np.where(slow > 0, alpha, 0.0), decay)
        self.rest = self._rest(fold)
        self.lsb = self._lsb(peak)

    def _rest(self, fold: bool) -> Any:
        """Where the membrane rests above ``v_leak`` under its bias, if that is folded; else 0."""
        left = 1.0 - self.membrane.factors
        if not (fold and self.p.unit.spiking and self.p.bias is not None and self.synapse is None):
            return 0.0
        return self.p.bias * self.gain / left if bool(np.all(left > 0)) else 0.0

    @property
    def folded(self) -> bool:
        """Whether the bias went into the levels."""
        return bool(np.ndim(self.rest))

    def _weights(self, c: Connection) -> Any:
        """Weights in the unit of the membrane: those of the connection times the gain."""
        gain = np.broadcast_to(self.gain, (self.p.size,))
        if sp.issparse(c.weight):
            part: Any = c.weight.astype(np.float64)
            part.data *= gain[part.indices]
            return part
        return np.asarray(c.weight, np.float64) * gain

    def _levels(self) -> dict[str, Any]:
        """Potentials of the unit relative to where it rests."""
        unit, leak = self.unit, np.asarray(self.unit.v_leak, np.float64) + self.rest
        start = unit.v_leak if unit.v_start is None else unit.v_start
        levels = {"v_start": start - leak}
        if self.p.unit.spiking:
            levels |= {"v_threshold": unit.v_threshold - leak, "v_reset": unit.v_reset - leak}
        return levels

    def _lsb(self, peak: float | None) -> float:
        """Potential of one unit of the integers."""
        into = self.network.into(self.p.name)
        steps, reach = [], 0.0
        for c in into:
            require(
                c.weight_bits <= 16,
                f"the weights of {c.name!r} have {c.weight_bits} bits; quantise them first (weight_bits=8)",
            )
            weight: Any = self._weights(c)
            values: Any = weight if isinstance(weight, np.ndarray) else weight.data
            largest = float(np.max(np.abs(values), initial=0.0))
            if largest > 0:
                steps.append(largest / (2 ** (c.weight_bits - 1) - 1))
                reach += float(np.max(np.asarray(abs(weight).sum(axis=0))))
        require(
            len(steps) > 0, f"no weight into {self.p.name!r} differs from 0; there is nothing to scale by"
        )
        step, top = min(steps), 2 ** (self.bits - 1) - 1
        levels = {k: float(np.max(np.abs(v))) for k, v in self._levels().items()}
        threshold = max(levels.values())
        least = threshold / step * 2.0**LEAST_FRACTION
        if least > top:
            needed = int(np.ceil(np.log2(least + 1))) + 1
            raise SpikingError(
                f"state_bits is {self.bits}; population {self.p.name!r} needs {needed} bits to hold its "
                f"threshold of {threshold / step:.0f} weight steps; allow more bits, or fewer for the weights"
            )
        wanted = peak if peak is not None else HEADROOM * threshold if self.p.unit.spiking else reach
        fraction = np.floor(np.log2(top * step / max(wanted, threshold, step)))
        return float(step / 2.0 ** np.clip(fraction, LEAST_FRACTION, MOST_FRACTION))

    def population(self) -> Population:
        """The population in integers."""
        words: dict[str, Any] = {k: _whole(v / self.lsb) for k, v in self._levels().items()}
        bias = self.p.bias
        if bias is not None:
            bias = np.zeros(self.p.size) if self.folded else np.rint(bias * self.gain / self.lsb)
            bias = None if self.folded else bias
        unit = self.kind(bits=self.bits, membrane=self.membrane, synapse=self.synapse, **self.shared, **words)
        return replace(self.p, unit=unit, bias=bias, state_bits=self.bits)

    def connection(self, c: Connection) -> Connection:
        """A connection into it in integers, the delays of its old units with it."""
        weight: Any = self._weights(c)
        if isinstance(weight, np.ndarray):
            weight = np.rint(weight / self.lsb)
        else:
            weight.data = np.rint(weight.data / self.lsb)
        return replace(c, weight=weight, delay=self.network.total_delay(c))


def fade_of(factor: Any, decay: str) -> Fade:
    """The decay nearest to ``factor`` (one, or ``[neurons]``) by product or by at most two shifts."""
    wanted = np.asarray(factor, np.float64)
    if decay == "product" or bool(np.all(wanted == 1.0)):
        return Fade(keep=_whole(wanted * UNITY))
    first, second = np.meshgrid(np.arange(1, SHIFTS + 1), np.arange(-SHIFTS, SHIFTS + 1), indexing="ij")
    first, second = first.ravel(), second.ravel()
    made = Fade(keep=None, first=first, second=second).factors
    best = np.argmin(np.abs(made - wanted[..., None]), axis=-1)
    return Fade(keep=None, first=_plain(first[best]), second=_plain(second[best]))


def _whole(value: Any) -> Any:
    return _plain(np.rint(np.asarray(value, np.float64)))


def _plain(value: Any) -> Any:
    v = np.asarray(value, np.float64)
    return float(v) if v.ndim == 0 else v


@EFFECTS.register("fixed-point")
@functools.wraps(fixed_point)
def fixed_point_effect(network: Network, rng: np.random.Generator, **how: Any) -> Network:
    """:func:`fixed_point` as an effect; nothing is drawn."""
    return fixed_point(network, **how)
