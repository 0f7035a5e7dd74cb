"""Likely label errors: answers turned round are found, and what cannot be judged is left out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from amur import api
from amur.adoption import cached_encoder
from amur.annotations import part, read_together
from amur.codebook import read_codebook
from amur.errors import AmurError, Note
from amur.label_errors import _likely_wrong, likely_errors
from amur.resources import shipped
from amur.store import ENCODER

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result

    from amur.project import Project

    Here = Callable[..., Result]


def test_answers_against_sure_probabilities_are_likely_wrong() -> None:
    chance = np.random.default_rng(0)
    probabilities = chance.beta(0.2, 0.8, 1000)
    answers = (chance.random(1000) < probabilities).astype(float)
    turned = chance.random(1000) < 0.05
    answers[turned] = 1 - answers[turned]
    wrong = _likely_wrong(answers, probabilities)
    assert wrong[turned].mean() > 0.6
    assert wrong[~turned].mean() < 0.1
    answers[turned] = np.nan
    assert not _likely_wrong(answers, probabilities)[turned].any()


def test_the_likeliest_errors_come_first(trained: Project) -> None:
    book = read_codebook(trained.codebook)
    rows = read_together([trained.annotations], book)
    learned = [at for at, row in enumerate(rows) if part(row.document) != "test"]
    turned = np.random.default_rng(0).choice(learned, 12, replace=False)
    for at in turned:
        rows[at] = replace(rows[at], convergence=not rows[at].convergence)
    with pytest.warns(Note, match="6 documents were not looked at"):
        found = likely_errors(rows, book, cached_encoder(trained, shipped("model") / ENCODER))
    assert found.columns.tolist() == ["document", "start", "text", "question", "annotated", "probability"]
    assert {part(document) for document in found["document"]} == {"calibration"}
    doubt = (found["annotated"] - found["probability"]).abs()
    assert doubt.is_monotonic_decreasing
    asked = found[found["question"] == "convergence"]
    places = {(rows[at].document, rows[at].start) for at in turned}
    hits = [(row.document, row.start) in places for row in asked.itertuples()]
    assert np.mean(hits[:10]) > 2 * len(turned) / len(learned)  # as often as by chance, and again


def test_documents_that_the_encoder_knows_by_heart_are_not_ranked() -> None:
    statements = shipped("annotations") / "statements"
    known = [file for file in sorted(statements.glob("*.jsonl")) if part(file.stem) == "learn"][:3]
    with pytest.raises(AmurError, match="the encoder was tuned on all of these documents"):
        api.likely_errors(known)


def test_the_command_shows_conflicts_and_likely_errors(here: Here, trained: Project) -> None:
    file = max(trained.annotations.glob("*.jsonl"))
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    second = [row | {"annotator": "kim"} for row in rows]
    second[0]["friction"] = not second[0]["friction"]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows + second))
    assert "1 answers differ between annotators" in here(trained, "check-annotations").stderr
    done = here(trained, "check-annotations", "--show", "conflicts", "--format", "json")
    (conflict,) = json.loads(done.stdout)["conflicts"]
    assert (conflict["start"], conflict["question"]) == (rows[0]["start"], "friction")
    assert "kim" in (conflict["yes"], conflict["no"])
    done = here(trained, "check-annotations", "--show", "likely-errors", "--format", "json")
    assert done.exit_code == 0, done.exception
    assert set(json.loads(done.stdout)["likely_errors"][0]) >= {"document", "start", "annotated", "probability"}
    assert "documents were not looked at" in done.stderr
