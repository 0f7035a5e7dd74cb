"""What to annotate next, out of articles that the user gives, and why.

Left out are documents of the held-out part, for a model is judged by those; statements that are annotated or suggested
already; statements of audits; one statement in four, the first in the order that audits are drawn in (permanent random
numbers, Ohlsson 1995), so that an audit drawn later, with the default seed and of up to a quarter of each source, has
none that was suggested; and what says nearly the same as one of these. Nothing has to be recorded for that, and the
audit stays the random sample it would be.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from amur.annotations import part
from amur.audit_files import is_audit, read_rows
from amur.errors import InputWarning
from amur.passages import LEAD, Passage, in_place
from amur.pipeline import statements_of
from amur.sampling import TO_FILL_IN, Place, draw_order
from amur.wording import Wordings, length, normalise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from amur.annotations import Annotation
    from amur.articles import Article

COLUMNS = ("document", "source", "start", "end", "text", "before", "reason", *TO_FILL_IN)

_QUARTER = "4"  # of the hexadecimal numbers that audits are drawn by
_FEWEST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement that may be suggested: where it is, and in its place."""

    place: Place
    passage: Passage


def candidates(
    statements: Iterable[tuple[Place, Passage]],
    annotated: Iterable[Annotation],
    audited: Collection[tuple[str, int, int]],
) -> list[Candidate]:
    """Those of some articles' statements that may be suggested, see above.

    Args:
        statements: all of the articles, from ``in_articles`` or ``in_table``.
        annotated: what is annotated or to be annotated.
        audited: document, start and end of the statements of audits.
    """
    annotated, everything = list(annotated), list(statements)
    taken = {(a.document, a.start, a.end) for a in annotated} | set(audited)
    barred = {place for place, _ in everything if _is_kept(place) or place[:3] in taken}
    said = Wordings([*(a.text for a in annotated), *(place.text for place in barred)])
    found = []
    for place, passage in everything:
        enough = length(normalise(place.text)) >= _FEWEST_WORDS
        if enough and place not in barred and not said.hold(place.text):
            said.add(place.text)
            found.append(Candidate(place, passage))
    return found


def _is_kept(place: Place) -> bool:
    """Whether a statement is held out to judge models by, or kept for audits to come."""
    return part(place.document) == "test" or draw_order(place) < _QUARTER


def in_articles(articles: Iterable[Article], actors: Mapping[str, str]) -> Iterator[tuple[Place, Passage]]:
    """The statements of articles in their places.

    Args:
        articles: where to look; those that would not be classified are passed over.
        actors: the two sides that an article must name, see ``Codebook``.

    Warns:
        InputWarning: an article was passed over.
    """
    for article in articles:
        statements, reason = statements_of(article, actors)
        if reason:
            warnings.warn(f"{article.id}: {reason}; passed over", InputWarning, stacklevel=3)
        yield from _in_place([Place(article.id, s.start, s.end, s.text, article.source) for s in statements])


def in_table(statements: pd.DataFrame) -> Iterator[tuple[Place, Passage]]:
    """Statements that were classified before in their places; of each, ``start`` and ``end`` are known."""
    names = ["document", "start", "end", "text", "source"]
    for _, table in statements[names].astype({"source": str}).groupby("document", sort=False):
        yield from _in_place([Place(*row) for row in table.sort_values("start").itertuples(index=False, name=None)])


def _in_place(places: Sequence[Place]) -> Iterator[tuple[Place, Passage]]:
    return zip(places, in_place([place.text for place in places]), strict=True)


def rows(chosen: Sequence[tuple[Candidate, str]]) -> pd.DataFrame:
    """A table of ``COLUMNS`` of candidates with the reasons, documents by name and their statements in order."""
    ordered = sorted(chosen, key=lambda pair: pair[0].place)
    return pd.DataFrame(
        [
            {name: getattr(c.place, name) for name in ("document", "source", "start", "end", "text")}
            | {"before": list(_before(c.passage)), "reason": reason}
            | TO_FILL_IN
            for c, reason in ordered
        ],
        columns=list(COLUMNS),
    )


def audited_places(files: Iterable[Path]) -> set[tuple[str, int, int]]:
    """The statements that audits have drawn; files that are no audits hold none.

    Raises:
        AmurError: there is no such file, or a line of an audit is broken.
    """
    audits = (file for file in files if is_audit(file) or not file.is_file())
    return {(row["document"], row["start"], row["end"]) for file in audits for row in read_rows(file)}


def _before(passage: Passage) -> tuple[str, ...]:
    return passage.document[max(0, passage.at - LEAD) : passage.at]
