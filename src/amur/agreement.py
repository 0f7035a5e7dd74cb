"""Agreement between annotators, where they differ, and the checks every annotation file must pass."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.metrics import cohen_kappa_score, f1_score

from amur.annotations import PARTS, SETTLED, Annotation, part, settle
from amur.articles import decode
from amur.codebook import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from amur.codebook import Codebook

NEAR_DUPLICATE = 0.6
_CHUNK = 2000


def agreement(annotations: Iterable[Annotation], codebook: Codebook) -> pd.DataFrame:
    """Compare the annotators of every statement that has two or more.

    Returns:
        One row a question and theme: ``answer, statements, documents, first_yes, second_yes, agreed, kappa, alpha,
        f1``. Krippendorff's alpha takes in all annotators; the others compare the first two: Cohen's kappa (Cohen 1960)
        and F1 of the second against the first. NaN where there is nothing to tell from: nobody ever said yes, or for
        kappa and alpha, all said the same everywhere. Who leaves out the themes does not count for them.
    """
    shared = _shared(annotations)
    return pd.DataFrame([{"answer": label} | _agreement(shared, label) for label in codebook.labels])


def _agreement(shared: Iterable[Sequence[Annotation]], label: str) -> dict[str, float]:
    """A row of ``agreement``."""
    answered = [[a for a in rows if _said(a, label) is not None] for rows in shared]
    answered = [rows for rows in answered if len(rows) > 1]
    said = [np.array([_said(a, label) for a in rows], dtype=bool) for rows in answered]
    first, second = (np.array([answers[at] for answers in said], dtype=bool) for at in (0, 1))
    yes = int(first.sum() + second.sum())
    return {
        "statements": len(said),
        "documents": len({rows[0].document for rows in answered}),
        "first_yes": int(first.sum()),
        "second_yes": int(second.sum()),
        "agreed": float((first == second).mean()) if said else np.nan,
        "kappa": float(cohen_kappa_score(first, second)) if 0 < yes < 2 * len(said) else np.nan,
        "alpha": krippendorff_alpha(np.array([[(~answers).sum(), answers.sum()] for answers in said])),
        "f1": float(f1_score(first, second)) if yes else np.nan,
    }


def krippendorff_alpha(counts: NDArray[np.int64]) -> float:
    """Krippendorff's alpha of nominal answers (Krippendorff 2011, "Computing Krippendorff's alpha-reliability").

    Args:
        counts: how many annotators gave a statement each answer, shape (statements, answers), two or more a statement.

    Returns:
        1 where annotators always agree, 0 where as often as by chance; NaN where all answers are the same one.
    """
    if not len(counts):
        return np.nan
    annotators, totals = counts.sum(axis=1), counts.sum(axis=0)
    unlike_within = ((annotators**2 - (counts**2).sum(axis=1)) / (annotators - 1)).sum()
    unlike_overall = (totals.sum() ** 2 - (totals**2).sum()) / (totals.sum() - 1)
    return float(1 - unlike_within / unlike_overall) if unlike_overall else np.nan


def conflicts(annotations: Sequence[Annotation], codebook: Codebook) -> pd.DataFrame:
    """The answers in which annotators differ and which nobody has settled.

    Returns:
        One row an answer, in the order of the annotations: ``document, start, text, question, yes, no``, the last two
        with the annotators who said so, joined by commas.
    """
    settled = {_place(a) for a in annotations if a.annotator == SETTLED}
    rows = []
    for given in _shared(a for a in annotations if _place(a) not in settled):
        for label in codebook.labels:
            yes, no = (", ".join(a.annotator for a in given if _said(a, label) is answer) for answer in (True, False))
            if yes and no:
                rows.append((given[0].document, given[0].start, given[0].text, label, yes, no))
    return pd.DataFrame(rows, columns=["document", "start", "text", "question", "yes", "no"])


def count_parts(annotations: Iterable[Annotation]) -> Iterator[str]:
    """A line for each part of the corpus: documents, statements, and the shares of the two questions answered yes."""
    settled = settle(annotations)
    for name in PARTS:
        found = [a for a in settled if part(a.document) == name]
        if found:
            shares = [sum(getattr(a, question) for a in found) / len(found) for question in QUESTIONS]
            yield (
                f"{name}: {len({a.document for a in found})} documents, {len(found):,} statements, "
                f"{shares[0]:.0%} convergence, {shares[1]:.0%} friction"
            )


def _place(annotation: Annotation) -> tuple[str, int, int]:
    return annotation.document, annotation.start, annotation.end


def _shared(annotations: Iterable[Annotation]) -> list[list[Annotation]]:
    """The annotations of each statement that has two annotators or more, the first of each annotator."""
    by_statement: dict[tuple[str, int, int], dict[str, Annotation]] = defaultdict(dict)
    for annotation in annotations:
        if annotation.annotator != SETTLED:
            by_statement[_place(annotation)].setdefault(annotation.annotator, annotation)
    return [list(given.values()) for given in by_statement.values() if len(given) > 1]


def _said(annotation: Annotation, label: str) -> bool | None:
    """An annotator's answer; None where it is about a theme and the annotator named none of them."""
    if label in QUESTIONS:
        return bool(getattr(annotation, label))
    return None if annotation.themes is None else label in annotation.themes


def problems(annotations: Sequence[Annotation], folders: Sequence[Path] = ()) -> Iterator[str]:
    """What is wrong with a set of annotations, a line each; nothing where all is well.

    Checks offsets, doubled rows, statements that differ between annotators, text against the brief of the
    same name in one of ``folders`` (where given), and near-duplicates across documents.
    """
    yield from _doubled(annotations)
    yield from _misplaced(annotations, folders)
    yield from near_duplicates(annotations)


def _doubled(annotations: Sequence[Annotation]) -> Iterator[str]:
    seen: set[tuple[str, str, int, int]] = set()
    for a in annotations:
        key = (a.document, a.annotator, a.start, a.end)
        if key in seen:
            yield f"{a.document} {a.start}-{a.end}: two rows by {a.annotator or 'the same annotator'}; leave one"
        seen.add(key)


def _misplaced(annotations: Sequence[Annotation], folders: Sequence[Path]) -> Iterator[str]:
    last: dict[tuple[str, str], int] = {}
    texts: dict[str, str | None] = {}
    for a in sorted(annotations, key=lambda a: a.start):  # files may share a document, each with some of it
        where = f"{a.document} {a.start}-{a.end}"
        if a.end - a.start != len(a.text):
            yield f"{where}: the span is {a.end - a.start} characters, the text {len(a.text)}"
        if a.start < last.get((a.document, a.annotator), 0):
            yield f"{where}: overlaps the statement before it"
        last[a.document, a.annotator] = a.end
        if not folders:
            continue
        if a.document not in texts:
            texts[a.document] = _brief(a.document, folders)
        text = texts[a.document]
        if text is None:
            yield f"{where}: no {a.document}.md in {', '.join(map(str, folders))}"
        elif text[a.start : a.end] != a.text:
            yield f"{where}: the brief reads {text[a.start : a.end]!r}"


def _brief(document: str, folders: Sequence[Path]) -> str | None:
    files = [folder / f"{document}.md" for folder in folders]
    return next((decode(file.read_bytes(), str(file)) for file in files if file.is_file()), None)


def near_duplicates(annotations: Sequence[Annotation], threshold: float = NEAR_DUPLICATE) -> Iterator[str]:
    """Pairs of statements in different documents that share most three-word runs (cosine of binary counts)."""
    unique = list({(a.document, a.start): a for a in annotations if len(a.text.split()) > 5}.values())  # noqa: PLR2004
    if not unique:
        return
    grams = HashingVectorizer(ngram_range=(3, 3), binary=True, alternate_sign=False, n_features=2**22)
    vectors = grams.transform([a.text for a in unique])
    for at in range(0, len(unique), _CHUNK):
        close = (vectors[at : at + _CHUNK] @ vectors.T).tocoo()
        for row, column, similarity in zip(close.row + at, close.col, close.data, strict=True):
            one, other = unique[row], unique[column]
            if row < column and similarity >= threshold and one.document != other.document:
                yield f"{one.document} {one.start} and {other.document} {other.start} are near-duplicates: {one.text!r}"
