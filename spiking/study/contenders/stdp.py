"""The spiking network that learns without labels by spike-timing-dependent plasticity."""

from __future__ import annotations

from typing import Any

from spiking.core.progress import Progress
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.task import WEIGHT_BITS, Contender, Task, Trained


def train(task: Task) -> Trained:
    """Learn without labels, give the units labels of training samples, then quantise the weights."""
    from spiking.hardware.effects.quantise import quantise
    from spiking.learn.clock import working_seconds
    from spiking.learn.stdp import train_stdp

    history: list[dict[str, Any]] = []
    start = working_seconds()

    def watch(event: Progress) -> None:
        if event.accuracy is not None:
            passes, seconds = event.done / len(task.x), working_seconds() - start
            history.append({"epoch": passes, "seconds": seconds, "accuracy": event.accuracy})
        task.watch(event)

    original = train_stdp(task.x, task.y, seed=task.seed, progress=watch, **task.settings.of("stdp"))
    size = original[original.output.population].size
    how = (
        f"{size} conductance-based LIF units with lateral inhibition and adaptive thresholds, Poisson input, "
        f"{original.steps} steps of {original.dt * 1e3:g} ms, "
        "the trace-based STDP rule of Diehl & Cook (2015), without labels, "
        f"{history[-1]['epoch']:.3g} passes; units labelled on training data; 8-bit weights"
    )
    network = quantise(original, weight_bits=WEIGHT_BITS)
    return Trained(network=network, original=original, history=tuple(history), how=how)


MNIST = {"neurons": 400, "images": 30_000}
CONTENDERS.register("stdp")(
    Contender(
        name="stdp",
        label="SNN STDP",
        colour="#009E73",
        marker="D",
        order=3,
        summary="spiking network that learns without labels by STDP",
        train=train,
        defaults={"neurons": 400, "images": 5000},
        tuned={"digits": {"neurons": 400, "epochs": 3}, "mnist": MNIST, "fashion-mnist": MNIST},
        limits={"neurons": 100, "epochs": 1, "images": 1000},
        tries={"neurons": (100, 400)},
        trial={"images": 1000},
    )
)
