"""What a comparison found, as rows and words."""
