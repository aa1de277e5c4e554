"""Event lists: expand them to rasters, weigh them by fan-out."""

from __future__ import annotations

from spiking.kernels.compile import jit


@jit
def raster_of(start, stop, ptr, idx, out):  # type: ignore[no-untyped-def]
    """Add the events of samples ``start..stop`` into ``out`` ``[samples, steps, units]``."""
    for b in range(start, stop):
        for t in range(out.shape[1]):
            for e in range(ptr[b, t], ptr[b, t + 1]):
                out[b, t, idx[e]] += 1


@jit
def arrivals(start, stop, ptr, idx, delay, fan_out, out):  # type: ignore[no-untyped-def]
    """Synaptic events per sample: fan-out of each spike that arrives before the last step ends."""
    steps = ptr.shape[1] - 1
    for b in range(start, stop):
        total = 0
        for e in range(ptr[b, 0], ptr[b, max(steps - delay, 0)]):
            total += fan_out[idx[e]]
        out[b] = total


@jit
def unit_counts(start, stop, ptr, idx, out):  # type: ignore[no-untyped-def]
    """Spikes per unit and sample into ``out`` ``[samples, units]``."""
    for b in range(start, stop):
        for e in range(ptr[b, 0], ptr[b, ptr.shape[1] - 1]):
            out[b, idx[e]] += 1


@jit
def drop_events(start, stop, ptr, idx, keep):  # type: ignore[no-untyped-def]
    """Take the events of units that ``keep`` ``[samples, units]`` leaves out from the lists."""
    for b in range(start, stop):
        at = ptr[b, 0]
        e = at
        for t in range(ptr.shape[1] - 1):
            last = ptr[b, t + 1]
            while e < last:
                if keep[b, idx[e]]:
                    idx[at] = idx[e]
                    at += 1
                e += 1
            ptr[b, t + 1] = at
