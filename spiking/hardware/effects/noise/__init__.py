"""Noise of writing and of reading, where no device is named; ``memory`` has those that were measured."""
