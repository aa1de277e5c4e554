"""The equations of ``step.py``, compiled into whatever loop calls them; numbers and tiles alike."""

from __future__ import annotations

from spiking.kernels import step
from spiking.kernels.compile import inline

synapse = inline(step.synapse)
alpha_current = inline(step.alpha_current)
integrate = inline(step.integrate)
fires = inline(step.fires)
burst = inline(step.burst)
subtract_reset = inline(step.subtract_reset)
zero_reset = inline(step.zero_reset)
crossing_reset = inline(step.crossing_reset)
adapt = inline(step.adapt)
