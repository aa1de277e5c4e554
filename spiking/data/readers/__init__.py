"""Readers of files, each behind the guard: damaged files get one sentence, sizes are checked before unpacking."""
