"""What the rest of the package may ask of a unit, whichever it is."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from spiking.core import check
from spiking.core.errors import SpikingError

SHORTEST = 1e-12  # least time constant [s]: below it dt / tau no longer fits float32
LARGEST = 1e30  # largest parameter: float32 holds it, and products of it with what arrives


class Unit:
    """The base of every unit: a frozen dataclass of parameters that answers these questions.

    A new unit is a subclass with its facts, and one registration for each translation it takes part in
    (``simulate/parameters.py`` for the kernels, the bridges, ``learn``, ``hardware/effects``). Nothing else
    asks for the type of a unit.

    Attributes:
        spiking: whether it emits spikes; otherwise its readers get a value at every step.
        stateless: whether nothing is kept from step to step (the units of an MLP).
        fixed_point: whether it computes in integers, which float64 holds exactly.
        receptors: what its synapses may open: ``"current"``, or conductances.
        tau_ref: refractory period [s].
    """

    spiking: ClassVar[bool] = True
    stateless: ClassVar[bool] = False
    fixed_point: ClassVar[bool] = False
    receptors: ClassVar[tuple[str, ...]] = ("current",)
    tau_ref: float = 0.0

    @property
    def graded(self) -> bool:
        """Whether its readers get its membrane potential (a readout without threshold)."""
        return not self.spiking and not self.stateless

    @property
    def state_words(self) -> int:
        """Number of state words kept between steps (membrane, current, adaptation, ...)."""
        return 0

    @property
    def parameter_words(self) -> int:
        """Words of its own that an update of a unit reads: parameters given per neuron."""
        return sum(np.ndim(getattr(self, f.name)) == 1 for f in dataclasses.fields(self))  # type: ignore[arg-type]

    @property
    def leaky(self) -> bool:
        """Whether an update multiplies the potential by a decay."""
        return False

    @property
    def value_bits(self) -> int:
        """Width of a value that a unit without spikes emits [bit]."""
        return 32

    @property
    def input_delay(self) -> int:
        """Steps that the unit adds to every connection into it."""
        return 0

    @property
    def spike_delay(self) -> int:
        """Steps that a spike waits in the unit."""
        return 0

    @property
    def no_gradient(self) -> str | None:
        """Why back-propagation cannot pass: what follows ``population 'x'`` in a sentence; or None."""
        return None

    @property
    def time_constants(self) -> dict[str, Any]:
        """Time constants of its state [s], by field name; those it does not use are left out."""
        return {}

    def decay(self, tau: Any, dt: float) -> Any:
        """Share of a state with time constant ``tau`` [s] that is left after a step of ``dt`` [s]."""
        return np.exp(-dt / np.asarray(tau, np.float64))

    @property
    def learnable(self) -> tuple[str, ...]:
        """Names of its parameters that training can change."""
        return ()

    def quantised(self, bits: int, scale: float) -> Unit:
        """Return the unit with values ``scale * {0, ..., 2**bits - 1}``; itself if it has none."""
        return self

    def fit_size(self, size: int, owner: str) -> None:
        """Check that parameters given per neuron have ``size`` values.

        Raises:
            SpikingError: another length; ``owner`` names the population in the sentence.
        """
        for f in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, f.name)
            if np.ndim(value) == 1 and np.size(value) != size:
                raise SpikingError(
                    f"{f.name} of {owner} has {np.size(value)} values for {size} neurons; "
                    f"give one value, or {size}"
                )

    def _array(self, name: str, low: float = -LARGEST, high: float = LARGEST, **how: Any) -> None:
        """Check a parameter that is one number or one per neuron; sequences become float64 arrays."""
        value = check.array(name, getattr(self, name), low, high, **how)
        if isinstance(value, np.ndarray):
            object.__setattr__(self, name, value)

    def _time(self, name: str, **how: Any) -> None:
        """Check a time constant [s], one or one per neuron."""
        high = np.inf if how.get("infinite") else LARGEST
        self._array(name, SHORTEST, high, unit="s", **how)

    def _one(self, name: str, low: float = -LARGEST, high: float = LARGEST, **how: Any) -> None:
        """Check a parameter that is one number for all neurons."""
        check.number(name, getattr(self, name), low, high, **how)


def some(value: Any) -> bool:
    """Whether a parameter (one value, or one per neuron) is above 0 anywhere."""
    return bool(np.any(np.asarray(value) > 0))
