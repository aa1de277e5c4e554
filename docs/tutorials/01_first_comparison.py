"""
Your first comparison
=====================

Does a spiking network need less energy than a conventional one, on your task? One call trains both
kinds, tests them on samples they never saw, counts every operation, and prices the counts. Energies
are estimated, not measured.
"""

import tempfile
from pathlib import Path

from spiking import compare

folder = Path(tempfile.mkdtemp())
found = compare("digits", contenders=["mlp", "surrogate"], quick=True, out=folder / "run")
for sentence in found.answer:
    print(sentence.replace("**", ""), end="\n\n")

# %%
# A quick run trains for seconds, so that its numbers only show that everything works. Leave
# ``quick`` out for numbers to believe. The rows hold one line per contender and chip, in SI units:

columns = ["model", "chip", "accuracy", "energy_J", "energy_low_J", "energy_high_J", "latency_s", "design"]
print(found.rows[columns].to_string(index=False))

# %%
# The figure everyone asks for: accuracy against energy, with the range of the constants as bars.

from spiking import plot

figure = plot.accuracy_energy(found)
figure.savefig(folder / "accuracy_energy.png")
print(sorted(p.name for p in found.path.iterdir()))

# %%
# The folder holds the report, tables as CSV and JSON, figures, the trained networks as NIR files,
# and a manifest with versions, seed and a checksum of the data. On a command line the same is
# ``spiking compare --quick``.
