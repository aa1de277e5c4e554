"""How the suite is shared out over processes, and what it does not inherit from who starts it."""

import os
import signal

import pytest


def pytest_configure(config):
    """Each process computes on one thread, unless a test says otherwise: the processes share the cores."""
    if getattr(config.option, "numprocesses", None):
        for name in ("SPIKING_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
            os.environ.setdefault(name, "1")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep the tests of a file in one process, and with them those that share a costly run."""
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            shared = "full_run" in getattr(item, "fixturenames", ())
            item.add_marker(pytest.mark.xdist_group("full_run" if shared else item.nodeid.split("::")[0]))


@pytest.fixture(autouse=True, scope="session")
def signals_are_heard():
    """Undo what ``nohup`` and background jobs of a shell pass on: signals that children would ignore."""
    ignored = [
        s for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(s) == signal.SIG_IGN
    ]
    for s in ignored:
        signal.signal(s, signal.default_int_handler if s == signal.SIGINT else signal.SIG_DFL)
    yield
    for s in ignored:
        signal.signal(s, signal.SIG_IGN)
