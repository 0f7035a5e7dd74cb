"""Transcripts and interviews: whose turn a statement stands in, by names before turns and questions set apart."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from amur.blocks import front_matter

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERVIEWEE = "*"
"""Stands for whoever an interview is with."""

_PARAGRAPH = re.compile(r"[^\r\n\u2028\u2029]+")
_LABEL = re.compile(
    r"[ \t>*_]* (?:\d{1,3}[.)]\s+)? (?P<who> [A-Z][\w.’'()/-]* (?: ,?[ ][\w.’'()/-]+ ){0,14}? )"
    r"(?:\s*(?:\*\*|__))? \s*:[\s*_]* (?=\s|\Z)",
    re.VERBOSE,
)
_ASKS = re.compile(r"(?:q|questions?|reporter|journalist|interviewer|correspondent|host|moderator)\b", re.IGNORECASE)
_OFFICE = re.compile(
    r"\b(?:minister|premier|president|chair\w*|governor|director|head|secretary|ambassador|general|spokes\w+|question)\b",
    re.IGNORECASE,
)
_BOLD = re.compile(r"\s*(\*\*|__).*\1\s*\Z")
_FIRST_PERSON = re.compile(r"\b(?:I|my|me|we|our)\b")
_FEWEST_LABELS, _FEWEST_QUESTIONS, _LONGEST_QUESTION = 2, 4, 40
_PERSONAL = 0.2
"""Share of what is said, at least, that stands in the first person; lists and explainers do without."""


class Turn(NamedTuple):
    """A turn of a conversation: who has the word, as the label says or ``INTERVIEWEE``; and whether it is a question.

    >>> Turn("Question", True).asks
    True
    """

    who: str
    asks: bool


def turns(text: str, starts: Sequence[int]) -> list[Turn | None]:
    """The turn of each statement that starts at ``starts``; None where the text is no conversation, or not yet one."""
    lines = _PARAGRAPH.finditer(text, len(front_matter(text)))
    spans = [line.span() for line in lines if not line[0].isspace()]
    paragraphs = [text[start:end] for start, end in spans]
    found = _transcript(paragraphs) or _interview(paragraphs)
    if not found:
        return [None] * len(starts)
    firsts = [start for start, _ in spans]
    return [found[max(0, bisect_right(firsts, start) - 1)] for start in starts]


def _transcript(paragraphs: Sequence[str]) -> list[Turn | None]:
    """The turn of each paragraph; nothing unless several names stand before what is said in the first person."""
    labels = [match["who"] if (match := _LABEL.match(paragraph)) else "" for paragraph in paragraphs]
    if not _names_speakers([label for label in labels if label]):
        return []
    first = next(at for at, label in enumerate(labels) if label)
    if _personal(paragraphs[first:]) < _PERSONAL:
        return []
    found: list[Turn | None] = []
    for label, paragraph in zip(labels, paragraphs, strict=True):
        if label:
            found.append(Turn(label, bool(_ASKS.match(label)) or paragraph.rstrip().endswith("?")))
        else:
            found.append(found[-1] if found and not paragraph.startswith("#") else None)
    return found


def _names_speakers(labels: Sequence[str]) -> bool:
    """Whether labels stand for speakers: some come again, or hold offices; those of sections hardly ever do."""
    counts = Counter(_surname(label) for label in labels)
    again = sum(count > 1 for count in counts.values())
    offices = len({label for label in labels if _OFFICE.search(label)})
    return again + offices >= _FEWEST_LABELS or (again == 1 and len(counts) > _FEWEST_LABELS)


def _interview(paragraphs: Sequence[str]) -> list[Turn | None]:
    """Questions, and the answers after them; nothing where there are too few, or the answers are nobody's."""
    asks = [
        paragraph.rstrip(" *_").endswith("?") and len(paragraph.split()) <= _LONGEST_QUESTION
        for paragraph in paragraphs
    ]
    if sum(asks) < _FEWEST_QUESTIONS:
        return []
    first = asks.index(True)
    bold = bool(_BOLD.match(paragraphs[first]))
    asks = [asked or (bold and bool(_BOLD.match(paragraph))) for asked, paragraph in zip(asks, paragraphs, strict=True)]
    answers = [p for p, asked in zip(paragraphs[first:], asks[first:], strict=True) if not asked]
    if _personal(answers) < _PERSONAL:
        return []
    return [Turn("" if asked else INTERVIEWEE, asked) if at >= first else None for at, asked in enumerate(asks)]


def _personal(paragraphs: Sequence[str]) -> float:
    """The share of paragraphs in the first person."""
    return sum(bool(_FIRST_PERSON.search(paragraph)) for paragraph in paragraphs) / max(len(paragraphs), 1)


def _surname(label: str) -> str:
    """The last word of the name in a label."""
    words = re.split(r",| \(", label)[0].split()
    return words[-1].casefold() if words else ""
