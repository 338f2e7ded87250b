"""What a coordinator reads."""
