"""The index page of a gallery that was run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from spiking.study.gallery.experiment import Experiment, Finding

HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The gallery</title><style>
body { font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
img { max-width: 100% } section { border-top: 1px solid #ccc; margin-top: 2rem }
.no { font-weight: bold } td, th { text-align: left; padding: 0 1rem 0 0; vertical-align: top }
</style></head><body>
<h1>The gallery</h1>
<p>From the perceptron's proof to neuromorphic chips: each idea an experiment, checked. Energies are
estimated, not measured.</p>
"""


def index_page(found: Sequence[tuple[Experiment, Finding]], missing: Mapping[str, str]) -> str:
    """Return a page in HTML with one section per experiment and a line for each that could not run."""
    parts = [HEAD, *(_section(e, f) for e, f in found)]
    if missing:
        lines = "".join(f"<li>{escape(name)}: {escape(why)}</li>" for name, why in missing.items())
        parts.append(f"<section><h2>Not run</h2><ul>{lines}</ul></section>")
    return "\n".join([*parts, "</body></html>\n"])


def _section(experiment: Experiment, finding: Finding) -> str:
    name = escape(experiment.name)
    rows = "".join(
        f"<tr><td>{escape(c.what)}</td><td>{escape(c.expected)}</td><td>{c.measured:.4g}</td>"
        f"<td{'' if c.agrees else ' class=no'}>{'agrees' if c.agrees else 'does not agree'}</td></tr>"
        for c in finding.checks
    )
    said = " ".join([*finding.sentences, finding.energy])
    return (
        f'<section id="{name}"><h2>{escape(experiment.question)}</h2><p>{escape(experiment.theory)} '
        f"<i>{escape(experiment.source)}</i></p>"
        f'<p><img src="{name}/{name}.svg" alt="{escape(experiment.question)}"></p><p>{escape(said)}</p>'
        f"<table><tr><th>what</th><th>expected</th><th>measured</th><th></th></tr>{rows}</table></section>"
    )
