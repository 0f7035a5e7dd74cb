"""Reported speech within one statement: who is said to say it.

No parser: English puts the speaker before a verb of saying ("X said that"), behind it ("..., said X"), or behind a
phrase ("according to X"). What is found so is evidence, weighed in ``amur.voice_classifier``, and no decision.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from amur.quotations import GAP

SAYS, MAY_SAY, ACCORDING = "says", "may say", "according"
"""How an attribution is made: by a verb that always reports speech, by one that does at times, by a phrase."""

_SAYS = """
said says say told tells argued argues argue claimed claims claim explained explains replied replies answered answers
remarked remarks insisted insists insist acknowledged acknowledges admitted admits conceded concedes denied denies deny
maintained maintains cautioned cautions warned warns warn testified complained complains stressed stresses inquired
emphasised emphasized asserted asserts alleged alleges contended contends commented reiterated predicted predicts
reckons reckoned recalled recalls joked quipped wrote writes
"""
_MAY_SAY = """
added adds add noted notes note observed observes confirmed confirms reported reports report suggested suggests
announced announces believes believe believed thinks think thought stated states concluded concludes hinted asked asks
ask proposed proposes agreed agrees expects expected hopes hoped feared fears judged judges estimates estimated estimate
demanded demands urged urges called calls described describes dismissed accused praised promised promises pledged
vowed advised advises welcomed forecast forecasts declared declares rejected rejects condemned criticised doubts
doubted put puts remembers remembered continued repeated cited went wondered ruled sees saw understood foresees
"""
_INVERTED = frozenset(
    """said says wrote writes added adds explained explains noted notes replied answered recalled recalls argued argues
    warned warns asked asks admitted observed remarked complained joked insisted quipped reckons thinks announced
    stressed emphasised emphasized continued concluded confirmed commented declared suggested
    """.split()
)
_STRENGTH = dict.fromkeys(_MAY_SAY.split(), MAY_SAY) | dict.fromkeys(_SAYS.split(), SAYS)
_VERB = re.compile(rf"(?<![\w’'-])(?:{'|'.join(_STRENGTH)})(?![\w’'-])")
_REPORTS = re.compile(
    rf"\s*(?:,|:|{GAP}|\.|\Z|(?:whether|how|why|what|as|having)\b|[^.;:]{{0,50}}\bthat\b"
    r"|to (?:reporters|journalists)\b)"
)
_IS_SAID = re.compile(r"\s+to (?:have|be)\b")
_ACCORDING = re.compile(r"\b(?:[Aa]ccording to|[Ii]n the (?:words|view|opinion|account|judgement) of|quoted by)\s+")
_IN_THEIRS = re.compile(
    r"\b[Ii]n (?:(?P<who>[^,.;:]{2,60}?)(?:['’]s|s['’])|(?P<pronoun>his|her|their)) (?:own )?"
    r"(?:words|view|opinion|account|telling|estimate|judge?ment|experience)\b"
)
_PRONOUNS = {"his": "he", "her": "she", "their": "they"}
_ADVERBS = re.compile(
    r"(?:\s+(?:has|have|had|also|then|later|once|now|still|even|often|always|never|yesterday|today|\w+ly))+\s*\Z"
)
_CLAUSE = re.compile(
    rf"[;:—–]|{GAP}|\b(?:that|while|but|But|And|when|because|if|whether|although|though|since|where)\b"
)
_PHRASE_ENDS = re.compile(
    rf"\s*(?:[.;:—–?!]|{GAP}|\Z|,? (?:that|who|while|when|and|but|as|in an?|on \w+day|last|this|at a|whose)\b)"
)
_SHORT = re.compile(r"\b(?:[A-Z]|[A-Z][a-z]{1,2}|Prof|Capt)\Z")
_LEADING = re.compile(
    r"^(?:and|And|yet|so|as|As|or|Then|Still) |^(?:In|At|On|After|Before) [^,]*? (?=(?:the|an?|he|she|they) )"
)
_ROLE_OPENS = re.compile(
    r"(?:\d\d\b|(?:an?|the|who|then|now|former|formerly|head|deputy|director|chief|of|in|from|for|whose|its|his|her)\b"
    r"|[a-z-]+ (?:at|of|for|in)\b)"
)
_NAME_ALONE = re.compile(r"[A-Z][\w’'-]+(?: [A-Z][\w’'.-]*)*\Z")
_OPENING = re.compile(
    r"(?:(?:The|A|An|Its|Their|His|Her) )?[\w’'. -]{2,60}? (?=(?:has|have|had|was|were|is|are|will|who|\w+ed|\w+s)\b)"
)
_ADVERBIAL = re.compile(
    r"(?:In|On|At|After|Before|By|For|From|During|Under|Asked|Earlier|Later|Meanwhile|However|Still|Yet|Then|Now|Today"
    r"|Yesterday|[A-Z][a-z]+ly|[A-Z][a-z]+ing)\b"
)
_NO_PHRASE = re.compile(r"(?:which|whom|could|would|can|is|was|are|were|be|had|has|not|what|[a-z]+ing)\b")
_SUBJECT_PRONOUNS = frozenset("he she they we I".split())
_NO_SUBJECT = frozenset(
    """to not be been being is are was were will would could should may might can must do does did it's there what which
    of in on at for and or the a an n't as so than that's it
    """.split()
)
_LONGEST = 20
_READ = 2000
"""Characters of a statement that are looked at: what goes on for longer is no sentence."""


class Attribution(NamedTuple):
    """Who says a statement, as it stands there, a name, a role or a pronoun; and how that is told."""

    who: str
    kind: str


def attribution(said: str) -> Attribution | None:
    """The attribution in what a statement says outside quotations, see ``amur.quotations.outside``; None without one.

    >>> attribution("“” said Olga Petrova, a trader in Chita.")
    Attribution(who='Olga Petrova, a trader in Chita', kind='says')
    >>> attribution("Trade rose, the ministry has said.").who
    'the ministry'
    """
    plain = re.sub(r"\s*\([^)]*\)", "", re.sub(r":?\*\*|__", ",", said[:_READ])).replace("*", "")
    plain = " ".join(plain.split()).strip(", ")
    found = [a for verb in _VERB.finditer(plain) if (a := _by_verb(plain, verb))]
    if found:
        return min(found, key=lambda a: a.kind != SAYS)
    phrase = _ACCORDING.search(plain)
    if phrase and (who := _phrase_at(plain, phrase.end())):
        return Attribution(who, ACCORDING)
    theirs = _IN_THEIRS.search(plain)
    return Attribution(theirs["who"] or _PRONOUNS[theirs["pronoun"].casefold()], ACCORDING) if theirs else None


def _by_verb(said: str, verb: re.Match[str]) -> Attribution | None:
    before, after = said[: verb.start()], said[verb.end() :]
    kind = _STRENGTH[verb[0]]
    if verb[0] in _INVERTED and (who := _behind(before, after)):
        return Attribution(who, SAYS)
    if _IS_SAID.match(after) or (
        kind == MAY_SAY and not _REPORTS.match(after) and not before.rstrip(" ,").endswith(GAP)
    ):
        return None
    who = _subject(before)
    return Attribution(who, kind) if who else None


def _behind(before: str, after: str) -> str:
    """The speaker who stands behind the verb: "..., said X"."""
    before = before.rstrip()
    quoted = before.endswith(GAP)
    opens = re.match(r" \w" if quoted else r" (?:[A-Z]|(?:the|an?|one|two|his|her|its) )", after)
    if not opens or not (quoted or before.endswith((",", "?", "!", "—"))):
        return ""
    last = before.rstrip(",").rpartition(",")[2]
    if not quoted and "," in before[:-1] and _ROLE_OPENS.match(last.strip()):
        return ""  # "X, head of the port, said the line ..."
    return _phrase_at(after, 1)


def _phrase_at(said: str, at: int) -> str:
    """The noun phrase that starts at a place, appositions after a comma included."""
    end = next(match.start() for match in _PHRASE_ENDS.finditer(said, at) if not _is_initial(said, match.start()))
    parts = said[at:end].strip(" ,").split(", ")
    first = 1 + (len(parts) > 1 and parts[0].islower() and bool(_NAME_ALONE.match(parts[1])))  # "a trader, Li Na"
    kept = next((n for n, part in enumerate(parts[first:], first) if not _ROLE_OPENS.match(part)), len(parts))
    who = ", ".join(parts[:kept])
    return who if len(who.split()) <= _LONGEST else parts[0]


def _is_initial(said: str, at: int) -> bool:
    """Whether the full stop at a place abbreviates: "Mr. Liu", "A. Petrov"."""
    return said[at : at + 1] == "." and bool(_SHORT.search(said[max(0, at - 5) : at]))


def _subject(before: str) -> str:
    """The subject that a verb stands behind, an apposition between commas included."""
    before = _ADVERBS.sub("", before)
    opening = _OPENING.match(before) if before.rstrip().endswith((" and", " but")) else None
    parts = [part.strip() for part in _CLAUSE.split(before)[-1].split(",")]
    if opening:
        who = opening[0]  # "The port has closed and says that ..."
    elif parts[-1]:
        who = parts[-1]
    else:  # a comma before the verb closes an apposition
        first = next(
            (n for n, part in enumerate(parts) if part and not _ROLE_OPENS.match(part) and not _ADVERBIAL.match(part)),
            0,
        )
        who = ", ".join(parts[first:-1])
    who = re.sub(r"\s+who\Z", "", _LEADING.sub("", who)).strip()
    words = who.split()
    if words and words[-1] in _SUBJECT_PRONOUNS:
        return words[-1]  # "in 2010 he"
    if _NO_PHRASE.match(who):
        return ""
    return who if words and words[-1].casefold() not in _NO_SUBJECT and len(words) <= _LONGEST else ""
