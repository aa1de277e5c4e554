"""Validation: published values beside ours. ``validate_energy()`` returns one row per target."""

from spiking.study.validation.energy.run import Row, Target, in_words, sound, targets, validate_energy

__all__ = ["Row", "Target", "in_words", "sound", "targets", "validate_energy"]
