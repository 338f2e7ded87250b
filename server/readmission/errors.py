"""What all faults of a user have in common."""


class UserFault(Exception):
    """What a user can get wrong: its message says how to mend it, and is told without a traceback."""


class ParameterError(UserFault, ValueError):
    """A parameter that is missing, unknown or of the wrong kind; the message says what is expected."""


class DateError(UserFault, ValueError):
    """A date that is not EDTF as we use it, or not in the calendar: what is wrong with it, and how to mend it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what, mend)
        self.what, self.mend = what, mend

    def __str__(self) -> str:
        return f"{self.what}; {self.mend}"
