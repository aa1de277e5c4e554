"""Memory devices that store weights as conductances, with noise and drift as published.

``cells`` maps weights to conductances and back, ``array`` writes, ages and reads an array of any device;
each other file is one device: its range, its noise of writing, its drift, its noise of reading.
"""
