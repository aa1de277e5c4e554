"""Networks as hardware holds them: rounding, integer units."""
