"""Compiled loops on arrays. No project types in here; numba lives here alone."""
