"""The bibliography: a source as a line of text, and the sources that were used as BibTeX."""

from __future__ import annotations

from collections.abc import Iterable

from spiking.hardware.schema import bibliography

FIELDS = ("author", "title", "year", "volume", "pages", "doi", "url", "note")
VENUE = {"article": "journal", "inproceedings": "booktitle", "misc": "howpublished"}


def citation(key: str) -> str:
    """Return a source as one line of plain text; empty where the bibliography does not know it.

    >>> citation("davies2018").split(". ")[0]
    'Davies, Mike and others'
    """
    entry = bibliography().get(key, {})
    where = f"doi:{entry['doi']}" if "doi" in entry else entry.get("url")
    parts = [*(entry.get(name) for name in ("author", "title", "venue", "year")), where]
    return ". ".join(str(p).rstrip(".") for p in parts if p)


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
