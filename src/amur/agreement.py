"""Agreement between two annotators, and the checks every annotation file must pass."""

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

    from amur.codebook import Codebook

NEAR_DUPLICATE = 0.6
_CHUNK = 2000


def agreement(annotations: Iterable[Annotation], codebook: Codebook) -> pd.DataFrame:
    """Compare the first two annotators of every statement that has two.

    Returns:
        One row a question and theme: ``answer, statements, documents, first_yes, second_yes, agreed, kappa, f1``, with
        Cohen's kappa (Cohen 1960) and F1 of the second against the first. NaN where neither ever said yes.
    """
    pairs = _doubly_labelled(annotations)
    rows = []
    for label in codebook.labels:
        first, second = (np.array([_said(pair[i], label) for pair in pairs], dtype=bool) for i in (0, 1))
        any_yes = bool(first.any() or second.any())
        rows.append(
            {
                "answer": label,
                "statements": len(pairs),
                "documents": len({pair[0].document for pair in pairs}),
                "first_yes": int(first.sum()),
                "second_yes": int(second.sum()),
                "agreed": float((first == second).mean()) if pairs else np.nan,
                "kappa": float(cohen_kappa_score(first, second)) if any_yes else np.nan,
                "f1": float(f1_score(first, second)) if any_yes else np.nan,
            }
        )
    return pd.DataFrame(rows)


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


def _doubly_labelled(annotations: Iterable[Annotation]) -> list[tuple[Annotation, Annotation]]:
    by_statement: dict[tuple[str, int, int], list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        if annotation.annotator != SETTLED:
            by_statement[annotation.document, annotation.start, annotation.end].append(annotation)
    return [(both[0], both[1]) for both in by_statement.values() if len({a.annotator for a in both}) > 1]


def _said(annotation: Annotation, label: str) -> bool:
    if label in QUESTIONS:
        return bool(getattr(annotation, label))
    return label in (annotation.themes or ())


def problems(annotations: Sequence[Annotation], folders: Sequence[Path] = ()) -> Iterator[str]:
    """What is wrong with a set of annotations, a line each; nothing where all is well.

    Checks offsets and order, doubled rows, statements that differ between annotators, text against the brief of the
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
    for a in annotations:
        where = f"{a.document} {a.start}-{a.end}"
        if a.end - a.start != len(a.text):
            yield f"{where}: the span is {a.end - a.start} characters, the text {len(a.text)}"
        if a.start < last.get((a.document, a.annotator), 0):
            yield f"{where}: overlaps the statement before it, or is out of order"
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
