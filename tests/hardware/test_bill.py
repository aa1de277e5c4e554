"""What is read off the lines of a bill, by hand."""

from spiking.hardware.bill import Bill, Line
from spiking.hardware.quantity import Interval, Quantity


def line(term, joule):
    price = Quantity(value=joule, unit="J", source="this project", kind="assumption")
    return Line(
        layer="a", operation="spikes", term=term, count=1.0, price=price, constant=term,
        energy=Interval.exact(joule),
    )  # fmt: skip


def bill(**how):
    lines = (line("compute", 1.0), line("routing", 2.0), line("static", 8.0))
    return Bill(chip="c", network="n", lines=lines, latency=Interval.exact(1.0), **how)


def test_totals_hold_what_their_names_say():
    assert [bill().total(t).nominal for t in ("compute", "dynamic", "total")] == [1.0, 3.0, 11.0]


def test_a_network_on_a_quarter_of_the_cores_bears_a_quarter_of_the_standing_power():
    assert bill(used=0.25).share().nominal == 3.0 + 8.0 * 0.25
    assert bill(used=1.0).share().nominal == bill().share().nominal == 11.0
