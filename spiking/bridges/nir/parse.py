"""A NIR graph as a network: linear nodes are composed into weights, neurons become populations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiking.bridges.nir.compose import Term, Wiring
from spiking.bridges.nir.damage import in_words
from spiking.bridges.nir.foreign import foreign_network
from spiking.bridges.nir.reading import Reading
from spiking.bridges.nir.units import FIELDS, collapse
from spiking.bridges.nir.write import FORMAT, KEY
from spiking.core.coding.base import Decoder, Encoder
from spiking.core.errors import SpikingError, require, unknown
from spiking.core.frozen.plain import types, unpack
from spiking.core.network import Network
from spiking.core.neurons import Discretisation
from spiking.core.parts import Connection, Input, Output, Population


def from_graph(
    graph: Any,
    *,
    dt: float | None = None,
    steps: int | None = None,
    discretisation: str | Discretisation | None = None,
    reset: str | None = None,
    encoder: Encoder | None = None,
    decoder: Decoder | None = None,
    output: str | None = None,
    name: str = "network",
) -> Network:
    """Turn a ``nir.NIRGraph`` into a network.

    Args:
        graph: the graph; weights are ``[target, source]`` there.
        dt: step [s]; steps: steps per inference; discretisation: the name of a profile
            (``"norse"``) or a :class:`Discretisation`; reset: ``"zero"`` or ``"subtract"``
            (default: the profile's). All are asked for where the graph does not say them.
        encoder, decoder: how data enters and is read; by default spikes enter (``Events``) and
            spikes are counted (``SpikeCount``), potentials averaged (``Membrane``).
        output: the node to read where the graph has several ends.

    Raises:
        SpikingError: for anything that is not a network, naming the node.
    """
    reading = Reading(
        dt=dt, steps=steps, discretisation=discretisation, reset=reset,
        encoder=encoder, decoder=decoder, output=output,
    )  # fmt: skip
    return from_reading(graph, reading, name)


def from_reading(graph: Any, reading: Reading, name: str = "network") -> Network:
    """Turn a ``nir.NIRGraph`` into a network; ``reading`` gives what the graph does not say.

    Raises:
        SpikingError: as :func:`from_graph`.
    """
    if not own(graph):
        how = reading.settled(graph, name)
        with in_words("the graph is no network", "repair or export it again"):
            return foreign_network(graph, how)
    twice = [key for key in reading.given if key not in ("steps", "encoder", "decoder")]
    require(not twice, f"the file itself says {', '.join(twice)}; leave {_them(twice)} out")
    with in_words("the metadata does not fit the graph", "save the network again"):
        network = _own(graph, _metadata(graph.metadata[KEY], graph.metadata))
    if reading.encoder is not None:
        network = network.replace(inputs=[replace(i, encoder=reading.encoder) for i in network.inputs])
    if reading.decoder is not None:
        network = network.replace(
            output=Output(population=network.output.population, decoder=reading.decoder)
        )
    return network if reading.steps is None else network.replace(steps=reading.steps)


def _them(names: list[str]) -> str:
    return "it" if len(names) == 1 else "them"


def own(graph: Any) -> bool:
    """Whether this package wrote the graph, so that its metadata says what NIR cannot."""
    require(
        hasattr(graph, "metadata") and hasattr(graph, "nodes"),
        f"a {type(graph).__name__} came; a nir.NIRGraph is needed",
    )
    return isinstance(graph.metadata, Mapping) and KEY in graph.metadata


def _metadata(said: Any, metadata: Mapping[str, Any]) -> dict[str, Any]:
    try:
        data = json.loads(said)
    except (TypeError, ValueError) as error:
        raise SpikingError(f"the metadata {KEY!r} is damaged ({error}); save the network again") from None
    plain = unpack(data, metadata.get(f"{KEY}_arrays", {}))
    version = plain.get("format") if isinstance(plain, dict) else None
    require(
        version == FORMAT,
        f"the metadata has format {version!r}, this version reads {FORMAT}; install the one that wrote it",
    )
    return dict(plain)


def _own(graph: Any, data: dict[str, Any]) -> Network:
    """Build the network that :func:`spiking.bridges.nir.to_graph` wrote."""
    tags = {c.pop("node"): c for c in data.pop("connections")}
    named = {p["name"]: p for p in data.pop("populations")}
    wiring = Wiring(graph, tags=tags, populations=frozenset(named))
    populations, terms = [], {}
    for name, entry in named.items():
        require(name in wiring.nodes, f"the graph has no node for population {name!r}; it was changed")
        unit = _unit(wiring.nodes[name], entry.pop("unit"))
        value = wiring.arriving(name) if wiring.before[name] else None
        terms.update({t.tag: t for t in value.terms} if value else {})
        bias = entry.pop("bias")
        if value is not None and value.bias is not None:
            bias = value.bias
        bias = bias if entry.pop("biased") else None
        populations.append(Population(unit=unit, bias=bias, **entry))
    connections = [_connection(terms, key, entry) for key, entry in tags.items()]
    inputs = [Input(**i) for i in data.pop("inputs")]
    output = Output(**data.pop("output"))
    del data["format"]
    return Network(inputs=inputs, populations=populations, connections=connections, output=output, **data)


def _unit(node: Any, left: dict[str, Any]) -> Any:
    cls = types().get(left.pop("type", ""))
    if cls is None:
        raise unknown("unit", left.get("type"), types())
    said = {
        ours: collapse(getattr(node, theirs), ours) for theirs, ours in FIELDS[type(node).__name__].items()
    }
    own = {f: v for f, v in said.items() if f in cls.__dataclass_fields__}  # type: ignore[attr-defined]
    return cls(**own, **left)


def _connection(terms: dict[Any, Term], key: str, entry: dict[str, Any]) -> Connection:
    require(key in terms, f"the graph has no path through node {key!r}; it was changed after it was saved")
    term = terms[key]
    weight = sp.csr_array(term.matrix) if entry.pop("sparse") else np.asarray(term.matrix)
    return Connection(weight=weight, **entry)
