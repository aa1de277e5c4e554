"""Progress bars for terminals."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Drawing
from rich.text import Text

from spiking.core.numbers import percent, si
from spiking.core.progress import Progress
from spiking.study.figures.style import label


class Rate(ProgressColumn):
    """Units per second, e.g. ``12 400/s``."""

    def render(self, task: Task) -> Text:
        """Return the rate as text; empty until there is one."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s".replace(",", " ") if speed else "")


class Bars:
    """Progress bars for terminals and notebooks, one per contender: ``fit(..., progress=bars)``.

    ::

        with spiking.bars() as bars:
            spiking.compare("digits", progress=bars)

    Called with events of :class:`spiking.core.progress.Progress`. In a terminal they are drawn on stderr.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self.progress = Drawing(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            Rate(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console,
        )
        self.tasks: dict[str, Any] = {}

    def __enter__(self) -> Bars:
        """Drawing starts with the first event, so that an error before it stands alone."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing."""
        if self.tasks:  # else nothing was drawn, and an error stands alone
            self.progress.stop()

    def __call__(self, event: Progress) -> None:
        """Show how far ``event.who`` is; what is finished and tested stays as a line."""
        self.progress.start()  # does nothing where it already draws
        name, stage = event.who, event.stage
        if event.seconds is not None and event.accuracy is not None:
            done = f"{label(name)}: {percent(event.accuracy)} on {event.total} test samples"
            line = f"{done}, trained in {si(event.seconds, 's')}"
            self.progress.console.print(line, markup=False, highlight=False)
        key = f"{name}:test" if stage == "test" else name or stage
        title = f"{label(name)}: {stage}" if name else stage
        if key not in self.tasks:
            for earlier in self.progress.tasks:  # a model that stopped early is done all the same
                self.progress.update(earlier.id, total=earlier.completed)
            self.tasks[key] = self.progress.add_task(title, total=event.total, unit=event.unit)
        self.progress.update(self.tasks[key], completed=event.done, total=event.total, description=title)
