"""How much memory a training step will take, before it takes it."""

from __future__ import annotations

import os

from spiking.core.errors import require
from spiking.core.network import Network


def step_bytes(network: Network, batch_size: int, itemsize: int = 4) -> int:
    """Estimate the memory of one training step [byte]: events, states, gradients, parameters."""
    steps = network.steps
    events = sum(i.size for i in network.inputs if not i.encoder.analog)
    kept = 0
    for p in network.populations:
        deep = 1 if p.unit.stateless else steps
        kept += p.size * deep * (2 * itemsize + 1)  # membrane, its gradient, spikes
        events += p.size if p.unit.spiking else 0
    parameters = sum(c.memory_words for c in network.connections)
    return int(batch_size * (kept + events * steps * 8) + parameters * itemsize * 4)


def available_bytes() -> int | None:
    """Memory that is free for use [byte], where the system tells."""
    try:
        with open("/proc/meminfo") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    except (OSError, ValueError, AttributeError):
        return None


def check_fits(network: Network, batch_size: int, itemsize: int = 4) -> None:
    """Raise :class:`SpikingError` if a training step would not fit into the free memory."""
    need, free = step_bytes(network, batch_size, itemsize), available_bytes()
    if free is None:
        return
    require(
        need <= free,
        f"a training step with batch_size={batch_size} needs about {need / 2**30:.1f} GiB, "
        f"{free / 2**30:.1f} GiB are free; use a batch of at most {max(1, batch_size * free // need)}",
    )
