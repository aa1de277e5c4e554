"""
Read a bill
===========

A total hides what it is made of. A bill keeps its lines: how often something happened, what it
costs, who says so, and how sure that is.
"""

from spiking import LI, LIF, Latency, Linear, Network, ReLU, count, load, plot, price, run

x = load("digits").x_test
snn = Network.dense(
    [64, 128, 10], hidden=LIF(), readout=LI(), encoder=Latency(linear=True), steps=16, name="SNN"
)
mlp = Network.dense([64, 128, 10], hidden=ReLU(), readout=Linear(), name="MLP")
bills = {net.name: price(count(net, run(net, x)).mean(), "generic-45nm") for net in (snn, mlp)}
for name, bill in bills.items():
    print(name, {term: f"{float(e.nominal) * 1e9:.1f} nJ" for term, e in bill.by_term().items()})

# %%
# Three totals, each with the range that the published constants span. Papers that compare
# ``compute`` alone leave out most of the energy.

for name, bill in bills.items():
    for which in ("compute", "dynamic", "total"):
        e = bill.total(which)
        low, middle, high = (1e9 * float(x) for x in (e.low, e.nominal, e.high))
        print(f"{name} {which}: {middle:.1f} nJ ({low:.1f} to {high:.1f})")

# %%
# The dearest lines, with their source and its place:

lines = sorted(bills["SNN"].rows(), key=lambda row: -row["energy_J"])
for row in lines[:5]:
    what = f"{row['layer']:8} {row['operation']:16}"
    print(f"{what} {row['count']:8.0f} x {row['price']:.3g} {row['unit']}: {row['source']}")

# %%
# And as a waterfall:

figure = plot.waterfall(bills["SNN"])
figure
