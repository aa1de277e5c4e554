"""Which network costs less, and how sure that is."""
