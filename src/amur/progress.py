"""How long work tells how far it is."""

from collections.abc import Callable

Progress = Callable[[int], object]
"""Called with the number of items done since the last call."""

Stage = Callable[[str, int | None], object]
"""Called when another stretch of work begins: what is counted now, and how many there are, where that is known."""


def ignore(*_: object) -> None:
    """Tell nobody."""
