"""The conventional network: ReLU units, trained by gradient, 8-bit weights and values."""

from __future__ import annotations

from spiking.core.network import Network
from spiking.core.neurons import Linear, ReLU
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.task import (
    CALIBRATION,
    WEIGHT_BITS,
    Contender,
    Task,
    Trained,
    chain,
    fit_options,
    timed,
)


def train(task: Task) -> Trained:
    """Train the MLP with early stopping on the validation samples, then quantise it."""
    from spiking.hardware.effects.quantise import quantise
    from spiking.learn.fit import fit

    options = fit_options(task.settings.of("mlp"))
    sizes = task.sizes(options.pop("hidden"))
    start = Network.dense(sizes, hidden=ReLU(), readout=Linear(), seed=task.seed, name="MLP")
    done = fit(
        start, task.x, task.y, validation=task.validation, seed=task.seed, progress=task.watch, **options
    )
    network = quantise(done.network, weight_bits=WEIGHT_BITS, value_bits=8, calibration=task.x[:CALIBRATION])
    how = f"{chain(sizes)} ReLU units, Adam, best of {len(done.history)} epochs; 8-bit weights and values"
    return Trained(network=network, original=done.network, history=timed(done.history), how=how)


MNIST = {
    "hidden": 512,
    "epochs": 15,
    "batch_size": 128,
    "learning_rate": 2e-3,
    "schedule": "cosine",
    "patience": 8,
}
CONTENDERS.register("mlp")(
    Contender(
        name="mlp",
        label="MLP",
        colour="#000000",
        marker="s",
        order=0,
        summary="multi-layer perceptron, 8-bit weights and activations",
        train=train,
        spiking=False,
        resumable=True,
        defaults={"hidden": 128, "epochs": 60, "batch_size": 32, "learning_rate": 2e-3, "patience": 15},
        tuned={
            "digits": {"hidden": 256, "epochs": 60, "batch_size": 32, "learning_rate": 2e-3, "patience": 15},
            "mnist": MNIST,
            "fashion-mnist": MNIST,
        },
        limits={"epochs": 3},
        tries={"hidden": (64, 128, 256), "learning_rate": (1e-3, 2e-3, 1e-2)},
        trial={"epochs": 15},
    )
)
