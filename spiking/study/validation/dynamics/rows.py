"""One row per comparison, in the format of ``validate energy``, and the small networks they run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.coding.encode import Events
from spiking.core.network import Network
from spiking.core.neurons import LIF, Discretisation
from spiking.core.neurons.profiles import profile
from spiking.core.parts import Connection, Input, Output, Population
from spiking.simulate import run
from spiking.study.validation.energy.run import Row

Array = NDArray[np.float64]


def row(
    id: str,
    item: str,
    source: str,
    kind: str,
    *,
    expected: float,
    got: float,
    tolerance: float,
    unit: str = "",
    note: str = "",
) -> Row:
    """Compare one number; ``error`` is relative, or the difference where ``expected`` is 0."""
    wide = expected != 0
    error = got / expected - 1 if wide else got - expected
    return Row(
        id=id,
        item=item,
        source=source,
        where="",
        kind=kind,
        unit=unit,
        expected=float(expected),
        got=float(got),
        error=float(error),
        tolerance=tolerance,
        passed=bool(np.isfinite(error) and abs(error) <= tolerance),
        note=note,
    )


def neuron(unit: Any, raster: Any, *, dt: float, weight: float = 1.0, bias: float | None = None) -> Any:
    """Run one neuron on a raster ``[steps]``; return (potential before reset, spikes), ``[steps]``."""
    net = Network(
        inputs=[Input(size=1, encoder=Events())],
        populations=[
            Population(name="n", size=1, unit=unit, bias=None if bias is None else np.array([bias]))
        ],
        connections=[Connection(source="input", target="n", weight=np.array([[float(weight)]]))],
        output=Output(population="n"),
        steps=len(raster),
        dt=dt,
    )
    t = run(
        net, np.asarray(raster, np.float64).reshape(1, -1, 1), record=("spikes", "v"), precision="float64"
    )
    spikes = t.raster["n"][0, :, 0] if "n" in t.raster else np.zeros(len(raster))
    return t.v["n"][0, :, 0], np.asarray(spikes)


def lif(name: str, **words: Any) -> LIF:
    """Return a LIF unit in the convention of profile ``name``; ``words`` override its fields."""
    named = profile(name)
    changes = {k: words.pop(k) for k in list(words) if k in Discretisation.__dataclass_fields__}
    return LIF(discretisation=replace(named.discretisation, **changes), **{"reset": named.reset, **words})


def steps_of(spikes: Any) -> list[int]:
    """Steps at which a neuron spiked."""
    return [int(k) for k in np.flatnonzero(spikes)]
