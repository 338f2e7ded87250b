"""Errors that a user can correct, and what they have in common."""


class UserError(Exception):
    """What a user can get wrong: its message says how to mend it, and is told without a traceback."""


class ParameterError(UserError, ValueError):
    """A parameter that is missing, unknown or of the wrong kind; the message says what is expected."""


class DateError(UserError, ValueError):
    """A date that is not EDTF as we use it, or not in the calendar: what is wrong with it, and how to mend it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.what, self.remedy = what, remedy

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}"
