"""One run of the main job as a user starts it, shared by the tests that read its files."""

import pytest

from spiking.study.compare import compare


@pytest.fixture(scope="session")
def full_run(tmp_path_factory):
    """The result of ``spiking compare`` without options, and the events it reported."""
    events = []
    out = tmp_path_factory.mktemp("runs") / "digits-0"
    return compare(out=out, progress=events.append), events
