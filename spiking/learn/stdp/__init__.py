"""Unsupervised learning by spike-timing-dependent plasticity."""

from spiking.learn.stdp.train import (
    default_rate,
    label_stdp,
    learn_stdp,
    responses,
    train_stdp,
)

__all__ = ["default_rate", "label_stdp", "learn_stdp", "responses", "train_stdp"]
