"""Figures of rows alone: those of a comparison, of a sweep, or of any table with the same columns."""
