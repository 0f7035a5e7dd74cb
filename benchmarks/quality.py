"""Quality: what the model is worth on text it has not learned from, beside simpler methods, with intervals.

Every method learns from the same annotations (all but the fixed test part), chooses its thresholds by cross-validation
over their documents, and is scored on the test part; and on labelled real articles where they are given:

    python benchmarks/quality.py --frozen ENCODER [--gold LABELS.jsonl ARTICLES.jsonl] [--curve]

``--frozen`` names the folder that ``amur encoder all-MiniLM-L6-v2 --out ENCODER`` wrote. Needs the extra ``benchmark``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

import amur
from amur.annotations import Annotation, read_annotations, settle, with_context
from amur.classifier import CONTEXT, best_threshold
from amur.codebook import read_codebook
from amur.encoder import SentenceEncoder
from amur.resources import shipped
from amur.training import answer_matrix, f1_interval, fit, split

BOOK = read_codebook()
Method = Callable[[list[Annotation], list[list[Annotation]]], list[np.ndarray]]
"""From what to learn from and what to answer for, to answers of shape (n, 2 or more) for each of the latter."""


def texts(annotations: list[Annotation]) -> list[str]:
    """Their texts."""
    return [annotation.text for annotation in annotations]


def by_question(
    learn: list[Annotation], tests: list[list[Annotation]], model: Any, seen: Any, unseen: list[Any]
) -> list[np.ndarray]:
    """Fit a scikit-learn model a question, with a threshold from its cross-validation by document."""
    documents = [a.document for a in learn]
    said: list[list[np.ndarray]] = [[] for _ in tests]
    for column in answer_matrix(learn, BOOK)[:, :2].T:
        odds = cross_val_predict(model, seen, column, groups=documents, cv=GroupKFold(5), method="predict_proba")
        threshold = best_threshold(odds[:, 1], column)
        model.fit(seen, column)
        for columns, some in zip(said, unseen, strict=True):
            columns.append(model.predict_proba(some)[:, 1] >= threshold)
    return [np.column_stack(columns) for columns in said]


def always_yes(_learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
    """Both questions answered yes for every statement."""
    return [np.ones((len(test), 2), dtype=bool) for test in tests]


def vader(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
    """VADER's compound sentiment (Hutto and Gilbert 2014): convergence where positive, friction where negative."""
    tone = SentimentIntensityAnalyzer()
    scores = [np.array([[tone.polarity_scores(text)["compound"]] for text in texts(some)]) for some in (learn, *tests)]
    return by_question(learn, tests, LogisticRegression(), scores[0], scores[1:])


def words(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
    """TF-IDF of words and their pairs."""
    tfidf = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    model = make_pipeline(tfidf, LogisticRegression(C=5, max_iter=1000))
    return by_question(learn, tests, model, texts(learn), [texts(test) for test in tests])


def vectors(folder: str) -> Method:
    """An encoder's vector of the statement alone."""

    def run(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
        encoder = SentenceEncoder(folder)
        seen, *unseen = (encoder.transform(texts(some)) for some in (learn, *tests))
        return by_question(learn, tests, LogisticRegression(C=10, max_iter=1000), seen, unseen)

    return run


def ours_on(folder: str) -> Method:
    """The classifier on another encoder: context, actors and words added to its vectors."""

    def run(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
        model = fit(learn, BOOK, SentenceEncoder(folder), n_jobs=2)
        return [model.predict(with_context(test, CONTEXT)) for test in tests]

    return run


def shipped_model(_learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
    """The model that ships."""
    return [amur.load_model().predict(with_context(test, CONTEXT)) for test in tests]


def real_articles(labels: Path, articles: Path) -> list[Annotation]:
    """Labels ``document, start, end, c, f, themes`` of real articles ``id, text`` as annotations."""
    rows = [json.loads(line) for line in articles.read_text(encoding="utf-8").splitlines()]
    text = {row["id"]: row["text"] for row in rows}
    found = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines()]
    return settle(
        Annotation(
            *(r["document"], r["start"], r["end"], text[r["document"]][r["start"] : r["end"]]),
            *(bool(r["c"]), bool(r["f"]), tuple(r["themes"])),
        )
        for r in found
    )


def score(said: np.ndarray, truth: list[Annotation]) -> str:
    """Mean F1 of the two questions with its interval, then each, then the themes' micro average where there is one."""
    answers = answer_matrix(truth, BOOK)
    both = answers[:, :2].astype(bool)
    low, high = f1_interval(both, said[:, :2], np.array([a.document for a in truth]), "macro")
    each = [f1_score(both[:, at], said[:, at]) for at in (0, 1)]
    line = f"{np.mean(each):.3f} ({low:.2f}-{high:.2f}) | {each[0]:.3f} | {each[1]:.3f}"
    if said.shape[1] == 2:
        return f"{line} |"
    return f"{line} | {f1_score(answers[:, 2:], said[:, 2:], average='micro', zero_division=0.0):.3f}"


def compare(methods: dict[str, Method], learn: list[Annotation], tests: dict[str, list[Annotation]]) -> None:
    """Print a Markdown table, a row a method and test set."""
    print("| method | on | mean F1 (95%) | convergence | friction | themes |\n|---|---|---|---|---|---|")
    for name, method in methods.items():
        for (where, truth), said in zip(tests.items(), method(learn, list(tests.values())), strict=True):
            print(f"| {name} | {where} | {score(said, truth)} |", flush=True)


def curve(folder: str, learn: list[Annotation], tests: dict[str, list[Annotation]]) -> None:
    """Print how the classifier grows with its annotations, on a frozen encoder, in whole documents."""
    documents = list(dict.fromkeys(a.document for a in learn))
    order = np.random.default_rng(0).permutation(len(documents))
    for wanted in (1000, 2000, 4000, 8000, len(learn)):
        chosen, total = set(), 0
        for at in order:
            if total < wanted:
                chosen.add(documents[at])
                total += sum(a.document == documents[at] for a in learn)
        part = [a for a in learn if a.document in chosen]
        compare({f"{len(part)} statements": ours_on(folder)}, part, tests)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frozen", required=True, metavar="DIR", help="folder of the encoder before tuning")
    parser.add_argument("--gold", nargs=2, type=Path, metavar=("LABELS", "ARTICLES"), help="labelled real articles")
    parser.add_argument("--curve", action="store_true", help="the learning curve instead of the comparison")
    arguments = parser.parse_args()
    own = read_annotations(shipped("annotations") / "statements", BOOK)
    training, held_out = map(settle, split(own))
    measured = {"test part": held_out} | ({"real articles": real_articles(*arguments.gold)} if arguments.gold else {})
    if arguments.curve:
        curve(arguments.frozen, training, measured)
    else:
        compare(
            {
                "always yes": always_yes,
                "VADER": vader,
                "TF-IDF": words,
                "frozen MiniLM": vectors(arguments.frozen),
                "ours on frozen MiniLM": ours_on(arguments.frozen),
                "**shipped model**": shipped_model,
            },
            training,
            measured,
        )
