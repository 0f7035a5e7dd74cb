"""An article's text with its statements in their places, ready to be shown."""

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from amur.blocks import front_matter

_BLANK_LINE = re.compile(r"\n\s*\n")
_NEAR = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; of a statement where there is one."""

    text: str
    statement: dict[str, Any] | None = None


Paragraph = list[Piece]


def paragraphs(text: str | None, statements: pd.DataFrame) -> list[Paragraph]:
    """The paragraphs of an article, cut at its statements.

    Args:
        text: the article's text; None where it is not at hand, then the statements stand alone.
        statements: of the article, with ``start``, ``end`` and ``text``; offsets must fit the text.
    """
    rows = statements.sort_values("start", kind="stable").to_dict("records")
    return _of_statements(rows) if text is None else _of_text(text, rows)


def _of_text(text: str, rows: list[dict[Any, Any]]) -> list[Paragraph]:
    found: list[Paragraph] = [[]]
    at = len(front_matter(text))
    for row in rows:
        _add_plain(found, text[at : row["start"]])
        found[-1].append(Piece(text[row["start"] : row["end"]], row))
        at = row["end"]
    _add_plain(found, text[at:])
    return [paragraph for paragraph in found if any(piece.text.strip() for piece in paragraph)]


def _add_plain(found: list[Paragraph], text: str) -> None:
    """Add what stands between two statements; a blank line in it opens a paragraph."""
    first, *others = _BLANK_LINE.split(text)
    if first:
        found[-1].append(Piece(first))
    found.extend([Piece(part)] if part else [] for part in others)


def _of_statements(rows: list[dict[Any, Any]]) -> list[Paragraph]:
    """Without the text, a gap in the offsets stands for what was not classified."""
    found: list[Paragraph] = []
    end = None
    for row in rows:
        if end is None or pd.isna(row["start"]) or row["start"] - end > _NEAR:
            found.append([])
        else:
            found[-1].append(Piece(" "))
        found[-1].append(Piece(row["text"], row))
        end = row["end"]
    return found
