"""Explanations: do the words that `amur explain` names first carry the answer?

    python benchmarks/explanations.py [--answers 200] [--seed 0] [--model DIR]

Answers of yes to convergence or friction are drawn from the calibration part of the annotations. From each statement
the three words that speak most for the yes are taken out together, and then three drawn at random; what is counted is
how often the former moves the probability more (the deletion check; compare comprehensiveness in DeYoung et al. 2020).
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

import amur
from amur.annotations import in_places, part, read_annotations, settle
from amur.codebook import QUESTIONS, read_codebook
from amur.explanation import changes_without, words_of
from amur.resources import shipped

if TYPE_CHECKING:
    from amur.classifier import StanceClassifier
    from amur.passages import Passage

OUT = 3
"""Words taken out together; a statement has at least three times as many."""


def draw(classifier: StanceClassifier, answers: int, generator: np.random.Generator) -> list[tuple[Passage, int]]:
    """Statements and the question (its column) that is answered yes, in documents of the calibration part."""
    rows = settle(read_annotations(shipped("annotations") / "statements", read_codebook()))
    documents = sorted({row.document for row in rows if part(row.document) == "calibration"})
    some = set(generator.permutation(documents)[: max(4, answers // 8)])
    passages = in_places([row for row in rows if row.document in some])
    said = classifier.predict(passages)[:, : len(QUESTIONS)]
    found = [(passages[row], int(at)) for row, at in np.argwhere(said) if len(words_of(passages[row].text)) >= 3 * OUT]
    return [found[at] for at in generator.permutation(len(found))[:answers]]


def moved(
    classifier: StanceClassifier, passage: Passage, question: int, generator: np.random.Generator
) -> tuple[float, float]:
    """How far the probability moves without the three strongest words, and without three drawn at random."""
    words = words_of(passage.text)
    strongest = np.argsort(-changes_without(classifier, passage, [[word] for word in words])[1][:, question])[:OUT]
    drawn = generator.choice(len(words), OUT, replace=False)
    removals = [[words[at] for at in some] for some in (strongest, drawn)]
    odds, changes = (each[..., question] for each in changes_without(classifier, passage, removals)[:2])
    strong, random = np.abs(expit(odds) - expit(odds - changes))
    return float(strong), float(random)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=200, help="how many answers to check")
    parser.add_argument("--seed", type=int, default=0, help="of the draw of answers and of words")
    parser.add_argument("--model", metavar="DIR", help="another model than the shipped one")
    arguments = parser.parse_args()
    model, chance = amur.load_model(arguments.model), np.random.default_rng(arguments.seed)
    drawn = draw(model, arguments.answers, chance)
    found = np.array([moved(model, passage, question, chance) for passage, question in drawn])
    asked = np.array([question for _, question in drawn])
    print("| answer | checked | strongest three move it more | by | random three move it by |\n|---|---|---|---|---|")
    for name, columns in ((QUESTIONS[0], [0]), (QUESTIONS[1], [1]), ("both", [0, 1])):
        strong, random = found[np.isin(asked, columns)].T
        share = f"{len(strong)} | {np.mean(strong > random):.1%}"
        print(f"| {name} | {share} | {strong.mean():.3f} | {random.mean():.3f} |")
