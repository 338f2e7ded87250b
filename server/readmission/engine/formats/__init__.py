"""Results and graphs in their standard formats, written and read."""
