"""The gallery: ideas behind neuromorphic computing, each an experiment that runs and is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spiking.core.registry import Registry

if TYPE_CHECKING:
    from spiking.study.gallery.experiment import Experiment

EXPERIMENTS: Registry[Experiment] = Registry(
    "experiment",
    package=__name__,
    group="spiking.experiments",
    beside=("experiment", "folder", "joules", "machines", "numbers", "page"),
)


def experiment_names() -> list[str]:
    """Names of all experiments in the order of the argument they make together."""
    return sorted(EXPERIMENTS.names(), key=lambda name: (EXPERIMENTS[name].order, name))
