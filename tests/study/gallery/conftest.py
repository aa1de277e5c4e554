"""Each experiment is run once, quickly, for all tests of a process that read it."""

from functools import cache

import pytest

from spiking.study.gallery import EXPERIMENTS
from spiking.study.gallery.experiment import Asked


@cache
def quickly(name, seed=0):
    """What the experiment ``name`` finds in a quick run."""
    return EXPERIMENTS[name].run(Asked(seed=seed, quick=True))


@pytest.fixture
def finding():
    """``finding(name)``: what a quick run found."""
    return quickly


@pytest.fixture
def wrong():
    """``wrong(finding)``: what its checks do not agree on."""
    return lambda found: [c.what for c in found.checks if not c.agrees]
