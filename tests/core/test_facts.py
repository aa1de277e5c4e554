"""Units, encoders and decoders answer for themselves: nothing asks for their type."""

import ast
import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import spiking
from spiking.core import neurons
from spiking.core.coding.base import DECODERS, ENCODERS, Decoder, Encoder
from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Latency, Poisson
from spiking.core.coding.named import decoder_named, encoder_named
from spiking.core.errors import SpikingError
from spiking.core.frozen.plain import pack, types, unpack
from spiking.core.network import Network
from spiking.core.neurons import ALIF, LI, LIF, ConductanceLIF, Linear, LoihiLI, LoihiLIF, ReLU, Unit

ROOT = Path(spiking.__file__).parent
BASES = {"Unit", "Encoder", "Decoder"}  # what a part is given is checked against these, once


def kinds():
    names = {n for n, t in types().items() if issubclass(t, Unit | Encoder | Decoder)}
    return names | {"CurrentUnit", "Stateless"}


def type_tests(source):
    """Names of units, encoders and decoders whose type a source tests, with the line."""
    wanted = kinds()

    def named(node):
        return {getattr(n, "id", getattr(n, "attr", "")) for n in ast.walk(node)} & wanted

    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("isinstance", "issubclass"):
            yield from ((n, node.lineno) for n in named(node.args[1]))
        if isinstance(node, ast.Compare) and any("type" in ast.dump(n) for n in [node.left]):
            called = isinstance(node.left, ast.Call) and getattr(node.left.func, "id", "") == "type"
            yield from ((n, node.lineno) for n in named(node) if called)
        if isinstance(node, ast.MatchClass):
            yield from ((n, node.pattern.lineno if hasattr(node, "pattern") else 0) for n in named(node.cls))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("hasattr", "getattr"):
            owner = ast.unparse(node.args[0]).split(".")[-1]
            probing = node.func.id == "hasattr" or len(node.args) == 3
            if probing and owner in ("unit", "encoder", "decoder", "discretisation"):
                yield f"{node.func.id} of a {owner}", node.lineno


def test_no_file_tests_the_type_of_a_unit_an_encoder_or_a_decoder():
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sorted(ROOT.rglob("*.py"))
        for name, line in type_tests(path.read_text())
    ]
    assert not found


def test_the_reader_of_type_tests_sees_them():
    lines = [
        "isinstance(u, LIF | LI)",
        "type(u) is LoihiLI",
        "getattr(p.unit, 'bits', 3)",
        "isinstance(u, Unit)",
    ]
    assert {n for n, _ in type_tests("\n".join(lines))} == {"LIF", "LI", "LoihiLI", "getattr of a unit"}


def test_the_graph_knows_nothing_of_networks():
    source = (ROOT / "core" / "graph.py").read_text()
    assert "network" not in {
        n.module.split(".")[-1] for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ImportFrom)
    }


@pytest.mark.parametrize(
    ("unit", "words", "leaky", "delay"),
    [
        (LIF(), 1, True, 0),
        (LIF(tau_mem=np.inf), 1, False, 0),
        (LIF(tau_syn=5e-3, synapse="alpha"), 3, True, 0),
        (ALIF(tau_syn=5e-3), 3, True, 0),
        (LI(tau_syn=np.array([0.0, 1e-3])), 2, True, 0),
        (ConductanceLIF(), 4, True, 0),
        (LoihiLIF(), 2, False, 1),
        (LoihiLI(decay_v=9), 2, True, 1),
        (ReLU(), 0, False, 0),
        (Linear(), 0, False, 0),
    ],
)
def test_facts(unit, words, leaky, delay):
    assert (unit.state_words, unit.leaky, unit.input_delay) == (words, leaky, delay)
    assert unit.stateless == (words == 0)


def test_a_strangers_unit_runs_after_one_registration_in_a_fresh_process():
    code = """
from dataclasses import dataclass
import numpy as np
from spiking.core.neurons import LIF, LI
from spiking.core.network import Network
from spiking.simulate import run
@dataclass(frozen=True, kw_only=True, eq=False)
class Quiet(LIF):
    "A LIF unit of another name."
net = Network.dense([2, 3, 2], hidden=Quiet(), readout=LI(), steps=3)
assert (run(net, np.ones((1, 2))).scores == run(net.replace(populations=[
    type(p)(name=p.name, size=p.size, bias=p.bias, unit=LIF() if p.unit.spiking else p.unit)
    for p in net.populations]), np.ones((1, 2))).scores).all()
from spiking.core.frozen.plain import pack, unpack
assert type(unpack(pack(Quiet(), {}), {})) is Quiet
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT.parent)


def test_encoders_and_decoders_by_name():
    assert encoder_named("latency:theta=0.05,linear=true") == Latency(theta=0.05, linear=True)
    assert encoder_named(" poisson ") == Poisson()
    assert decoder_named("membrane:over=max") == Membrane(over="max")
    assert set(ENCODERS.names()) >= {"direct", "poisson", "latency", "delta", "events"}
    assert set(DECODERS.names()) >= {"membrane", "spike-count", "first-spike"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("latncy", r"unknown encoder 'latncy' \(did you mean 'latency'\?\)"),
        ("latency:thea=1", r"unknown field of the encoder 'latency' 'thea' \(did you mean 'theta'\?\)"),
        ("latency:theta=x", "theta is 'x'; allowed: a number"),
        ("latency:linear=maybe", "linear is 'maybe'; allowed: true or false"),
        ("latency:theta", "'theta' in the encoder 'latency:theta' is no setting; write latency:FIELD=VALUE"),
        ("latency:theta=2", "theta is 2.0; allowed: 0 to below 1"),
        ("latency:theta=0.1,theta=0.2", "'theta' stands twice"),
        ("events:a=1", "the encoder 'events' has no fields"),
        (3, "the encoder is 3; give a name"),
    ],
)
def test_names_that_do_not_fit(text, words):
    with pytest.raises(SpikingError, match=words):
        encoder_named(text)


def test_short_forms_escape_names():
    net = Network.dense([2, 3, 2], hidden=LIF(), readout=LI(), steps=3, name="<b>x")
    assert repr(net) == "<Network '<b>x': 2-3-2, 3 steps of 1 ms, 12 synapses>"
    assert "<b>x" not in net._repr_html_()
    assert "&lt;b&gt;x" in net._repr_html_()


def test_every_unit_is_written_and_read():
    for name in neurons.__all__:
        kind = getattr(neurons, name)
        if dataclasses.is_dataclass(kind) and not any(
            f.default is f.default_factory for f in dataclasses.fields(kind)
        ):
            arrays = {}
            assert type(unpack(pack(kind(), arrays), arrays)) is kind
