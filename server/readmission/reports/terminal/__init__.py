"""Answers as text for a terminal: what a command prints when nobody asks for a file."""
