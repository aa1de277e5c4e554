"""What is learned, from how many samples, at what price."""
