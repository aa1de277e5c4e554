"""Signals as a request to stop after the present batch, so that a checkpoint can be written first."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, NoReturn

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interruption:
    """Inside the block the first signal sets ``asked``; a second one does what it does outside.

    A signal that is ignored from outside (``nohup``) stays ignored. Only the main thread can take signals;
    in another one nothing changes.
    """

    def __init__(self, active: bool) -> None:
        self.active = active and threading.current_thread() is threading.main_thread()
        self.asked = 0  # number of the signal
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interruption:
        if self.active:
            for number in SIGNALS:
                before = signal.getsignal(number)
                if before is not signal.SIG_IGN and before is not None:  # None: set by other than Python
                    self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def stop(self) -> NoReturn:
        """Do what the signal would have done outside of the block, or raise KeyboardInterrupt."""
        self._restore()
        before = self._before.get(self.asked)
        if callable(before):
            before(self.asked, None)
        raise KeyboardInterrupt

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            before = self._before.get(number)
            if callable(before):
                before(number, frame)
            raise KeyboardInterrupt
        self.asked = number
