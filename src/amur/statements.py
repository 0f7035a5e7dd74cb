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

from amur.blocks import prose_blocks, trim

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
    return [statement for start, end in prose_blocks(text) for statement in _sentences(text, start, end)]


_STOPS = {"!", "?", "。", "！", "？"}
_CLOSERS = set("\"'”’»)]}*_")
_OPENERS = set("\"'“‘«([{*_")
# Abbreviations whose full stop ends no sentence: before a name, and before a number.
_BEFORE_NAMES = frozenset(
    """mr mrs ms dr prof gen lt col maj brig capt cmdr adm sgt sen rep gov pres st mt hon rev amb vs v e.g i.e viz al
    """.split()
)
_BEFORE_NUMBERS = frozenset(
    "no nos vol art sec fig approx ca p pp ch para jan feb mar apr jun jul aug sept sep oct nov dec".split()
)
# Abbreviations that may end a sentence or not.
_EITHER = frozenset("inc co corp ltd llc jr sr etc bros dept est".split())
_SAYING = frozenset(
    """said says say asked asks added adds told wrote writes exclaimed quipped replied wondered wonders continued joked
    """.split()
)
# Words that begin a sentence far more often than a name: they tell "in the U.S. The talks" from "U.S. Treasury".
_OPENING_WORDS = frozenset(
    """the a an it its he she they we i you this that these those there here in on at by for from with after before
    since until while when where as if although though but and or yet so still however meanwhile moreover instead last
    next both some many most all no not what who why how his her their our one two three another other such even only
    now then thus according despite during under over between
    """.split()
)


# spaCy takes a time that grows with the square of their number.
_MANY_MARKS = re.compile(r"[^\w\s]{1000,}")


@cache
def _tokenizer() -> Language:
    import spacy  # noqa: PLC0415 (slow to import, and needed only once there is text)

    nlp = spacy.blank("en")
    nlp.max_length = 10**9
    return nlp


def _sentences(text: str, start: int, end: int) -> Iterator[Statement]:
    doc = _tokenizer().make_doc(_MANY_MARKS.sub(lambda run: " " * len(run[0]), text[start:end]))
    first = 0
    for last in _sentence_ends(doc):
        left, right = doc[first].idx, doc[last].idx + len(doc[last])
        left, right = trim(text, start + left, start + right)
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
    mark = doc[at].text
    if mark == "." and at:
        return _full_stop_kind(doc, at)
    if set(mark) <= {".", "…"}:
        return "ellipsis" if mark != "." else "stop"
    if mark in _STOPS or set(mark) <= {"!", "?"}:
        return "stop"
    if mark[-1] == "." and not _abbreviates(doc, at):
        return "abbreviation" if _looks_abbreviated(mark) else "stop"
    return ""


def _full_stop_kind(doc: Doc, at: int) -> str:
    if doc[at - 1].is_space or any(doc[i].text in {".", ".."} for i in (at - 1, at + 1) if i < len(doc)):
        return "ellipsis"  # spaced out, as in "trade . . . has grown"
    return "" if not doc[at - 1].whitespace_ and _abbreviates(doc, at - 1) else "stop"


def _abbreviates(doc: Doc, at: int) -> bool:
    """Whether the word at ``at`` (its full stop in the same token or the next) is short for one that goes on."""
    word = doc[at].lower_.removesuffix(".")
    following = _first_word(doc, at + 1 if doc[at].text.endswith(".") else at + 2)
    is_number = following is not None and following.text[0].isdigit()
    return word in _BEFORE_NAMES or (word in _BEFORE_NUMBERS and is_number)


def _looks_abbreviated(word: str) -> bool:
    body = word[:-1]
    return "." in body or len(body) == 1 or body.casefold() in _EITHER


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
        return (word.lower_ in _OPENING_WORDS and not word.text.isupper()) or (token.text[0] in "“‘«" and quoted)
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
