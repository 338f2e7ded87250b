"""The commands, a module each: ``arguments`` says what it takes, ``run`` does it and returns the exit status."""

from readmission.commands.telling import opened

__all__ = ["opened"]
