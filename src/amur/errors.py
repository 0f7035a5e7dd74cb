"""What can go wrong for a reason the user can mend."""

FAULT = "a fault of amur's; what happened is in the window where it runs"
"""What the user hears of where the reason is another one."""


class AmurError(Exception):
    """Bad input or a bad setting. The message is one line that says what is wrong and what to do about it."""


class Note(UserWarning):
    """Something of a result that a reader should know, and how to have it otherwise."""


class InputWarning(UserWarning):
    """A part of the input was passed over; the rest goes on. The message says which part and why."""
