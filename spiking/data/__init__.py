"""Data sets: real ones read strictly, synthetic ones drawn from a seed."""
