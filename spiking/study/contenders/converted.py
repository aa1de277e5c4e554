"""The trained MLP turned into a spiking network by balancing thresholds."""

from __future__ import annotations

from dataclasses import replace

from spiking.core.coding.encode import Delta
from spiking.core.progress import Progress
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.task import CALIBRATION, WEIGHT_BITS, Contender, Task, Trained


def train(task: Task) -> Trained:
    """Convert ``task.trained["mlp"]`` as it was before quantisation, then quantise the weights."""
    from spiking.hardware.effects.quantise import quantise
    from spiking.learn.convert import convert

    options = dict(task.settings.of("converted"))
    steps = options.pop("steps")
    task.watch(Progress(stage="balance thresholds", done=0, total=1, unit="network"))
    mlp = task.trained["mlp"].original
    analog = convert(mlp, task.x[:CALIBRATION], steps=steps, **options)
    # a value x becomes floor(x steps) evenly spaced spikes: the rate code of a unit that integrates x.
    # The first layer then adds weights instead of multiplying, so chips without multipliers can run it.
    inputs = [replace(i, encoder=Delta(threshold=1.0 / steps)) for i in analog.inputs]
    original = analog.replace(inputs=inputs, name="SNN converted")
    task.watch(Progress(stage="balance thresholds", done=1, total=1, unit="network"))
    how = (
        f"the trained MLP (before quantisation) with IF units, {steps} steps of 1 ms, rate-coded input, "
        "thresholds balanced on training data, reset by subtraction; 8-bit weights"
    )
    return Trained(network=quantise(original, weight_bits=WEIGHT_BITS), original=original, how=how)


MNIST = {"steps": 16, "percentile": 99.9}
CONTENDERS.register("converted")(
    Contender(
        name="converted",
        label="SNN converted",
        colour="#D55E00",
        marker="^",
        order=2,
        summary="the MLP turned into a spiking network",
        needs=("mlp",),
        train=train,
        defaults={"steps": 16, "percentile": 99.0},
        tuned={
            "digits": {"steps": 16, "percentile": 99.0},
            "mnist": MNIST,
            "fashion-mnist": MNIST,
        },
        tries={"percentile": (99.0, 99.9, 100.0), "steps": (16, 32)},
    )
)
