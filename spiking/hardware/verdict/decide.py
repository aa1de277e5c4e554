"""Two bills beside each other: which lines count, what either lacks, and the ratio that follows."""

from __future__ import annotations

from collections.abc import Iterator

from spiking.core.typed import typed
from spiking.hardware.bill import SCOPE_TERMS, Bill
from spiking.hardware.verdict.ratio import Line, Ratio, ratio_interval

BOARD = "the rest of the board (host, supply, memory outside the chip)"


def lines(bill: Bill, scope: str) -> Iterator[Line]:
    """The priced lines of a bill as ``((chip, constant), low, nominal, high)`` for :func:`ratio_interval`."""
    for line in bill.lines:
        if line.price.known and SCOPE_TERMS[scope](line.term):
            e = line.energy
            yield (bill.chip, line.constant), float(e.low), float(e.nominal), float(e.high)


def lacks(bill: Bill, scope: str) -> tuple[str, ...]:
    """What happened and has no published price, among the terms of ``scope``.

    Something unpriced that stands in no line counts in every scope: nobody knows where it belongs.
    """
    terms: dict[str, set[str]] = {}
    for line in bill.lines:
        if not line.price.known:
            terms.setdefault(line.price.note or f"{line.operation} ({line.constant})", set()).add(line.term)
    inside = SCOPE_TERMS[scope]
    return tuple(u for u in bill.unpriced if u not in terms or any(map(inside, terms[u])))


def whole_board(bill: Bill) -> bool:
    """True if the bill charges the measured power of a whole board."""
    return any(line.price.known and line.price.scope == "system" for line in bill.lines)


def priced(bill: Bill | None, scope: str = "total") -> bool:
    """True if the chip runs the network and states a price above 0 (a price that is not known is NaN)."""
    return bill is not None and bill.runs_here and float(bill.total(scope).nominal) > 0


@typed
def ratio(snn: Bill | None, mlp: Bill | None, scope: str = "total", *, model: str = "") -> Ratio | None:
    """Energy of a spiking network over that of an MLP; None where one of them is not known.

    A bill of a chip beside one of a whole board lacks the rest of the board.
    """
    if snn is None or mlp is None or not (priced(snn, scope) and priced(mlp, scope)):
        return None
    low, nominal, high = ratio_interval(lines(snn, scope), lines(mlp, scope))
    missing = [list(lacks(bill, scope)) for bill in (snn, mlp)]
    boards = [whole_board(bill) for bill in (snn, mlp)]
    if boards[0] != boards[1]:
        missing[boards.index(False)].append(BOARD)
    return Ratio(
        model=model or snn.network,
        chip=snn.chip,
        against=mlp.chip,
        scope=scope,
        low=low,
        nominal=nominal,
        high=high,
        snn_lacks=tuple(missing[0]),
        mlp_lacks=tuple(missing[1]),
    )
