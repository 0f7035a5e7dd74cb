"""Article text to blocks of prose: paragraphs and bullets, without headings, captions, bylines and site furniture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRONT_MATTER = re.compile(
    r"""\A\ufeff?---[ \t]*\r?\n
    (?=(?:[ \t]*(?:\#[^\n]*)?\r?\n)*["']?[\w-]+["']?[ \t]*:)          # a key, or it is prose between two lines
    .*?^(?:---|\.\.\.)[ \t]*\r?$""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_MAX_FRONT_MATTER = 20_000
_LINE = re.compile(r"[^\r\n\u2028\u2029]+")
_BULLET = re.compile(
    r"[ \t\xa0]*(?:[-*+•‣▪●◦–—·][ \t\xa0]+|[•‣▪●◦]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)][ \t\xa0]+)(?=\S)"
)
_QUOTED = re.compile(r"[ \t]*>[ \t]?")
_ENDS_SENTENCE = re.compile(r"[.!?…:;][\"'”’»)\]*_\d]*\s*\Z")
_NOT_PROSE = re.compile(
    r"""\s*(?:
      \#{1,6}\s | !\[ | \|.*\| | <[a-z/!] | https?://\S+\s*\Z | [-*_=\s]{3,}\Z                              # markup
    | (?:photo(?:graph)?|image|picture|caption|credit|source|figure|fig\.|table|chart|map|video|graphic)
      s?(?:\s+(?:credit|source|by)|\s+\d+)?\s*[:|]                                                         # captions
    | (?:open\s+this\s+photo|additional\s+reporting|reporting\s+by|data\s+visuali[sz]ation|editing\s+by|written\s+by
      |read\s+more|advertisement|subscribe|sign\s+up|follow\s+(?:us|related)|share\s+this|skip\s+(?:to|past)
      |source\s+link|newsletter)\b[^.]*(?:[:.]|\Z)(?!\s+\w)
    | (?:more|previously|related|see\s+also|also\s+read|read\s+more|watch|listen)\s*:
    | this\s+(?:article|story|piece)\s+(?:was|is|has\s+been)\s+(?:originally|first|updated|amended|corrected)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_CREDIT = re.compile(r"(?:photograph|photo|image)s?\s*:\s*\S|\(photo by\b|\bfile photo\b", re.IGNORECASE)
_AGENCY = re.compile(
    r"(?:/|\bvia\s)(?:getty|afp|ap|epa|reuters|tass|xinhua|sputnik|associated press)\b|\bgetty images\b", re.IGNORECASE
)
_SPEAKER = re.compile(
    r"""(?: [QA]
    | [A-Z][\w.'’()-]* (?: [ \t]+ (?: of|the|and|for|de|al|on|to | [A-Z][\w.'’()-]* | \([^)]{1,40}\) ) ){0,9} )
    [ \t]* (?: ,[ \t][A-Z][\w .'’-]{1,60} )? : [ \t]* (?=[\w“"'‘])""",
    re.VERBOSE,
)
_SAYS = re.compile(
    r"\b(?:said|says|say|is|are|was|were|told|wrote|added|asked|follow\w*|include\w*|agreed)\b", re.IGNORECASE
)
_CAPTION_WORDS = 60
_HEADING_WORDS = 14
_QUESTION_HEADING_WORDS = 12
_BULLET_HEADING_WORDS = 3
_WRAPPED_LINE = 120


def prose_blocks(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the paragraphs and bullets that can hold statements."""
    for first, last, bullet in _blocks(text):
        start, end = trim(text, first, last)
        if start < end and not _is_furniture(text[start:end]):
            spoken = start if bullet else start + _speaker_label(text[start:end])
            salutation = spoken > start and text[start:end].endswith(",")
            if not salutation and not _is_heading(text[spoken:end], bullet=bullet):
                yield spoken, end


def front_matter(text: str) -> str:
    r"""The front matter that opens a text, with the lines around it; empty where there is none.

    >>> front_matter("---\ntitle: Gas\n---\nIt flows.")
    '---\ntitle: Gas\n---'
    """
    found = _FRONT_MATTER.match(text[:_MAX_FRONT_MATTER])
    return found[0] if found else ""


def _is_furniture(block: str) -> bool:
    """Whether a block is markup, a caption, a credit or an invitation to read on."""
    credit = _CREDIT.search(block) or _AGENCY.search(block.rpartition(".")[2])
    return bool(_NOT_PROSE.match(block) or (credit and len(block.split()) < _CAPTION_WORDS))


def _speaker_label(block: str) -> int:
    """Length of the speaker's name that opens a block of a transcript, 0 where there is none."""
    label = _SPEAKER.match(block)
    return label.end() if label and not _SAYS.search(label[0]) else 0


def _blocks(text: str) -> Iterator[tuple[int, int, bool]]:
    """Spans of lines that belong together, each with whether it is a bullet."""
    lines = [match.span() for match in _LINE.finditer(text, len(front_matter(text)))]
    wrapped = _is_wrapped(text, lines)
    block: tuple[int, int, bool] | None = None
    for first, end in lines:
        quoted = _QUOTED.match(text, first, end)
        start = quoted.end() if quoted else first
        bullet = _BULLET.match(text, start, end)
        joins = block and wrapped and not bullet and _runs_on(text, block[1], start) and not text[start:end].isspace()
        if joins and block and not _NOT_PROSE.match(text, start, end):
            block = (block[0], end, block[2])
            continue
        if block:
            yield block
        block = (bullet.end() if bullet else start, end, bool(bullet))
    if block:
        yield block


def _is_wrapped(text: str, lines: list[tuple[int, int]]) -> bool:
    """Whether paragraphs are broken over several short lines, as in a mail or a plain-text file."""
    widths = sorted(end - start for start, end in lines if not text[start:end].isspace())
    if len(widths) < 3 or widths[-1] > _WRAPPED_LINE:  # noqa: PLR2004 (two lines show no habit)
        return False
    open_ends = sum(not _ENDS_SENTENCE.search(text[start:end]) for start, end in lines if end - start > widths[-1] // 2)
    return open_ends * 2 > sum(width > widths[-1] // 2 for width in widths)


def _runs_on(text: str, end: int, start: int) -> bool:
    """Whether only one line break lies between two lines."""
    gap = text[end:start]
    return gap.count("\n") <= 1 and gap.count("\r") <= 1 and not set(gap) & {"\u2028", "\u2029"}


def _is_heading(block: str, *, bullet: bool) -> bool:
    words = len(block.split())
    if block.endswith("?") and words <= _QUESTION_HEADING_WORDS and not re.search(r"[.!?…]\s", block):
        return not bullet
    if _ENDS_SENTENCE.search(block):
        return words < 2  # noqa: PLR2004
    if bullet:
        return words <= _BULLET_HEADING_WORDS
    return words <= _HEADING_WORDS or (words < 2 * _HEADING_WORDS and not re.search(r"[.!?…][\"'”’)]*\s", block))


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space and Markdown emphasis at its ends."""
    while start < end and (text[start].isspace() or text[start] in "*_\u200b\ufeff"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "*_\u200b"):
        end -= 1
    return start, end
