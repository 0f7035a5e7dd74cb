"""Who speaks in each statement of an article, by name and role as written, also where only "he" or a role stands.

Nothing here decides that somebody speaks: that is for ``amur.voice_classifier``, which weighs what is found here.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from amur.attribution import attribution
from amur.quotations import outside, quotations
from amur.turns import INTERVIEWEE, turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amur.attribution import Attribution
    from amur.statements import Statement
    from amur.turns import Turn

QUOTATION, TURN, QUESTION, NOTHING = "quotation", "turn", "question", "nothing"

_NAME = re.compile(r"(?:[A-Z][\w’'-]*\w|[A-Z]\.)(?: (?:[A-Z][\w’'-]*\w|[A-Z]\.|(?:al|van|von|de|bin)\b))*")
_ROLE = re.compile(r", (?!\w+ed\b|was\b|is\b|has\b|had\b)(?P<role>(?:\d\d,? )?[^,.;:()“”]{3,90})")
_PERSON = re.compile(
    r"\b(?:\d\d|of|from|who|head|chief|deputy|chair|wife|husband|aide|judge|guide|colleague|mate|\w*(?:man|woman|[^f]er|or|ist|[ai]an"
    r"|yst|ant|dent|ee|mat|oy|ary|al)s?)\b"
)
_TITLED = re.compile(r"(?:Mr|Mrs|Ms|Dr|Prof|Professor|President|Minister|Senator|General|Colonel|Captain)\b")
_PRONOUNS = frozenset("he she i who".split())
_THEY = frozenset("they it we one both others some".split())
_NO_NAMES = frozenset(
    """mr mrs ms dr prof professor president minister deputy colonel general captain senator the a an in on at but and
    for as by from its his her their this that these those when while after before since if one two three some many
    most no not there here it he she they we i january february march april may june july august september october
    november december monday tuesday wednesday thursday friday saturday sunday
    """.split()
)
_MOST_QUOTED = 0.5
_REMEMBERED = 50
_SHORT_ROLE, _ROLE_WORDS = 3, 6


class Speech(NamedTuple):
    """What shows whose words a statement is.

    Attributes:
        speaker: name and role as written, of whoever would speak if somebody did; "" where nobody was named yet.
        evidence: what shows that: the kind of an ``Attribution``, a quotation, a turn, a question, or nothing.
        quoted: the share of the statement that stands between quotation marks.
    """

    speaker: str
    evidence: str
    quoted: float


def speech(text: str, statements: Sequence[Statement]) -> list[Speech]:
    """What shows whose words each statement of an article is, in order."""
    spans = _touching(quotations(text), statements)
    said = [outside(text, s.start, s.end, touching) for s, touching in zip(statements, spans, strict=True)]
    found = _with_what_follows([attribution(words) for words in said], spans)
    people, heard = _People(), []
    for s, words, touching, told, turn in zip(
        statements, said, spans, found, turns(text, [s.start for s in statements]), strict=True
    ):
        share = sum(min(end, s.end) - max(start, s.start) for start, end in touching) / (s.end - s.start)
        people.notice(words)
        heard.append(Speech(*people.hear(turn, told, share), share))
    return heard


def _touching(quoted: Sequence[tuple[int, int]], statements: Sequence[Statement]) -> list[Sequence[tuple[int, int]]]:
    """The quotations that each statement holds a part of."""
    starts, ends = [start for start, _ in quoted], [end for _, end in quoted]
    return [quoted[bisect_right(ends, s.start) : bisect_left(starts, s.end)] for s in statements]


def _with_what_follows(
    found: Sequence[Attribution | None], spans: Sequence[Sequence[tuple[int, int]]]
) -> list[Attribution | None]:
    """Attributions, also of statements whose quotation goes on into the next one and is attributed only there."""
    told = list(found)
    for at in range(len(told) - 2, -1, -1):
        goes_on = spans[at] and spans[at + 1] and spans[at][-1] == spans[at + 1][0]
        following = told[at + 1]
        if not told[at] and goes_on and following:
            told[at] = following._replace(kind=QUOTATION)
    return told


class _People:
    """Who was named in an article so far, and who spoke last."""

    def __init__(self) -> None:
        self.records: dict[str, str] = {}
        self.recent: deque[str] = deque(maxlen=_REMEMBERED)
        self.first = self.last = ""

    def notice(self, said: str) -> None:
        """Note whom a statement introduces with a role, or opens with."""
        for match in _NAME.finditer(said):
            words = _names(match[0])
            role = _ROLE.match(said, match.end())
            if role and len(words) > 1 and _PERSON.search(" ".join(role["role"].split()[:_ROLE_WORDS])):
                self._enter(f"{match[0]}, {role['role'].strip()}")
            elif words and not match.start():
                self._enter(self._by_name(match[0]) or match[0])

    def hear(self, turn: Turn | None, told: Attribution | None, quoted: float) -> tuple[str, str]:
        """The speaker of the next statement, and what shows them; see ``Speech``."""
        if turn:
            if turn.who == INTERVIEWEE:
                return self.first, TURN
            return (self._resolve(turn.who) if turn.who else ""), QUESTION if turn.asks else TURN
        if told:
            return self._resolve(told.who), told.kind
        return self.last, QUOTATION if quoted > _MOST_QUOTED else NOTHING

    def _resolve(self, who: str) -> str:
        """The person or body that a name, a role or a pronoun stands for, who is the last speaker from now on."""
        first = who.split(maxsplit=1)[0].casefold()
        if first in _PRONOUNS:
            self.last = self.recent[-1] if self.recent else self.last
        elif first not in _THEY:
            self.last = self._by_name(who) or self._by_role(who) or who
            self._enter(self.last)
        return self.last

    def _by_name(self, who: str) -> str:
        """The fullest record of somebody with a name in ``who``."""
        words = reversed(_names(who.split(",", maxsplit=1)[0]))
        known = next((self.records[word] for word in words if word in self.records), "")
        return known if len(known) >= len(who) or not known else who

    def _by_role(self, who: str) -> str:
        """The last one who has the role of "the minister"."""
        words = who.casefold().split()
        if words[0] not in {"the", "this", "that"} or len(words) > _SHORT_ROLE or _names(who):
            return ""
        return next((known for known in reversed(self.recent) if words[-1] in known.casefold().split()), "")

    def _enter(self, record: str) -> None:
        head = record.split(",", maxsplit=1)[0]
        words = _names(head)
        if len(words) > 1 or "," in record:
            for word in words:
                if len(self.records.get(word, "")) < len(record):
                    self.records[word] = record
        if _PERSON.search(record) or _TITLED.match(record) or (len(words) > 1 and _NAME.fullmatch(head)):
            self.recent.append(record)
            self.first = self.first or record


def _names(phrase: str) -> list[str]:
    """The words of names in a phrase."""
    words = (word for match in _NAME.finditer(phrase) for word in match[0].split())
    return [word for word in words if len(word) > 1 and word[-1] != "." and word.casefold() not in _NO_NAMES]
