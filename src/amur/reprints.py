"""One story once: which articles reprint an earlier one, and which statements an earlier article has already said.

News wires are carried by many outlets, so a total over outlets would count a story as often as it was reprinted. The
measures are those of Broder (1997, "On the resemblance and containment of documents"), with statements in the place of
shingles: an article is a reprint by containment, the share of its statements that an earlier article holds; a statement
is lightly edited by resemblance, the Jaccard coefficient of two sets of words. The thresholds are this project's own.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from amur.wording import Wordings, length, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LONG = 8
"""Words from which a statement is evidence: shorter ones ("The talks lasted two days.") recur by chance."""
COPY = 12
"""Words from which the same words are a copy wherever they stand; shorter ones may be a quotation that both carry."""
SHARED = 3
"""Long statements that two articles must share word for word to be compared at all."""
SHARED_PART = 0.3
"""... and the part of the long statements of the shorter of the two from which lightly edited ones are looked for."""
REPRINTED_PART = 0.5
"""Part of an article's long statements that one earlier article must hold for it to be a reprint of that."""

_CHUNK = 50_000


def mark_reprints(statements: pd.DataFrame) -> pd.DataFrame:
    """Mark the articles that reprint an earlier one, and the statements that an earlier article has already said.

    Earlier is by ``date``; a date without its day or month comes after the full dates of its month or year, and no date
    after every date. Equal dates stand in the order of the table. Articles are told apart by ``document`` alone, and an
    article never repeats itself. Words are compared without case, punctuation and typography.

    An article is a reprint of an earlier one that holds at least half of its long statements (``LONG`` words or more),
    word for word or lightly edited (the word sets of the two have a Jaccard coefficient of 0.8 or more, and no negation
    is in one of them alone). Only articles that share ``SHARED`` long statements word for word are compared, so a
    retelling is no reprint, nor is an article with fewer long statements. What is reprinted may be a reprint itself:
    in a chain each points at the earliest article that holds half of *it*.

    A statement is repeated when an earlier article has said it:

    - in a reprint: word for word or, if it is long, lightly edited in an article that it reprints; or, if it is long,
      word for word in any earlier article;
    - in any other article: word for word, with ``COPY`` words or more. Two independent articles may both carry a short
      quotation, and each reports it in its own right; so long a sentence does not come about twice.

    Args:
        statements: columns ``document, date, text`` among others, one row a statement, as ``amur classify`` yields
            them; the rows of a document need not stand together. A Chinese character counts as half a word.

    Returns:
        The same rows, order, index and columns, and two columns more: ``reprint_of`` (the ``document`` of the earliest
        article that this article reprints, or "") and ``repeated`` (True where the statement should not count again).
    """
    if statements.empty:
        return statements.assign(reprint_of=np.array([], dtype=object), repeated=np.array([], dtype=bool))
    names, articles = _by_age(statements)
    texts = statements["text"].to_numpy(dtype=object)
    rows = pd.DataFrame({"article": articles, **_fingerprints(texts)})
    original, repeated = _compare(rows, texts)
    said_before = rows.groupby("key")["article"].transform("min") < rows["article"]
    enough = rows["words"] >= np.where(original[articles] >= 0, LONG, COPY)
    repeated |= (said_before & enough).to_numpy()
    reprint_of = np.append(names, "")[original]  # -1 points at the ""
    return statements.assign(reprint_of=reprint_of[articles], repeated=repeated)


def _by_age(statements: pd.DataFrame) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The document ids from the earliest article to the latest, and for each row the place of its article there."""
    codes, names = pd.factorize(statements["document"].to_numpy(dtype=object), use_na_sentinel=False)
    first = np.unique(codes, return_index=True)[1]
    # "~" sorts after every digit and dash, so it puts "2024" after "2024-12-31", and no date last.
    dates = [f"{'' if pd.isna(date) else date}~" for date in statements["date"].iloc[first]]
    order = np.argsort(np.array(dates, dtype=str), kind="stable")
    return names[order].astype(object), np.argsort(order, kind="stable")[codes]


def _fingerprints(texts: NDArray[np.object_]) -> dict[str, NDArray[np.int64] | NDArray[np.uint64]]:
    """For each text a 64-bit hash of its words (``key``) and their number (``words``).

    Chunk by chunk: the normalised texts of a large corpus need not be in memory together.
    """
    keys, words = np.zeros(len(texts), dtype=np.uint64), np.zeros(len(texts), dtype=np.int64)
    for start in range(0, len(texts), _CHUNK):
        part = [normalise(text) for text in texts[start : start + _CHUNK]]
        keys[start : start + _CHUNK] = pd.util.hash_array(np.array(part, dtype=object), categorize=False)
        words[start : start + _CHUNK] = [length(text) for text in part]
    return {"key": keys, "words": words}


def _compare(rows: pd.DataFrame, texts: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """For each article the one it reprints, or -1; for each row whether an article that its own reprints says it."""
    articles, is_long = rows["article"].to_numpy(), (rows["words"] >= LONG).to_numpy()
    rows_of = np.split(np.argsort(articles, kind="stable"), np.cumsum(np.bincount(articles))[:-1])
    original, repeated = np.full(len(rows_of), -1), np.zeros(len(rows), dtype=bool)
    keys = rows["key"].to_numpy()
    for earlier, later in _candidates(rows.loc[is_long, ["key", "article"]]):
        held = rows_of[earlier]
        holder = _Holder(keys[held], texts[held], is_long[held])
        for article in later:
            own = rows_of[article]
            said = holder.says(keys[own], texts[own], is_long[own])
            if said[is_long[own]].mean() >= REPRINTED_PART:
                repeated[own[said]] = True
                original[article] = earlier if original[article] < 0 else original[article]
    return original, repeated


class _Holder:
    """An earlier article that others may reprint; takes its statements' keys, texts and whether they are long."""

    def __init__(self, keys: NDArray[np.uint64], texts: NDArray[np.object_], is_long: NDArray[np.bool_]) -> None:
        self._keys = set(keys.tolist())
        self._texts = texts[is_long]

    @cached_property
    def _wordings(self) -> Wordings:
        return Wordings(self._texts)  # takes a while, and exact reprints never ask

    def says(
        self, keys: NDArray[np.uint64], texts: NDArray[np.object_], is_long: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Which statements of another article it says: word for word, or long and, if many are so, lightly edited."""
        said = np.array([key in self._keys for key in keys.tolist()])
        if said[is_long].sum() >= SHARED_PART * min(is_long.sum(), len(self._texts)):
            left = np.flatnonzero(is_long & ~said)
            said[left] = [self._wordings.hold(text) for text in texts[left]]
        return said


def _candidates(said: pd.DataFrame) -> Iterator[tuple[int, list[int]]]:
    """Each article that others may reprint, from the earliest on, with these others.

    A statement links an article to the first that holds it and to the last one before itself, never to all: one that
    stands in thousands of articles makes thousands of pairs, not millions. The last one before is there for updates of
    a story, whose oldest statements all lead back to its first version. An earlier article with fewer long statements
    than make a reprint is no candidate, which keeps the candidates of an article to a handful.
    """
    said = said.drop_duplicates().sort_values(["key", "article"])
    sizes = np.bincount(said["article"])
    first = said.groupby("key")["article"].transform("min")
    last = said.groupby("key")["article"].shift(fill_value=-1)
    links = pd.concat([said.assign(earlier=first), said[last != first].assign(earlier=last)])
    links = links[(links["earlier"] >= 0) & (links["earlier"] < links["article"])]
    shared = links.groupby(["earlier", "article"]).size().rename("shared").reset_index()
    large = sizes[shared["earlier"]] >= REPRINTED_PART * sizes[shared["article"]]
    pairs = shared[large & (shared["shared"] >= SHARED)]
    for earlier, later in pairs.groupby("earlier")["article"]:
        yield cast("int", earlier), later.tolist()
