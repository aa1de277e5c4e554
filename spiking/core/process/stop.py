"""Signals that ask the process to stop: one exception, one flag, one place that knows.

Ctrl-C (SIGINT), SIGTERM and a closed terminal (SIGHUP) raise :class:`Stopped` in the main thread. Three
things can swallow an exception raised at a random moment, and each has an answer here:

- callbacks out of C (ctypes, weak references, finalisers) drop it; Python hands it to
  ``sys.unraisablehook``, and the hook here sends the signal again;
- llvmlite calls Python back while it compiles; while one of its frames is on the stack nothing is raised,
  and the signal comes again 50 ms later;
- code that catches everything; the signal comes again every half second until the command has ended, and
  raises where nobody is at work on the last one. The flag stays as well, and :func:`check` raises before
  any result is replaced.

``Stopped`` is a subclass of ``KeyboardInterrupt`` because CPython marks the process as interrupted where a
plain one leaves an ``exec`` of text (dataclasses, numba), and then ends with that signal whatever follows.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

AGAIN = 0.05  # seconds until a signal that could not be raised comes again
REPEAT = 0.5  # seconds until it is looked whether an exception was swallowed
PATIENCE = 1.0  # seconds in which further signals do not disturb the cleaning up
NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP


class Stopped(KeyboardInterrupt):
    """The process was asked to stop by the signal ``number``; ``advice``: how to go on, in words."""

    def __init__(self, number: int = signal.SIGINT, advice: str = "") -> None:
        super().__init__(number)
        self.number = int(number)
        self.advice = advice

    @property
    def code(self) -> int:
        """Exit code as shells count it: 128 + signal, 130 for Ctrl-C."""
        return 128 + self.number


class _Asked:
    """What came so far. One per process, as signals are."""

    number: int | None = None
    since = 0.0
    repeated = False  # the next signal is sent by this module
    timer = threading.Timer(0, lambda: None)  # that sends it
    over = False  # the command has ended: nothing is to be disturbed any more
    result = ""  # what is in place already, for the last sentence


_asked = _Asked()


def asked() -> int | None:
    """Return the signal that asked to stop, or None."""
    return _asked.number


def ask(number: int) -> None:
    """Note that the signal ``number`` asked to stop; for handlers that stop at a better moment."""
    if _asked.number is None:
        _asked.number, _asked.since = int(number), time.monotonic()


def check() -> None:
    """Raise :class:`Stopped` if a signal asked to stop; called before a result is replaced."""
    if _asked.number is not None:
        raise Stopped(_asked.number)


@contextmanager
def handled() -> Iterator[None]:
    """Inside the block the signals raise :class:`Stopped`, but for those ignored from outside.

    Handlers of before come back at the end. Does nothing outside the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}
    hook = sys.unraisablehook
    _asked.number, _asked.over, _asked.result = None, False, ""
    _asked.since, _asked.repeated = 0.0, False
    try:
        sys.unraisablehook = _dropped
        for name in NAMES:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, _handle)
        yield
    finally:
        _asked.over = True
        _asked.timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = hook
        _asked.number = None


def placed(result: str) -> None:
    """Note that ``result`` is in place, so that a later interruption does not deny it."""
    _asked.result = result


def result() -> str:
    """Return what was placed last in this command, or an empty string."""
    return _asked.result


def ignore() -> None:
    """From here on the signals do nothing: the command has ended and only says so."""
    _asked.over = True


def _handle(number: int, frame: FrameType | None) -> None:
    if _asked.over:
        return
    own, _asked.repeated = _asked.repeated, False
    first = _asked.number is None
    ask(number)
    if _inside_llvmlite(frame):
        _again(number, AGAIN)
        return
    if first or own:
        _again(number, REPEAT)
    late = _asked.since == 0.0 or time.monotonic() - _asked.since > PATIENCE
    if first or (own and not _cleaning_up()) or (late and not own):
        _asked.since = time.monotonic()
        raise Stopped(number)


def _cleaning_up() -> bool:
    """Whether the interrupted code runs because of a :class:`Stopped` (``finally``, ``except``, ``with``)."""
    error: BaseException | None = sys.exc_info()[1]
    while error is not None:
        if isinstance(error, Stopped):
            return True
        error = error.__context__
    return False


def _inside_llvmlite(frame: FrameType | None) -> bool:
    while frame is not None:
        if f"{os.sep}llvmlite{os.sep}" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False


def _again(number: int, seconds: float) -> None:
    """Send the signal to this process in ``seconds``, instead of what was to be sent before."""
    _asked.timer.cancel()
    _asked.timer = threading.Timer(seconds, _repeat, (number, os.getpid()))
    _asked.timer.daemon = True
    _asked.timer.start()


def _repeat(number: int, process: int) -> None:
    if not _asked.over and _asked.number is not None and process == os.getpid():
        _asked.repeated = True
        os.kill(process, number)


def _dropped(event: Any) -> None:
    if isinstance(event.exc_value, Stopped):
        _again(event.exc_value.number, AGAIN)
    else:
        sys.__unraisablehook__(event)
