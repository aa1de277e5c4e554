"""Columns of the integer tables and rows of the parameter table that describe a group to the loops."""

from __future__ import annotations

# one row per population of a group
KIND, SIZE, OFFSET, SOURCE, SLAB, CAPACITY, RESET, DELAYED, STRICT, MULTI, REFRACTORY, WINNERS, ADAPTS = (
    range(13)
)
PLAIN, SYNAPSE = range(13, 15)  # taken by the loops of lif.py; synapses: see below
FIXED = 15  # how integers are computed with, see below; 0 for floating point
POPULATION_COLUMNS = 16

# KIND
SPIKING, INTEGRATOR, CONDUCTANCE = range(3)
# RESET
SUBTRACT, ZERO, CROSSING = range(3)

# FIXED
LOIHI, SATURATING = range(1, 3)

# SYNAPSE
INSTANT, EXPONENTIAL, ALPHA_FUNCTION = range(3)

# one row per connection into a group; INNER: source and target share the group
# FOLD: where the folded lists of the source are (fold.py), or -1
FROM, TO, WEIGHTS, STRIDE, DELAY, SPARSE, ROWS, INNER, RECEPTOR, FOLD = range(10)
CONNECTION_COLUMNS = 10
# RECEPTOR
CURRENT, EXCITATORY, INHIBITORY = range(3)

# one row per parameter, one column per unit of the group
DECAY, GAIN, ALPHA, LEAK, THRESHOLD, RESET_TO, DROP, ADAPT_DECAY, ADAPT_STEP, ADAPT_START, START = range(11)
# conductance units: further rows
DECAY_EXC, DECAY_INH, E_EXC, E_INH = range(11, 15)
STEADY = 15  # potential in the limit, per unit of current
KEEP_U, KEEP_V, OFFSET_V = range(16, 19)  # integer units: parts of 4096 kept per step; bias
LIFT, KICK, DIRECT = range(19, 22)  # alpha synapses: first state's part of the current, its jump, its weight
# saturating integer units: shifts of decays (negative KEEP_V, KEEP_U: by shift), ends of state words
FIRST_V, SECOND_V, FIRST_U, SECOND_U, TOP_V, TOP_U = range(22, 28)
PARAMETER_ROWS = 28
