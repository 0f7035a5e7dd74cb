"""The labels of voices: every one stands on a statement of the corpus, and agrees with itself."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from amur.resources import shipped

if TYPE_CHECKING:
    from amur.annotations import Annotation

VOICES = {"author", "beijing", "moscow", "other"}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str | int]]:
    files = sorted((shipped("annotations") / "voices").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_voice_is_given_to_every_statement_of_a_document_and_to_nothing_else(
    rows: list[dict[str, str | int]], annotations: list[Annotation]
) -> None:
    documents = {row["document"] for row in rows}
    statements = {(a.document, a.start, a.end, a.text) for a in annotations if a.document in documents}
    assert {(row["document"], row["start"], row["end"], row["text"]) for row in rows} == statements


def test_only_the_author_has_no_speaker(rows: list[dict[str, str | int]]) -> None:
    assert {row["voice"] for row in rows} == VOICES
    assert all(bool(row["speaker"]) == (row["voice"] != "author") for row in rows)


def test_what_is_settled_was_in_dispute(rows: list[dict[str, str | int]]) -> None:
    said: dict[tuple[str | int, ...], dict[str | int, str | int]] = {}
    for row in rows:
        said.setdefault((row["document"], row["start"]), {})[row["annotator"]] = row["voice"]
    assert Counter(len(row) for row in map(tuple, said.values()))[3] == 17
    assert all(answers["a1"] != answers["a2"] for answers in said.values() if "settled" in answers)
