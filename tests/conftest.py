"""How the suite is shared out over processes, and what it does not inherit from who starts it."""

import gc
import os
import signal

import pytest

FULL_RUN = ("tests/study/test_compare.py", "tests/study/test_designs.py")  # what reads ``full_run``
# what the first one compiles serves all that follow; the next compile nothing, or in folders of their own
LONG = (
    "tests/kernels/test_cold_start.py", "tests/kernels/test_cache.py", "tests/data/test_damaged.py",
    "tests/cli/test_terminals.py", "tests/study/explorer/test_browser.py", "tests/cli/test_options.py",
    "tests/test_hostile.py", "tests/bridges/test_brian.py", *FULL_RUN, "tests/learn/test_stdp_brian.py",
    "tests/cli/test_full_disk.py", "tests/learn/test_checkpoint.py",
)  # fmt: skip


def pytest_configure(config):
    """Each process computes on one thread, unless a test says otherwise: the processes share the cores."""
    if getattr(config.option, "numprocesses", None):
        for name in ("SPIKING_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
            os.environ.setdefault(name, "1")


def pytest_collection_finish():
    """Leave what is loaded by now out of every later search for garbage; Brian2 has one before each run."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items):
    """Start with the files that take longest, so that no process waits long for the other at the end."""
    place = {file: k for k, file in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.nodeid.split("::")[0], len(LONG)))


def pytest_xdist_make_scheduler(config, log):
    """Hand out whole files, and as one those that share a costly run.

    Markers would say it too (``--dist loadgroup``), but pytest-xdist 3.8 loses them under pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.split("::")[0]
            return FULL_RUN[0] if file in FULL_RUN else file

    config.option.loadscopereorder = False  # the order of the collection holds
    return ByFile(config, log)


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
