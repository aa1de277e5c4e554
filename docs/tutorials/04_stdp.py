"""
Learning without labels
=======================

The network of Diehl and Cook (2015): units compete, and spike-timing-dependent plasticity lets each
become the detector of a shape. Labels are used after learning only, to name what the units have
found. MNIST takes a minute (``spiking train stdp --data mnist``); scikit-learn's digits take
seconds.
"""

from spiking import load, run, train_stdp

data = load("digits")
network = train_stdp(data.x_train, data.y_train, neurons=64, epochs=2, seed=0)
trace = run(network, data.x_test)
print(f"{trace.accuracy(data.y_test):.3f} of {len(data.y_test)} test images named right, chance is 0.1")

# %%
# What each unit has learned to see:

from spiking.study.figures.receptive_fields import receptive_fields

figure = receptive_fields(network.connections[0].weight, data.image_shape, title="two passes over the digits")

# %%
# Few units spike for an image, which is what makes the network cheap or dear, depending on how
# often its state is updated: see :doc:`06_read_a_bill`.

spikes = trace.spikes[network.output.population].sum(axis=1)
print(f"{spikes.mean():.1f} spikes of {network[network.output.population].size} units for a mean image")
