"""Readers of files: sizes are checked before unpacking, damaged ones get one sentence."""
