"""How much fits: into one unit, into an expansion, into many parameters."""
