"""What machines do to the choice of a method."""
