"""Theorems about single units and small networks."""
