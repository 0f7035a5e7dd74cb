"""Quality: what the model is worth on text it has not learned from, beside simpler methods, with intervals.

Every method learns from the same annotations (all but the fixed test part), chooses its thresholds by cross-validation
over their documents, and is scored on the test part; and on labelled real articles where they are given:

    python benchmarks/quality.py --frozen MINILM MPNET [--gold LABELS.jsonl ARTICLES.jsonl] [--curve | --breakdown]

``--frozen`` names the folders that ``amur encoder all-MiniLM-L6-v2 --out MINILM`` and ``amur encoder all-mpnet-base-v2
--out MPNET`` wrote. Needs the extra ``benchmark``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
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
from amur.annotations import Annotation, in_places, read_annotations, settle
from amur.classifier import StanceClassifier, best_threshold
from amur.codebook import read_codebook
from amur.encoder import SentenceEncoder
from amur.progress import ignore
from amur.resources import shipped
from amur.training import answer_matrix, f1_interval, fit, fresh, split

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


class _Lacking(StanceClassifier):
    """The classifier without some of its parts, refitted."""

    lacking: tuple[str, ...] = ()

    def _features(self, X: Any, progress: Any = ignore) -> Any:
        features = super()._features(X, progress)
        nothing: dict[str, Any] = {
            "tuned": np.zeros_like(features.tuned),
            "dense": np.zeros_like(features.dense),
            "texts": np.full_like(features.texts, "nothing"),
        }
        return replace(features, **{part: nothing[part] for part in self.lacking})


def ours_without(*parts: str) -> Method:
    """The shipped model's encoder with heads that lack ``tuned`` (scores), ``dense`` (vectors, actors) or ``texts``."""

    def run(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
        encoder = amur.load_model().sentence_encoder
        model = type("Lacking", (_Lacking,), {"lacking": parts})(encoder, BOOK.labels, n_jobs=2)
        rows = fresh(learn, encoder)
        model.fit(in_places(rows), answer_matrix(rows, BOOK), [a.document for a in rows])
        return [model.predict(in_places(test)) for test in tests]

    return run


def shipped_alone(_learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
    """The shipped model reading each statement without its neighbours."""
    return [amur.load_model().predict(texts(test)) for test in tests]


def ours_on(folder: str) -> Method:
    """The classifier on another encoder: neighbours read with the statement, actors and words added."""

    def run(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
        model = fit(learn, BOOK, SentenceEncoder(folder), n_jobs=2)
        return [model.predict(in_places(test)) for test in tests]

    return run


def shipped_model(_learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
    """The model that ships."""
    return [amur.load_model().predict(in_places(test)) for test in tests]


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


SOURCES = {
    "state media and officials": ("state media", "transcript", "read-out", "government", "parliament"),
    "think tanks and scholars": ("think-tank", "academic", "scholar", "essay", "review", "report summary"),
    "trade press and analysts": ("trade press", "price report", "newsletter", "unit note", "tech site", "business"),
    "news and explainers": ("wire", "broadcaster", "daily", "news", "live-blog", "fact-check", "regional"),
}
"""Types of source, by words of the genre; the rest are magazines, letters, interviews and the like."""

PERIODS = {2011: "2001 to 2011", 2017: "2012 to 2017", 2021: "2018 to 2021", 9999: "2022 to 2026"}
"""Last year of a period, and its name."""


def front_matter(document: str) -> dict[str, str]:
    """What a brief or seed says of itself: source, title, date, genre, kind."""
    path = shipped("annotations") / "briefs" / f"{document}.md"
    path = path if path.is_file() else shipped("seeds") / f"{document}.md"
    lines = path.read_text(encoding="utf-8").split("---")[1].strip().splitlines()
    fields = dict(line.split(": ", 1) for line in lines)
    return {"genre": "daily", **fields, "kind": fields["kind"].replace("brief", "tie")}


def source_type(brief: dict[str, str]) -> str:
    """Type of a brief's source."""
    genre = brief["genre"].lower()
    return next((name for name, words in SOURCES.items() if any(w in genre for w in words)), "magazines and others")


def period(brief: dict[str, str]) -> str:
    """Years of a brief's date, in four spans."""
    year = int(brief["date"][:4])
    return next(span for last, span in PERIODS.items() if year <= last)


def breakdown(truth: list[Annotation]) -> None:
    """Print the shipped model's F1 on briefs by type of source, kind and period."""
    said = amur.load_model().predict(in_places(truth))
    about = {document: front_matter(document) for document in {a.document for a in truth}}
    print("| briefs | statements | mean F1 (95%) | convergence | friction | themes |\n|---|---|---|---|---|---|")
    for of in (source_type, lambda brief: f"kind: {brief['kind']}", period):
        names = np.array([of(about[a.document]) for a in truth])
        for name in sorted(set(names)):
            rows = np.flatnonzero(names == name)
            print(f"| {name} | {len(rows)} | {score(said[rows], [truth[at] for at in rows])} |", flush=True)


def curve(folder: str, learn: list[Annotation], tests: dict[str, list[Annotation]]) -> None:
    """Print how the classifier grows with its annotations, on a frozen encoder, in whole documents."""
    documents = list(dict.fromkeys(a.document for a in learn))
    order = np.random.default_rng(0).permutation(len(documents))
    for wanted in (1000, 2000, 4000, 8000, 15000, len(learn)):
        chosen, total = set(), 0
        for at in order:
            if total < wanted:
                chosen.add(documents[at])
                total += sum(a.document == documents[at] for a in learn)
        part = [a for a in learn if a.document in chosen]
        compare({f"{len(part)} statements": ours_on(folder)}, part, tests)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frozen", nargs=2, required=True, metavar=("MINILM", "MPNET"), help="encoders before tuning")
    parser.add_argument("--gold", nargs=2, type=Path, metavar=("LABELS", "ARTICLES"), help="labelled real articles")
    parser.add_argument("--breakdown", action="store_true", help="the shipped model by source, kind and period instead")
    parser.add_argument("--curve", action="store_true", help="the learning curve instead of the comparison")
    arguments = parser.parse_args()
    own = read_annotations(shipped("annotations") / "statements", BOOK)
    training, held_out = map(settle, split(own))
    measured = {"test part": held_out} | ({"real articles": real_articles(*arguments.gold)} if arguments.gold else {})
    if arguments.breakdown:
        breakdown(held_out)
    elif arguments.curve:
        curve(arguments.frozen[1], training, measured)
    else:
        compare(
            {
                "always yes": always_yes,
                "VADER": vader,
                "TF-IDF": words,
                "frozen MiniLM": vectors(arguments.frozen[0]),
                "frozen mpnet": vectors(arguments.frozen[1]),
                "ours, each statement alone": shipped_alone,
                "ours without the tuned heads": ours_without("tuned"),
                "ours with the tuned heads only": ours_without("dense", "texts"),
                "**shipped model**": shipped_model,
            },
            training,
            measured,
        )
