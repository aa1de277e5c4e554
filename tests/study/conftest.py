"""One quick comparison, shared by the tests that read its files."""

import pytest

from spiking.study.compare import compare


@pytest.fixture(scope="session")
def quick_run(tmp_path_factory):
    """The events of a quick run of everything, and its result."""
    events = []
    out = tmp_path_factory.mktemp("runs") / "quick"
    return compare(quick=True, out=out, progress=events.append), events
