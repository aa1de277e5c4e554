"""What ``spiking gallery`` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from spiking.study.gallery import EXPERIMENTS, experiment_names
from spiking.study.gallery.experiment import Check
from spiking.study.gallery.folder import Shown
from spiking.study.screen.console import plain


def listing() -> None:
    """Print the names of all experiments with their questions."""
    console = plain()
    for name in experiment_names():
        experiment = EXPERIMENTS[name]
        needs = f" (needs {', '.join(experiment.data)})" if experiment.data else ""
        console.print(f"{name:<16} {experiment.question}{needs}", soft_wrap=True)


def experiment(shown: Shown) -> None:
    """Print the question, three sentences, the checks, and where the files lie."""
    console = plain()
    console.print(shown.experiment.question, style="bold", soft_wrap=True)
    for sentence in (*shown.finding.sentences, shown.finding.energy):
        if sentence:
            console.print(textwrap.fill(sentence, 100, subsequent_indent="  "), soft_wrap=True)
    for c in shown.finding.checks:
        console.print(check_line(c), soft_wrap=True)
    console.print(f"\nFigure, rows and verdict: {shown.path}", soft_wrap=True)


def everything(path: Path, shown: Sequence[Shown], missing: Mapping[str, str]) -> None:
    """Print one line per experiment, and where the index page lies."""
    console = plain()
    for one in shown:
        wrong = [c.what for c in one.finding.checks if not c.agrees]
        verdict = f"does NOT agree: {'; '.join(wrong)}" if wrong else "agrees"
        console.print(f"{one.experiment.name:<16} {verdict}", soft_wrap=True)
    for name, why in missing.items():
        console.print(f"{name:<16} not run: {why}", soft_wrap=True)
    console.print(f"\nThe pages: {path / 'index.html'}", soft_wrap=True)


def check_line(c: Check) -> str:
    """One check on a line: verdict, quantity, measured value with its interval, what was expected."""
    span = "" if c.interval is None else f" ({c.interval[0]:.4g} to {c.interval[1]:.4g})"
    verdict = "agrees" if c.agrees else "DOES NOT AGREE"
    return f"  {verdict}: {c.what}: {c.measured:.4g}{span}; expected {c.expected} [{c.source}]"
