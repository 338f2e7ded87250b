"""The commands, a module each: ``arguments`` says what it takes, ``run`` does it and returns the exit status."""
