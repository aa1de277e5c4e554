"""The files of a run folder and the report."""
