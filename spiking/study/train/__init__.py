"""Training one network into a folder."""
