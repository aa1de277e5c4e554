"""What a sweep consists of: axes, their values, combinations of them, and the points these make."""
