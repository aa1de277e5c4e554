"""What the forward pass sees of hardware whose parameters are not those that were learned."""
