"""Numbers for reading: SI prefixes, significant digits, ranges."""

from __future__ import annotations

import math
import re

PREFIXES = {-18: "a", -15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}


def prefix(value: float) -> tuple[float, str]:
    """Return ``(factor, prefix)`` so that ``value / factor`` lies in [1, 1000) where a prefix exists."""
    if not value or not math.isfinite(value):
        return 1.0, ""
    power = min(max(3 * math.floor(math.log10(abs(value)) / 3 + 1e-12), -18), 9)
    return 10.0**power, PREFIXES[power]


def si(value: float, unit: str, digits: int = 3) -> str:
    """Return ``value`` [unit] as text, e.g. ``si(2.31e-7, "J") == "231 nJ"``; ``"-"`` for NaN."""
    if math.isnan(value):
        return "-"
    factor, p = prefix(float(f"{value:.{digits - 1}e}"))
    return f"{significant(value / factor, digits)} {p}{unit}"


def si_range(low: float, nominal: float, high: float, unit: str, digits: int = 3) -> str:
    """Return ``"231 nJ (120 to 400)"`` with one prefix for all three."""
    if math.isnan(nominal):
        return "-"
    factor, p = prefix(float(f"{nominal:.{digits - 1}e}"))
    n, lo, hi = (significant(x / factor, digits) for x in (nominal, low, high))
    return f"{n} {p}{unit}" if lo == hi else f"{n} {p}{unit} ({lo} to {hi})"


def significant(value: float, digits: int = 3) -> str:
    """Return ``value`` with ``digits`` significant digits, without exponent where that stays short."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    decimals = digits - 1 - math.floor(math.log10(abs(float(f"{value:.{digits - 1}e}"))))
    if decimals > 6:
        return f"{value:.{digits - 1}e}"
    rounded = round(value, decimals)
    return f"{rounded:.{max(decimals, 0)}f}"


def percent(fraction: float, digits: int = 1) -> str:
    """Return ``"97.2 %"``; ``"-"`` for NaN."""
    return "-" if math.isnan(fraction) else f"{100 * fraction:.{digits}f} %"


UNIT = r"(?:[afpnµmkMG]?(?:J|s|Hz|W|V|bit)|nm|%|steps?)"


def unbroken(text: str) -> str:
    """Return ``text`` with a no-break space between every number and its unit.

    >>> unbroken("134 nJ on a chip")
    '134\\xa0nJ on a chip'
    """
    return re.sub(rf"(?<=\d) (?={UNIT}\b|%)", "\N{NO-BREAK SPACE}", text)
