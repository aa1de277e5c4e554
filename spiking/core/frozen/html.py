"""Values as small HTML tables, for notebooks. Every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

CELL = "padding:2px 10px 2px 0;border-bottom:1px solid #ddd;text-align:"


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, note: str = "", left: int = 1
) -> str:
    """Return an HTML table with a title above and a note below.

    Args:
        columns: heads of the columns; none where the rows explain themselves.
        rows: cells in the order of the columns; anything with a ``str`` form.
        left: that many columns are words, set at the left; the others are numbers, set at the right.
    """
    head = "".join(_cell("th", k, name, left) for k, name in enumerate(columns))
    body = "".join(
        f"<tr>{''.join(_cell('td', k, value, left) for k, value in enumerate(row))}</tr>" for row in rows
    )
    below = f'<div style="font-size:smaller;color:#666">{escape(note)}</div>' if note else ""
    return (
        f"<div><b>{escape(title)}</b>"
        f'<table style="border-collapse:collapse">{f"<tr>{head}</tr>" if head else ""}{body}</table>'
        f"{below}</div>"
    )


def _cell(tag: str, column: int, value: object, left: int) -> str:
    side = "left" if column < left else "right"
    return f'<{tag} style="{CELL}{side}">{escape(str(value))}</{tag}>'
