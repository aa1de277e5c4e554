"""Signals as a request to stop after the present batch, so that a checkpoint can be written first."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, NoReturn

from spiking.core.process.stop import NAMES, Stopped


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
            for number in (getattr(signal, name) for name in NAMES if hasattr(signal, name)):
                before = signal.getsignal(number)
                if before is not signal.SIG_IGN and before is not None:  # None: set by other than Python
                    self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def stop(self) -> NoReturn:
        """Raise what the signal asked for: :class:`~spiking.core.process.stop.Stopped`, an interrupt."""
        raise Stopped(self.asked)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if not self.asked:
            self.asked = number
            return
        before = self._before.get(number)
        if callable(before):
            before(number, frame)
        raise Stopped(number)
