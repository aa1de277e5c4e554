"""Units of an STDP network over one step: membranes, inhibition, who spikes, spikes on their way.

The loops over all units take contiguous arrays and little else, so that they run in vector registers;
what concerns few units (who is refractory, whose own spike inhibits the others) is put right after them.
"""

from __future__ import annotations

from spiking.kernels import step_conductance
from spiking.kernels.compile import inline, jit, jit_views
from spiking.kernels.equations import integrate, synapse

conductance_lif = inline(step_conductance.conductance_lif)


@jit_views
def charge(v, g_exc, g_inh, exc, threshold, cell):  # type: ignore[no-untyped-def]
    """Let all units take one step from what arrived; return whether any ended above threshold.

    Units that are refractory move too: :func:`hold` puts them back. Inhibition is in ``g_inh`` already.
    """
    gain, v_leak, e_exc, e_inh = cell.gain, cell.v_leak, cell.e_exc, cell.e_inh
    decay_exc, decay_inh = cell.decay_exc, cell.decay_inh
    none = gain - gain
    above = False
    for j in range(v.size):
        v[j], g_exc[j], g_inh[j] = conductance_lif(
            v[j], g_exc[j], g_inh[j], False, exc[j], none, gain, v_leak, e_exc, e_inh, decay_exc, decay_inh
        )
        above |= v[j] > threshold[j]
    return above


@jit_views
def charge_current(v, u, x, threshold, cell):  # type: ignore[no-untyped-def]
    """The same for current-based units: ``u`` is their synaptic current, ``x`` what arrives (any sign)."""
    decay, gain, v_leak, alpha = cell.decay, cell.gain, cell.v_leak, cell.decay_exc
    above = False
    for j in range(v.size):
        u[j] = synapse(u[j], x[j], alpha)
        v[j] = integrate(v[j], u[j], decay, gain, v_leak)
        above |= v[j] > threshold[j]
    return above


@jit_views
def fade_threshold(theta, base, threshold, v, decay):  # type: ignore[no-untyped-def]
    """Let adaptation fade by one step; return whether any unit is above its threshold then."""
    above = False
    for j in range(theta.size):
        theta[j] *= decay
        threshold[j] = base[j] + theta[j]
        above |= v[j] > threshold[j]
    return above


@jit_views
def hold(v, v_reset, free_at, now, held, count):  # type: ignore[no-untyped-def]
    """Keep the ``count`` units of ``held`` at the reset; return how many stay refractory after ``now``."""
    left = 0
    for k in range(count):
        j = held[k]
        if now < free_at[j]:
            v[j] = v_reset
            held[left] = j
            left += 1
    return left


@jit
def select(v, threshold, now, free_at, winners, fired):  # type: ignore[no-untyped-def]
    """Write the free units above threshold to ``fired``, at most ``winners``, those farthest above."""
    n = 0
    for j in range(free_at.size):
        if v[j] > threshold[j] and now >= free_at[j]:
            fired[n] = j
            n += 1
    if n <= winners:
        return n
    for k in range(winners):  # partial selection sort; the lower index wins a tie
        best = k
        for m in range(k + 1, n):
            a, b = fired[m], fired[best]
            if v[a] - threshold[a] > v[b] - threshold[b] or (
                v[a] - threshold[a] == v[b] - threshold[b] and a < b
            ):
                best = m
        fired[k], fired[best] = fired[best], fired[k]
    return winners


@jit
def send(ring, due, now, fired, count):  # type: ignore[no-untyped-def]
    """Put who fired at step ``now`` on a delay line; its length is the delay + 1."""
    slot = (now + due.size - 1) % due.size
    due[slot] = count
    for k in range(count):
        ring[slot, k] = fired[k]


@jit
def write_log(log, logged, now, population, fired, count):  # type: ignore[no-untyped-def]
    """Note who fired at step ``now``, while there is room."""
    for k in range(min(count, log.shape[0] - logged[0])):
        log[logged[0], 0], log[logged[0], 1], log[logged[0], 2] = now, population, fired[k]
        logged[0] += 1


@jit
def inhibit(g_inh, ring, due, now, conductance, kept):  # type: ignore[no-untyped-def]
    """Open ``conductance`` in all units once per arriving spike, but not in its own column's unit.

    Of current-based units ``g_inh`` is what arrives and ``conductance`` a negative weight.
    """
    slot = now % due.size
    if due[slot] == 0:
        return
    for k in range(due[slot]):
        kept[k] = g_inh[ring[slot, k]]
    whole = due[slot] * conductance
    for j in range(g_inh.size):
        g_inh[j] += whole
    for k in range(due[slot]):
        g_inh[ring[slot, k]] = kept[k] + (whole - conductance)


@jit
def inner_step(s, now, exc, none, threshold, inner, side, held, count, fired):  # type: ignore[no-untyped-def]
    """Let the inhibitory units, one per excitatory unit, take one step; write who spiked to ``fired``.

    ``exc`` holds zeros and does so again at the end, ``none`` always (nothing inhibits here). Returns
    ``(spikes, refractory units)``.
    """
    v, ring, due = s.inner_v, s.ring, s.due
    slot = now % due.size
    for k in range(due[slot]):
        exc[ring[slot, k]] = side.excitation
    above = charge(v, s.inner_g, none, exc, threshold, inner)
    for k in range(due[slot]):
        exc[ring[slot, k]] = 0
    count = hold(v, inner.v_reset, s.inner_free_at, now, held, count)
    n = 0
    if above:
        n = select(v, threshold, now, s.inner_free_at, v.size, fired)
    for k in range(n):
        j = fired[k]
        v[j] = inner.v_reset
        s.inner_free_at[j] = now + 1 + inner.refractory
        held[count] = j
        count += 1
    return n, count
