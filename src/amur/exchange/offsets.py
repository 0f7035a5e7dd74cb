"""Offsets that may count UTF-16 code units, as JavaScript does, where ours count Unicode code points.

The two differ after a character beyond U+FFFF, such as most emoji. No file says which it counts, so what the file says
of the text at the offsets decides; where that tells nothing, offsets are taken as code points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Span = tuple[int, int]
_LAST_OF_ONE_UNIT = "\uffff"


def from_utf16(text: str, offset: int) -> int:
    r"""An offset in UTF-16 code units as one in code points.

    >>> from_utf16("\N{SHIP} gas", 3), len("\N{SHIP} ")
    (2, 2)

    Raises:
        ValueError: it lies beyond the text, or within a character.
    """
    before = text.encode("utf-16-le")[: 2 * offset]
    if offset < 0 or len(before) < 2 * offset:
        msg = f"no offset {offset} in a text of {len(text)} characters"
        raise ValueError(msg)
    return len(before.decode("utf-16-le"))


def in_code_points(text: str, spans: Sequence[Span], fits: Callable[[int, Span], bool]) -> list[Span]:
    """Spans of one text in code points.

    Args:
        text: the text.
        spans: start and end of each, all in the same unknown unit.
        fits: whether what the file says of the span of a number agrees with a reading of it.
    """
    if all(character <= _LAST_OF_ONE_UNIT for character in text):
        return list(spans)
    try:
        converted = [(from_utf16(text, start), from_utf16(text, end)) for start, end in spans]
    except ValueError:
        return list(spans)

    def fitting(read: Sequence[Span]) -> int:
        return sum(end <= len(text) and fits(number, (start, end)) for number, (start, end) in enumerate(read))

    return converted if fitting(converted) > fitting(spans) else list(spans)


def cuts_no_word(text: str, span: Span) -> bool:
    """Whether a span begins and ends where a person would: at no space, and not within a word."""
    start, end = span
    inner = text[start:end]
    around = text[max(start - 1, 0) : start] + inner[:1], inner[-1:] + text[end : end + 1]
    return inner == inner.strip() and not any(len(pair) > 1 and pair.isalnum() for pair in around)
