"""Chips that differ: how many work, how well the worst does, what each costs; and when to stop reading.

``cloud`` draws chip instances and runs them under the same input spikes; ``distribution`` describes what came
out; ``early_exit`` reads one network at every step.
"""

from spiking.study.instances.cloud import Cloud, chip_cloud
from spiking.study.instances.distribution import Distribution, Share
from spiking.study.instances.early_exit import EarlyExit, early_exit

__all__ = ["Cloud", "Distribution", "EarlyExit", "Share", "chip_cloud", "early_exit"]
