"""A design: the choices an engineer has with a trained network on a machine, as data.

Some choices change the answers (widths, decay, folded biases, steps read out): they are simulated, by
:meth:`Design.network`. The others change the work alone (schedule, zeros, formats): they are settings of a
component chip, by :meth:`Design.chip`. Neither needs the network to be trained again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.coding.encode import Opening
from spiking.core.errors import SpikingError, require, unknown
from spiking.core.network import Network
from spiking.core.typed import typed
from spiking.hardware.chip import Chip
from spiking.hardware.effects.fixed_point import BIASES, DECAYS, fixed_point
from spiking.hardware.effects.quantise import quantise

SCHEDULES: Mapping[str, Mapping[str, Any]] = {
    "step-outer": {},  # all units take a step, then the next: state goes to memory and back
    "neuron-stationary": {"state": "registers", "parameters": "once"},  # a group of units takes all steps
    "lazy": {"update": "lazy"},  # only units that an event reached are updated
}
INPUTS = ("events", "values")
FORMATS = ("dense", "sparse")


@dataclass(frozen=True, kw_only=True)
class Design:
    """One way to build a network.

    Attributes:
        weight_bits: width of a stored weight, 2 to 16 [bit].
        value_bits: width of a value between layers of a conventional network, 1 to 16 [bit].
        state_bits: width of a state word of a spiking network, 8 to 24 [bit]; None: floating point, 32 bit.
        decay: ``"product"`` or ``"shift-add"``; bias: ``"per-step"`` or ``"folded"``
            (:func:`~spiking.hardware.effects.fixed_point.fixed_point`).
        steps: steps after which the answer is read (early exit); None: all.
        schedule: ``"step-outer"``; ``"neuron-stationary"``: units outside, steps inside, the state in
            registers (as SpinalFlow, Narayanan et al. 2020, ISCA, orders its work); ``"lazy"``: silent units
            are left alone, which is exact for units that neither leak nor have a bias.
        zero_skip: whether a conventional network leaves out products with 0.
        weight_format: ``"dense"`` or ``"sparse"`` (an index beside each weight, no zeros).
        input: ``"events"``: encoded events cross the pins; ``"values"``: raw values, encoded on the chip.
        batch: inferences of a conventional network that share one read of the weights.

    Raises:
        SpikingError: a value out of range, or choices that contradict each other.
    """

    weight_bits: int = 8
    value_bits: int = 8
    state_bits: int | None = 16
    decay: str = "product"
    bias: str = "per-step"
    steps: int | None = None
    schedule: str = "step-outer"
    zero_skip: bool = True
    weight_format: str = "dense"
    input: str = "events"
    batch: int = 1

    def __post_init__(self) -> None:
        check.whole("weight_bits", self.weight_bits, 2, 16)
        check.whole("value_bits", self.value_bits, 1, 16)
        if self.state_bits is not None:
            check.whole("state_bits", self.state_bits, 8, 24)
        check.choice("decay", self.decay, DECAYS)
        check.choice("bias", self.bias, BIASES)
        if self.steps is not None:
            check.whole("steps", self.steps, 1)
        check.choice("schedule", self.schedule, SCHEDULES)
        check.flag("zero_skip", self.zero_skip)
        check.choice("weight_format", self.weight_format, FORMATS)
        check.choice("input", self.input, INPUTS)
        check.whole("batch", self.batch, 1)
        require(
            self.state_bits is not None or (self.decay, self.bias) == ("product", "per-step"),
            f"decay={self.decay!r}, bias={self.bias!r} with state_bits=None; floating point has neither "
            "shifts nor folded biases here, give the state a width",
        )

    @classmethod
    def from_dict(cls, words: Mapping[str, Any]) -> Design:
        """Return the design that a table of a TOML file names; what it leaves out has its default.

        Raises:
            SpikingError: a key that is no choice, with the nearest one.
        """
        names = [f.name for f in fields(cls)]
        for key in words:
            if key not in names:
                raise unknown("design choice", key, names)
        return cls(**words)

    def network(
        self,
        network: Network,
        *,
        peaks: Mapping[str, float] | None = None,
        calibration: NDArray[Any] | None = None,
    ) -> Network:
        """Return ``network`` (trained, not yet quantised) as this design computes it.

        Args:
            peaks: largest potentials that must fit, by population, of a spiking network.
            calibration: inputs ``[samples, features]`` that set the scales of a conventional network.

        Raises:
            SpikingError: a state narrower than the threshold needs, or more steps than the network has.
        """
        made = quantise(
            network, weight_bits=self.weight_bits, value_bits=self.value_bits, calibration=calibration
        )
        if not network.spiking:
            return made
        if self.steps is not None:
            made = read_after(made, self.steps)
        if self.schedule == "lazy":
            _exact_when_lazy(made)
        if self.state_bits is None:
            return made
        return fixed_point(made, state_bits=self.state_bits, decay=self.decay, bias=self.bias, peaks=peaks)

    def chip(self, chip: Chip, *, spiking: bool) -> Chip:
        """Return a component ``chip`` set to this design; another chip has its own and stays as it is."""
        if chip.model != "components":
            return chip
        own: dict[str, Any] = {"weight_format": self.weight_format}
        if spiking:
            own |= {"input": self.input, **SCHEDULES[self.schedule]}
            own["decay"] = self.decay if self.state_bits is not None else "either"
        else:
            own |= {"zero_skip": self.zero_skip, "batch": self.batch}
        return chip.with_settings(**own)

    def words(self, *, spiking: bool) -> str:
        """The choices that matter, for a table."""
        if not spiking:
            skip = "zeros skipped" if self.zero_skip else "every product"
            text = [f"{self.weight_bits}-bit weights", f"{self.value_bits}-bit values", skip]
            text += [f"batch {self.batch}"] if self.batch > 1 else []
        else:
            state = "32-bit float state" if self.state_bits is None else f"{self.state_bits}-bit state"
            text = [f"{self.weight_bits}-bit weights", state, self.schedule]
            if self.state_bits is not None:
                text += [f"decay by {self.decay}", f"bias {self.bias}"]
            text += [f"read after {self.steps} steps"] if self.steps is not None else []
            text += ["raw values in"] if self.input == "values" else []
        return ", ".join([*text, *(["sparse weights"] if self.weight_format == "sparse" else [])])


@typed
def read_after(network: Network, steps: int) -> Network:
    """Return ``network`` stopped after ``steps`` steps: the same spikes up to there (early exit).

    Raises:
        SpikingError: more steps than the network has.
    """
    require(
        1 <= steps <= network.steps,
        f"steps is {steps}; the network {network.name!r} takes {network.steps}; allowed: 1 to "
        f"{network.steps}",
    )
    if steps == network.steps:
        return network
    inputs = [
        i if i.encoder.analog else replace(i, encoder=Opening(of=i.encoder, whole=network.steps))
        for i in network.inputs
    ]
    return network.replace(inputs=inputs, steps=steps)


def _exact_when_lazy(network: Network) -> None:
    for p in network.populations:
        biased = p.bias is not None and bool(np.any(p.bias))
        if p.unit.spiking and (p.unit.leaky or biased):
            why = "leak" if p.unit.leaky else "have a bias"
            raise SpikingError(
                f"schedule is 'lazy', and the units of {p.name!r} {why}: silent ones change too; use "
                "'step-outer' or 'neuron-stationary'"
            )
