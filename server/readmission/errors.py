"""What all faults of a user have in common."""


class UserFault(Exception):
    """What a user can get wrong: its message says how to mend it, and is told without a traceback."""
