"""Statements in their place: what a statement means depends on those around it.

The encoder reads a document in windows of consecutive statements and takes one vector for each, so that a statement's
vector knows its neighbours (sequential sentence classification: Cohan et al. 2019; late chunking: Günther et al. 2024).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAMED_BEFORE = 2
LEAD = 4
"""Statements that a window reads before its own."""


class Passage(NamedTuple):
    """A statement in its place: the statements of its document in order, and which of them it is."""

    document: tuple[str, ...]
    at: int

    @property
    def text(self) -> str:
        """The statement itself."""
        return self.document[self.at]

    @property
    def before(self) -> tuple[str, ...]:
        """The two statements before it."""
        return self.document[max(0, self.at - _NAMED_BEFORE) : self.at]


class Window(NamedTuple):
    """Statements read at once: from ``first`` on they are read, from ``start`` to ``end`` they get their vectors."""

    first: int
    start: int
    end: int


def in_place(texts: Sequence[str]) -> list[Passage]:
    """The passages of a document.

    >>> [passage.before for passage in in_place(["One.", "Two.", "Three.", "Four."])][-1]
    ('Two.', 'Three.')
    """
    document = tuple(texts)
    return [Passage(document, at) for at in range(len(document))]


def as_passage(text: Passage | str) -> Passage:
    """A passage as it is; a bare string as a document of one statement."""
    return text if isinstance(text, Passage) else Passage((str(text),), 0)


def windows(lengths: Sequence[int], size: int, opening: int | None = None) -> Iterator[Window]:
    """Cut a document into windows that hold every statement once, and up to four statements before their own.

    Args:
        lengths: tokens of each statement.
        size: tokens of a window; a longer statement has one to itself. Statements before may fill half of it.
        opening: tokens of the first window, where it shall differ.

    >>> list(windows([10, 10, 10, 10, 10, 10], 50))
    [Window(first=0, start=0, end=5), Window(first=4, start=5, end=6)]
    """
    start = 0
    while start < len(lengths):
        first, end, tokens = start, start + 1, lengths[start]
        while first > max(0, start - LEAD) and tokens + lengths[first - 1] < size / 2:
            first -= 1
            tokens += lengths[first]
        limit = opening if start == 0 and opening is not None else size
        while end < len(lengths) and tokens + lengths[end] <= limit:
            tokens += lengths[end]
            end += 1
        yield Window(first, start, end)
        start = end
