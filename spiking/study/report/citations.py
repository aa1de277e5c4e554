"""The bibliography of just the sources that were used, as BibTeX."""

from __future__ import annotations

from collections.abc import Iterable

from spiking.hardware.schema import bibliography

FIELDS = ("author", "title", "year", "volume", "pages", "doi", "url", "note")
VENUE = {"article": "journal", "inproceedings": "booktitle", "misc": "howpublished"}


def bibtex(keys: Iterable[str]) -> str:
    """Return BibTeX entries of ``keys`` that the bibliography knows, sorted."""
    known = bibliography()
    return "\n".join(_entry(key) for key in sorted(set(keys)) if key in known)


def _entry(key: str) -> str:
    fields = bibliography()[key]
    kind = str(fields.get("bibtex", "misc"))
    lines = [(VENUE.get(kind, "howpublished"), fields["venue"])] if "venue" in fields else []
    lines += [(name, fields[name]) for name in FIELDS if name in fields]
    body = ",\n".join(f"  {name} = {{{_escaped(str(value))}}}" for name, value in lines)
    return f"@{kind}{{{key},\n{body}\n}}\n"


def _escaped(text: str) -> str:
    return text.replace("&", r"\&").replace("%", r"\%").replace("_", r"\_")
