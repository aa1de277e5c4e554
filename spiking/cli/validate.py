"""``spiking validate energy | dynamics``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spiking.cli.apps import validate_app
from spiking.cli.options import Json, Page, there

Traces = Annotated[Path | None, typer.Option(help="folder of the NIR paper's CSV traces", callback=there)]
Peers = Annotated[bool, typer.Option(help="run installed simulators beside ours")]


@validate_app.command("energy")
def validate_energy(json: Json = None, page: Page = None) -> None:
    """Compare the energy estimate with published values, each with its source and tolerance."""
    from spiking.core.files import write_json
    from spiking.study.screen.energy import validation
    from spiking.study.validation.energy import validate_energy as rows_of

    rows = rows_of()
    good = validation(rows)
    if json is not None:
        write_json(json, rows)
        print(f"wrote {json}")
    if page is not None:
        from spiking.study.validation.energy.page import write_page

        for path in write_page(page, rows):
            print(f"wrote {path}")
    if not good:
        raise typer.Exit(1)


@validate_app.command("dynamics")
def validate_dynamics(
    json: Json = None, traces: Traces = None, peers: Peers = True, page: Page = None
) -> None:
    """Closed forms, published traces, golden vectors, Brian2 and every installed simulator."""
    from spiking.core.files import write_json
    from spiking.study.screen.validation import validation
    from spiking.study.validation.dynamics import validate_dynamics as rows_of
    from spiking.study.validation.dynamics.page import write_page

    rows = rows_of(traces=traces, peers=peers)
    validation(rows)
    if json is not None:
        write_json(json, rows)
    if page is not None:
        write_page(rows, page)
    if not all(row["passed"] for row in rows):
        raise typer.Exit(1)
