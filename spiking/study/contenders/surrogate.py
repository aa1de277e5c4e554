"""The spiking network trained by back-propagation through time with surrogate gradients."""

from __future__ import annotations

from spiking.core.coding.base import Encoder
from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Delta, Latency
from spiking.core.coding.named import encoder_named
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.task import WEIGHT_BITS, Contender, Task, Trained, chain, fit_options, timed

CODES = {"latency": "time-to-first-spike", "rate": "rate-coded"}
DARK = 0.05  # values below stay silent under the latency code


def _encoder(code: str, steps: int) -> Encoder:
    """The encoder of a code: ``latency``, ``rate``, or any by name (``poisson``, ``delta:threshold=0.1``)."""
    if code == "latency":
        return Latency(linear=True, theta=DARK)
    return Delta(threshold=1.0 / steps) if code == "rate" else encoder_named(code)


def train(task: Task) -> Trained:
    """Train with early stopping on the validation samples, then quantise the weights."""
    from spiking.hardware.effects.quantise import quantise
    from spiking.learn.fit import fit

    options = fit_options(task.settings.of("surrogate"))
    sizes, steps = task.sizes(options.pop("hidden")), options.pop("steps")
    code = options.pop("code", "latency")
    # latency code: a value sends at most one spike, which keeps synaptic events few;
    # the mean over steps rewards an early answer and needs no output spikes
    start = Network.dense(
        sizes,
        hidden=LIF(tau_mem=20e-3),
        readout=LI(tau_mem=20e-3),
        encoder=_encoder(code, steps),
        decoder=Membrane(over="mean"),
        steps=steps,
        seed=task.seed,
        name="SNN surrogate",
    )
    done = fit(
        start, task.x, task.y, validation=task.validation, seed=task.seed, progress=task.watch, **options
    )
    how = (
        f"{chain(sizes)} LIF units, {steps} steps of 1 ms, {CODES.get(code, code)} input, leaky readout, "
        "back-propagation through time with a fast-sigmoid surrogate, Adam, "
        f"best of {len(done.history)} epochs; 8-bit weights"
    )
    network = quantise(done.network, weight_bits=WEIGHT_BITS)
    return Trained(network=network, original=done.network, history=timed(done.history), how=how)


DIGITS = {
    "hidden": 256,
    "steps": 16,
    "epochs": 40,
    "batch_size": 32,
    "learning_rate": 2e-3,
    "patience": 15,
    "slope": 10.0,
    "rate_penalty": 3.0,
}
MNIST = DIGITS | {
    "hidden": 512,
    "steps": 8,
    "epochs": 12,
    "batch_size": 128,
    "schedule": "cosine",
    "patience": 8,
}
CONTENDERS.register("surrogate")(
    Contender(
        name="surrogate",
        label="SNN surrogate",
        colour="#0072B2",
        marker="o",
        order=1,
        summary="spiking network trained with surrogate gradients",
        train=train,
        resumable=True,
        defaults=DIGITS | {"hidden": 128, "code": "latency"},
        tuned={"digits": DIGITS, "mnist": MNIST, "fashion-mnist": MNIST},
        limits={"epochs": 2},
        tries={
            "code": ("latency", "rate"),
            "steps": (8, 16),
            "rate_penalty": (3.0, 0.3),
            "learning_rate": (1e-3, 2e-3, 1e-2),
            "hidden": (64, 128, 256),
        },
        trial={"epochs": 10},
    )
)
