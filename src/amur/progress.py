"""How long work tells how far it is."""

from collections.abc import Callable

Progress = Callable[[int], object]
"""Called with the number of items done since the last call."""


def ignore(_done: int, /) -> None:
    """Tell nobody."""
