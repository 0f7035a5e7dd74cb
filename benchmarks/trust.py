"""Trust: do the probabilities hold on documents not learned from, and how much better are the surer decisions?

    python benchmarks/trust.py [--gold LABELS.jsonl ARTICLES.jsonl] [--model DIR] [--diagram model/reliability.svg]

Measured on the test part of the annotations, and on labelled real articles where they are given. ``--diagram`` draws
the reliability diagram of the test part for the model card. Needs the extra ``benchmark``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import altair as alt
import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss, f1_score

import amur
from amur.annotations import Annotation, in_places, read_annotations, settle
from amur.calibration import calibration_error, reliability
from amur.codebook import QUESTIONS, read_codebook, stance
from amur.confidence import confidence
from amur.resources import shipped
from amur.training import answer_matrix, split
from amur.web.model_charts import reliability_chart

BOOK = read_codebook()
SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)


class Answered(NamedTuple):
    """Probabilities, answers and true answers, each of shape (n, 2), and the confidence of the decisions, (n,)."""

    odds: np.ndarray
    said: np.ndarray
    truth: np.ndarray
    sure: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """Whether both answers are, shape (n,)."""
        return np.asarray((self.said == self.truth).all(axis=1))


def answer(folder: str | None, found: list[Annotation]) -> Answered:
    """What a model says of annotated statements."""
    model, first = amur.load_model(folder), len(QUESTIONS)
    odds = model.predict_proba(in_places(found))
    said = model.decide(odds)[:, :first]
    table = pd.DataFrame(odds[:, :first], columns=list(QUESTIONS)).assign(stance=[stance(*row) for row in said])
    return Answered(odds[:, :first], said, answer_matrix(found, BOOK)[:, :first].astype(bool), confidence(table))


def calibration(tests: dict[str, Answered]) -> None:
    """Print how far off the probabilities are, and the confidence as a probability of being right in both."""
    print("| probability of | on | statements | its mean | happens | calibration error (ECE) | Brier |")
    print("|---|---|---|---|---|---|---|")
    for where, found in tests.items():
        pairs = {name: (found.odds[:, at], found.truth[:, at]) for at, name in enumerate(QUESTIONS)}
        for name, (odds, yes) in (pairs | {"a right decision (confidence)": (found.sure, found.right)}).items():
            figures = (odds.mean(), yes.mean(), calibration_error(odds, yes), brier_score_loss(yes, odds))
            print(f"| {name} | {where} | {len(yes)} | {' | '.join(f'{figure:.3f}' for figure in figures)} |")


def surer(tests: dict[str, Answered]) -> None:
    """Print F1 against the share of statements kept, the surest first, and how many of the yeses are among them."""
    print("| on | kept | confidence from | both right | mean F1 | convergence | friction | their yeses kept |")
    print("|---|---|---|---|---|---|---|---|")
    for where, found in tests.items():
        order = np.argsort(-found.sure, kind="stable")
        for share in SHARES:
            rows = order[: round(share * len(order))]
            each = [f1_score(found.truth[rows, at], found.said[rows, at]) for at in range(len(QUESTIONS))]
            figures = " | ".join(f"{figure:.3f}" for figure in (found.right[rows].mean(), np.mean(each), *each))
            kept = ", ".join(f"{part:.0%}" for part in found.said[rows].sum(axis=0) / found.said.sum(axis=0))
            print(f"| {where} | {share:.0%} | {found.sure[rows[-1]]:.2f} | {figures} | {kept} |")


def draw(found: Answered, path: Path) -> None:
    """The reliability diagram: share of yes against mean probability, in bins of equal mass, a line a question."""
    bins = [reliability(found.odds[:, at], found.truth[:, at]).assign(answer=name) for at, name in enumerate(QUESTIONS)]
    spec = reliability_chart(pd.concat(bins, ignore_index=True))
    alt.Chart.from_dict(spec | {"width": 420}).save(str(path))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gold", nargs=2, type=Path, metavar=("LABELS", "ARTICLES"), help="labelled real articles")
    parser.add_argument("--model", metavar="DIR", help="another model than the shipped one")
    parser.add_argument("--diagram", type=Path, metavar="FILE", help="draw the reliability diagram as an SVG")
    arguments = parser.parse_args()
    held_out = settle(split(read_annotations(shipped("annotations") / "statements", BOOK))[1])
    sets = {"test part": held_out}
    if arguments.gold:
        from quality import real_articles  # brings every method there is to compare with

        sets["real articles"] = real_articles(*arguments.gold)
    answered = {where: answer(arguments.model, rows) for where, rows in sets.items()}
    calibration(answered)
    surer(answered)
    if arguments.diagram:
        draw(answered["test part"], arguments.diagram)
