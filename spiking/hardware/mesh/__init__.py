"""Networks on many-core chips: capacity, partition, placement, routes, timing."""
