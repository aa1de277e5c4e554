"""Numbers for reading; they live in :mod:`spiking.core.numbers`, where prices can use them too."""

from spiking.core.numbers import percent, prefix, si, si_range, significant

__all__ = ["percent", "prefix", "si", "si_range", "significant"]
