"""Whose words a statement is: the author's own, or those of a speaker on Beijing's side, on Moscow's, or on another."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from amur.annotations import SETTLED
from amur.articles import decode
from amur.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from amur.annotations import Annotation

AUTHOR = "author"
VOICES = (AUTHOR, "beijing", "moscow", "other")


class Voiced(NamedTuple):
    """An article whose voices are annotated: its statements in order, and the voice and the speaker of each.

    A speaker is a name and role as an annotator wrote it, empty where the author speaks.
    """

    document: str
    text: str
    statements: list[Statement]
    voices: list[str]
    speakers: list[str]


def voice_label(voice: str) -> str:
    """The name of the question whether a statement has this voice, among an encoder's questions."""
    return f"voice:{voice}"


def read_voices(folder: Path) -> dict[tuple[str, int], str]:
    """The annotated voices by document and start of the statement: what was settled, else the first annotator's."""
    return {place: row["voice"] for place, row in _settled(folder).items()}


def read_voiced(folder: Path, briefs: Sequence[Path]) -> list[Voiced]:
    """The documents with annotated voices.

    Args:
        folder: the annotations.
        briefs: folders with their texts, ``<document>.md``.
    """
    rows = sorted(_settled(folder).items())
    return [
        _voiced(document, [row for _, row in group], briefs) for document, group in groupby(rows, lambda r: r[0][0])
    ]


def voice_numbers(documents: Sequence[Voiced]) -> list[int]:
    """The places in ``VOICES`` of the voices of some documents' statements."""
    return [VOICES.index(voice) for document in documents for voice in document.voices]


def _voiced(document: str, rows: Sequence[dict[str, Any]], briefs: Sequence[Path]) -> Voiced:
    file = next(path for folder in briefs if (path := folder / f"{document}.md").is_file())
    return Voiced(
        document,
        decode(file.read_bytes(), str(file)),
        [Statement(row["start"], row["end"], row["text"]) for row in rows],
        [row["voice"] for row in rows],
        [row["speaker"] for row in rows],
    )


def _settled(folder: Path) -> dict[tuple[str, int], dict[str, Any]]:
    """The rows that hold, by document and start."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for row in sorted(rows, key=lambda row: (row["annotator"] == SETTLED, row["annotator"] == "a1")):
            found[row["document"], row["start"]] = row
    return found


def voice_matrix(
    annotations: Sequence[Annotation], voices: Mapping[tuple[str, int], str]
) -> NDArray[np.float64] | None:
    """One column a voice, in the order of ``VOICES``: 1 for the one a statement has, NaN where none is annotated.

    None unless each of them occurs.

    >>> from amur.annotations import Annotation
    >>> said = [Annotation("trip", at, at + 2, "A.", False, False) for at in range(5)]
    >>> voice_matrix(said, {("trip", at): voice for at, voice in enumerate(VOICES)})[3:]
    array([[ 0.,  0.,  0.,  1.],
           [nan, nan, nan, nan]])
    """
    found = [voices.get((annotation.document, annotation.start)) for annotation in annotations]
    if not set(VOICES) <= set(found):
        return None
    return np.array([[np.nan if voice is None else voice == name for name in VOICES] for voice in found], dtype=float)
