"""What a file of another simulator leaves unsaid, and how it is completed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from spiking.core import check
from spiking.core.coding.base import Decoder, Encoder
from spiking.core.coding.encode import Events
from spiking.core.errors import SpikingError, unknown
from spiking.core.neurons import Discretisation
from spiking.core.neurons.lif import RESETS
from spiking.core.neurons.profiles import PROFILES, Profile, profile

Reset = Literal["subtract", "zero"]


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A :class:`Reading` in which nothing is open; the decoder may follow from the output units.

    Attributes:
        second: seconds that one unit of time in the file takes; not 1 where the file counts in steps.
    """

    dt: float
    steps: int
    discretisation: Discretisation
    reset: Reset
    encoder: Encoder
    decoder: Decoder | None = None
    output: str | None = None
    name: str = "network"
    second: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How to read a graph; None where the graph, the profile or a default says it.

    Attributes:
        dt: step [s]; by default what the metadata or the profile says.
        steps: steps per inference.
        discretisation: name of a profile, e.g. ``"norse"``, or the words themselves.
        reset: ``"zero"`` or ``"subtract"``; by default the profile's.
        encoder: how data enters; by default as spikes (``Events``).
        decoder: how the answer is read; by default spikes are counted, potentials averaged.
        output: the node to read where the graph has several ends.

    Raises:
        SpikingError: a value that no network can have.
    """

    dt: float | None = None
    steps: int | None = None
    discretisation: str | Discretisation | None = None
    reset: str | None = None
    encoder: Encoder | None = None
    decoder: Decoder | None = None
    output: str | None = None

    def __post_init__(self) -> None:
        if self.dt is not None:
            check.number("dt", self.dt, 0, open_low=True, unit="s")
        if self.steps is not None:
            check.whole("steps", self.steps, 1)
        if self.discretisation is not None and not isinstance(self.discretisation, Discretisation):
            if not isinstance(self.discretisation, str):
                raise unknown("discretisation profile", self.discretisation, PROFILES)
            profile(self.discretisation)
        if self.reset is not None:
            check.choice("reset", self.reset, RESETS)
        check.instance("encoder", self.encoder, Encoder, none=True)
        check.instance("decoder", self.decoder, Decoder, none=True)
        check.instance("output", self.output, str, none=True)

    @property
    def given(self) -> list[str]:
        """Names of what is said."""
        return [f.name for f in dataclasses.fields(self) if getattr(self, f.name) is not None]

    def step(self, graph: Any) -> float | None:
        """Return the step [s] that is said here, by the graph's metadata, or by the profile."""
        if self.dt is not None:
            return self.dt
        said = metadata_dt(graph)
        if said is None and isinstance(self.discretisation, str):
            return profile(self.discretisation).dt
        return said

    def settled(self, graph: Any, name: str) -> Settled:
        """Complete the reading.

        Raises:
            SpikingError: something is said nowhere; the sentence names it and the options.
        """
        dt = self.step(graph)
        if dt is None or self.steps is None or self.discretisation is None:
            given = {"dt": dt, "steps": self.steps, "discretisation": self.discretisation}
            # a convention not yet named may come with its exporter's dt, so that is asked for after it
            open_ = [key for key in given if key != "dt" or self.discretisation is not None]
            missing = [key for key in open_ if given[key] is None]
            example = {"dt": "1e-3", "steps": "100", "discretisation": "norse"}
            options = " ".join(f"--{key} {example[key]}" for key in missing)
            words = ", ".join(
                f"{key}={example[key]!r}" if key == "discretisation" else f"{key}={example[key]}"
                for key in missing
            )
            raise SpikingError(
                f"the graph does not say {' nor '.join(missing)}; give them, for instance "
                f"load(path, {words}), or {options} on the command line"
            )
        if isinstance(self.discretisation, Discretisation):
            named = Profile(discretisation=self.discretisation, reset="zero", proof="")
        else:
            named = profile(self.discretisation)
        return Settled(
            dt=dt,
            steps=self.steps,
            discretisation=named.discretisation,
            reset=self.reset or named.reset,  # type: ignore[arg-type]  # checked at construction
            encoder=self.encoder or Events(),
            decoder=self.decoder,
            output=self.output,
            name=name,
            second=dt / named.dt if named.counted and named.dt else 1.0,
        )


def metadata_dt(graph: Any) -> float | None:
    """Return the step [s] that the graph's metadata says, or None.

    Raises:
        SpikingError: it is no positive number.
    """
    metadata = graph.metadata if isinstance(graph.metadata, Mapping) else {}
    if "dt" not in metadata:
        return None
    said = np.asarray(metadata["dt"])
    return check.number(
        "the metadata 'dt'", said.item() if said.size == 1 else said, 0, open_low=True, unit="s"
    )
