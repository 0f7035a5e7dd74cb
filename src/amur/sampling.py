"""An audit: a random sample of the statements of a classified corpus, to be labelled by hand.

A row holds the statement, how it was drawn, and the answers to fill in. It never says what the classifier answered, so
that annotators judge for themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from amur.codebook import QUESTIONS
from amur.errors import AmurError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

DESIGN = ("stratum", "stratum_size", "probability", "seed", "size", "corpus")
STATEMENT = ("document", "source", "start", "end", "text", "sha256")
TO_FILL_IN: dict[str, Any] = {
    **dict.fromkeys((*QUESTIONS, "themes")),
    **dict.fromkeys(("annotator", "date", "note"), ""),
}
_ENOUGH = 2  # a variance takes two

Row = dict[str, Any]


class Place(NamedTuple):
    """A statement; sorting puts documents by name and their statements in order."""

    document: str
    start: int
    end: int
    text: str
    source: str


def draw_audit(statements: pd.DataFrame, size: int, seed: int = 0) -> list[Row]:
    """Draw statements at random within each source, in proportion to its statements, two at least.

    The draw depends on the statements, ``size`` and ``seed``, not on the order of rows. Statements are taken in the
    order of hashes of seed and statement (permanent random numbers, Ohlsson 1995), so that no release of a library
    of random numbers can change an audit that is being labelled.

    Args:
        statements: columns ``document, source, start, end, text``, one row a statement.
        size: how many to draw.
        seed: another seed gives another sample.

    Returns:
        One row a drawn statement, in the order of the documents: ``document, source, start, end, text, sha256`` (of
        the text), ``stratum`` (the source), ``stratum_size`` (statements), ``probability`` (of being drawn), ``seed,
        size, corpus`` (``fingerprint``), and to fill in ``convergence, friction, themes, annotator, date, note``.

    Raises:
        AmurError: ``size`` is too small for the sources, or more than there is, or a statement is in the corpus twice.
    """
    places = places_of(statements)
    strata: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        strata[place.source].append(place)
    shares = allocate({source: len(strata[source]) for source in sorted(strata)}, size)
    design = {"seed": int(seed), "size": int(size), "corpus": _fingerprint(places)}
    drawn = [place for source, number in shares.items() for place in _first(strata[source], number, seed)]
    return [_row(place, shares[place.source], len(strata[place.source]), design) for place in sorted(drawn)]


def fingerprint(statements: pd.DataFrame) -> str:
    """SHA-256 of all statements with their places and sources, whatever the order of rows."""
    return _fingerprint(places_of(statements))


def places_of(statements: pd.DataFrame) -> list[Place]:
    """The statements of a table in order, whatever the order of its rows.

    Raises:
        AmurError: it is not told where statements are, or one is there twice, so that rows of an audit could not tell
            which is meant.
    """
    if statements[["start", "end"]].isna().to_numpy().any():
        msg = "statements lack `start` or `end`, their place in the article; write them anew with `amur classify --out`"
        raise AmurError(msg)
    columns = (statements[name].tolist() for name in ("document", "start", "end", "text", "source"))
    places = sorted(
        Place(str(document), int(start), int(end), str(text), str(source))
        for document, start, end, text, source in zip(*columns, strict=True)
    )
    for place, following in pairwise(places):
        if place[:4] == following[:4]:
            msg = f"the corpus holds a statement of {place.document} twice, at {place.start}; leave out the copy"
            raise AmurError(msg)
    return places


def _fingerprint(places: Iterable[Place]) -> str:
    return sha256_of("\n".join(json.dumps(place) for place in places))


def sha256_of(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def allocate(sizes: Mapping[str, int], size: int) -> dict[str, int]:
    """How many statements to draw from each source.

    Two from each, or its only one; each of the rest from the source that is then the furthest below its share (the
    method of Sainte-Laguë, which rounds to the nearest).
    """
    least, most = sum(min(_ENOUGH, number) for number in sizes.values()), sum(sizes.values())
    if not least <= size <= most:
        msg = f"cannot draw {size} of {most:,} statements of {len(sizes)} sources; draw from {least} to {most:,}"
        raise AmurError(msg)
    shares = {source: min(_ENOUGH, number) for source, number in sizes.items()}
    for _ in range(size - least):
        left = [source for source, number in sizes.items() if shares[source] < number]
        shares[max(left, key=lambda source: sizes[source] / (2 * shares[source] + 1))] += 1
    return shares


def _first(places: Iterable[Place], number: int, seed: int) -> list[Place]:
    return sorted(places, key=lambda place: draw_order(place, seed))[:number]


def draw_order(place: Place, seed: int = 0) -> str:
    """The permanent random number of a statement, in hexadecimal digits; audits take the smallest of each source."""
    return sha256_of(json.dumps([int(seed), *place]))


def _row(place: Place, drawn: int, number: int, design: Row) -> Row:
    statement = {name: getattr(place, name) for name in STATEMENT if name != "sha256"}
    stratum = {"stratum": place.source, "stratum_size": number, "probability": drawn / number}
    return statement | {"sha256": sha256_of(place.text)} | stratum | design | TO_FILL_IN
