"""Figures, drawn from rows and plain data."""
