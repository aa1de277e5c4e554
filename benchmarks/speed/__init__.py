"""Parts of ``training_speed.py``: one process per contender, driven step by step over pipes."""
