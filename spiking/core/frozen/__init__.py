"""Frozen values as plain data and back, and equality by value."""
