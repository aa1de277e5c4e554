"""Attacks on the whole program: signals, ``kill -9``, mutated files; each writes what it found as JSON."""
