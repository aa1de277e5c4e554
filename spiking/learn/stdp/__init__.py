"""Unsupervised learning by spike-timing-dependent plasticity."""

from spiking.learn.stdp.config import LearnConfig
from spiking.learn.stdp.learn import learn_stdp, presentation_order
from spiking.learn.stdp.network import NetworkConfig, stdp_network
from spiking.learn.stdp.samples import default_rate
from spiking.learn.stdp.train import label_stdp, responses, train_stdp

__all__ = [
    "LearnConfig",
    "NetworkConfig",
    "default_rate",
    "label_stdp",
    "learn_stdp",
    "presentation_order",
    "responses",
    "stdp_network",
    "train_stdp",
]
