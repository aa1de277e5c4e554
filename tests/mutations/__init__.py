"""Defects to plant, one at a time: the suite must notice each (``python -m tests.mutations``)."""
