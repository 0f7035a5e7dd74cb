"""Article text to statements: the sentences of its body, with exact offsets.

The text is cut into blocks (paragraphs, bullets, headings), blocks that are not prose are dropped, and the rest is cut
into sentences over spaCy's English tokens, whose rules know abbreviations, numbers and quotation marks. No language
model is needed. Offsets count Unicode code points in the text as given, so ``text[s.start:s.end] == s.text`` always.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spacy.language import Language
    from spacy.tokens import Doc, Token


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an article's body; ``start`` and ``end`` count code points in the article's text."""

    start: int
    end: int
    text: str


def split_statements(text: str) -> list[Statement]:
    """Cut an article's text into its statements, in reading order.

    Front matter, headings, captions, bylines, speaker labels and site furniture are left out.
    """
    return [statement for start, end in _prose_blocks(text) for statement in _sentences(text, start, end)]


# --- blocks -----------------------------------------------------------------------------------------------------------

FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE)
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
      |read\s+more|advertisement|subscribe|sign\s+up|follow\s+(?:us|related)|share\s+this|skip\s+(?:to|past)|source\s+link
      |newsletter)\b[^.]*(?:[:.]|\Z)(?!\s+\w)
    | (?:more|previously|related|see\s+also|also\s+read|read\s+more|watch|listen)\s*:
    | this\s+(?:article|story|piece)\s+(?:was|is|has\s+been)\s+(?:originally|first|updated|amended|republished|corrected)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_CREDIT = re.compile(
    r"(?:photograph|photo|image)s?\s*:\s*\S|(?:/|\bvia\s)(?:getty|afp|ap|epa|reuters|tass|xinhua|sputnik|associated press)\b[^.]*\Z"
    r"|\bgetty images\b[^.]*\Z|\(photo by\b|\bfile photo\b",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"(?:(?-i:[QA])|[A-Z][\w.'’()-]*(?:[ \t]+(?:of|the|and|for|de|al|on|to|[A-Z][\w.'’()-]*|\([^)]{1,40}\))){0,9})[ \t]*(?:,[ \t][A-Z][\w .'’-]{1,60})?:[ \t]*(?=[\w“\"'‘])"
)
_LEAD_IN = re.compile(
    r"\A(?:.*\b(?:said|says|say|is|are|was|were|told|wrote|added|asked|follow\w*|include\w*|agreed)\b.*)", re.IGNORECASE
)
_HEADING_WORDS = 14
_QUESTION_HEADING_WORDS = 12
_WRAPPED_LINE = 120


def _prose_blocks(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the paragraphs and bullets that can hold statements."""
    for start, end, bullet in _blocks(text):
        start, end = _trim(text, start, end)
        if start == end or _NOT_PROSE.match(text, start, end):
            continue
        block = text[start:end]
        if _CREDIT.search(block) and len(block.split()) < 60:  # noqa: PLR2004 (a caption is no longer than that)
            continue
        if not bullet and (label := _SPEAKER.match(block)) and not _LEAD_IN.match(label[0]):
            start += label.end()
            block = text[start:end]
            if block.endswith(","):  # a salutation that stands alone behind the speaker's name
                continue
        if not _is_heading(block, bullet=bullet):
            yield start, end


def _blocks(text: str) -> Iterator[tuple[int, int, bool]]:
    """Spans of lines that belong together, each with whether it is a bullet."""
    front = FRONT_MATTER.match(text)
    lines = [match.span() for match in _LINE.finditer(text, front.end() if front else 0)]
    wrapped = _is_wrapped(text, lines)
    block: tuple[int, int, bool] | None = None
    for start, end in lines:
        if quoted := _QUOTED.match(text, start, end):
            start = quoted.end()
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
    return words <= (3 if bullet else _HEADING_WORDS) or (
        not bullet and not re.search(r"[.!?…][\"'”’)]*\s", block) and words < 2 * _HEADING_WORDS
    )


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space and Markdown emphasis at its ends."""
    while start < end and (text[start].isspace() or text[start] in "*_\u200b\ufeff"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "*_\u200b"):
        end -= 1
    return start, end


# --- sentences --------------------------------------------------------------------------------------------------------

_STOPS = {".", "!", "?", "…", "。", "！", "？", "?!", "!?"}
_CLOSERS = set("\"'”’»)]}*_")
_OPENERS = set("\"'“‘«([{*_")
# Abbreviations with a full stop that ends no sentence: before a name, and before a number.
_BEFORE_NAMES = frozenset(
    "mr mrs ms dr prof gen lt col maj brig capt cmdr adm sgt sen rep gov pres st mt hon rev amb vs v e.g i.e viz al".split()
)
_BEFORE_NUMBERS = frozenset(
    "no nos vol art sec fig approx ca p pp ch para jan feb mar apr jun jul aug sept sep oct nov dec".split()
)
_SAYING = frozenset(
    "said says say asked asks added adds told wrote writes exclaimed quipped replied wondered wonders continued joked".split()
)
# Words that open a sentence far more often than they are part of a name: they tell "in the U.S. The talks" from "U.S. Treasury".
_OPENING_WORDS = frozenset(
    "the a an it its he she they we i you this that these those there here in on at by for from with after before since until while when where"
    " as if although though but and or yet so still however meanwhile moreover instead last next both some many most all no not what who why how"
    " his her their our one two three another other such even only now then thus according despite during under over between".split()
)


@cache
def _tokenizer() -> Language:
    import spacy  # noqa: PLC0415 (slow to import, and needed only once there is text)

    nlp = spacy.blank("en")
    nlp.max_length = 10**9
    return nlp


def _sentences(text: str, start: int, end: int) -> Iterator[Statement]:
    doc = _tokenizer().make_doc(text[start:end])
    first = 0
    for last in _sentence_ends(doc):
        left, right = doc[first].idx, doc[last].idx + len(doc[last])
        left, right = _trim(text, start + left, start + right)
        if any(character.isalnum() for character in text[left:right]):
            yield Statement(left, right, text[left:right])
        first = last + 1


def _sentence_ends(doc: Doc) -> Iterator[int]:
    """Index of each sentence's last token, its closing quotation marks and brackets included."""
    at = 0
    while at < len(doc):
        stop = _stop_kind(doc, at)
        if not stop:
            at += 1
            continue
        last = _with_closers(doc, at)
        nxt = _skip_spaces(doc, last + 1)
        if nxt >= len(doc):
            break
        if _opens_sentence(doc, nxt, stop, quoted=last > at):
            yield last
        at = last + 1
    if len(doc):
        yield len(doc) - 1


def _stop_kind(doc: Doc, at: int) -> str:
    """What the token may end: "" nothing, "stop", "ellipsis", or "abbreviation"."""
    token = doc[at].text
    if token in _STOPS:
        if token == "." and at and _is_spaced_ellipsis(doc, at):
            return "ellipsis"
        if token == "." and at and not doc[at - 1].whitespace_ and _abbreviates(doc, at - 1):
            return ""
        return "ellipsis" if token == "…" else "stop"
    if len(token) > 1 and set(token) <= {".", "…"}:
        return "ellipsis"
    if len(token) > 1 and set(token) <= {"!", "?"}:
        return "stop"
    if len(token) > 1 and token[-1] == "." and not _abbreviates(doc, at):
        return "abbreviation" if _looks_abbreviated(token) else "stop"
    return ""


def _abbreviates(doc: Doc, at: int) -> bool:
    """Whether the word at ``at`` (its full stop in the same token or the next) is short for one that goes on."""
    word = doc[at].lower_.removesuffix(".")
    following = _first_word(doc, at + 1 if doc[at].text.endswith(".") else at + 2)
    is_number = following is not None and following.text[0].isdigit()
    return word in _BEFORE_NAMES or (word in _BEFORE_NUMBERS and is_number)


def _looks_abbreviated(token: str) -> bool:
    body = token[:-1]
    return (
        "." in body
        or len(body) == 1
        or body.casefold() in {"inc", "co", "corp", "ltd", "llc", "jr", "sr", "etc", "bros", "dept", "est"}
    )


def _is_spaced_ellipsis(doc: Doc, at: int) -> bool:
    return any(0 <= i < len(doc) and doc[i].text in {".", ".."} for i in (at - 1, at + 1)) or doc[at - 1].is_space


def _with_closers(doc: Doc, at: int) -> int:
    """The last of the closing marks that follow token ``at`` without white space between."""
    while at + 1 < len(doc) and not doc[at].whitespace_ and doc[at + 1].text and set(doc[at + 1].text) <= _CLOSERS:
        at += 1
    return at


def _skip_spaces(doc: Doc, at: int) -> int:
    while at < len(doc) and doc[at].is_space:
        at += 1
    return at


def _opens_sentence(doc: Doc, at: int, stop: str, *, quoted: bool) -> bool:
    """Whether token ``at``, the first after a possible end, begins a new sentence."""
    token = doc[at]
    word = _first_word(doc, at)
    if word is None or word.text[:1].islower():
        return False
    if (
        not doc[at - 1].whitespace_
        and not doc[at - 1].is_space
        and not (token.text[:1].isupper() or token.text[0] in _OPENERS)
    ):
        return False
    if stop == "abbreviation":
        return word.lower_ in _OPENING_WORDS and not word.text.isupper() or (token.text[0] in "“‘«" and quoted)
    if stop == "ellipsis":
        return word.text[:1].isupper()
    return not (quoted and doc[at - 1].text[-1:] in _CLOSERS and _is_attribution(doc, at))


def _first_word(doc: Doc, at: int) -> Token | None:
    while at < len(doc) and (doc[at].is_space or set(doc[at].text) <= _OPENERS):
        at += 1
    return doc[at] if at < len(doc) else None


def _is_attribution(doc: Doc, at: int) -> bool:
    """Whether ``Liu said`` or ``says Ms Chen`` follows a question or an exclamation in quotation marks."""
    before = next(
        (doc[i].text for i in range(at - 1, -1, -1) if set(doc[i].text) - _CLOSERS and not doc[i].is_space), ""
    )
    return before[-1:] in {"!", "?"} and any(doc[i].lower_ in _SAYING for i in range(at, min(at + 4, len(doc))))


# --- language ---------------------------------------------------------------------------------------------------------

_ENOUGH_WORDS = 20
_ENGLISH_SHARE = 0.2


def is_english(text: str) -> bool:
    """Whether a text is in English, by the share of its words that are English function words (spaCy's stop words).

    English prose has 40 to 50% of them, other languages under 10%; a text too short to tell counts as English.
    """
    from spacy.lang.en.stop_words import STOP_WORDS  # noqa: PLC0415 (slow to import)

    words = re.findall(r"[^\W\d_]+", text[:20_000].casefold())
    share = sum(word in STOP_WORDS for word in words) / max(len(words), 1)
    foreign_letters = sum(ord(letter) > 0x24F for word in words for letter in word) > len("".join(words)) / 2
    return not foreign_letters and (len(words) < _ENOUGH_WORDS or share >= _ENGLISH_SHARE)
