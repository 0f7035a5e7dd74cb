"""Quality: what the model is worth on text it has not learned from, beside simpler methods, with intervals.

Every method learns from the same annotations (all but the fixed test part) and chooses its thresholds by
cross-validation over their documents (SetFit and spaCy's, which learn slowly, on a fifth of them kept back). It is
scored on the test part, and on labelled real articles where they are given:

    python benchmarks/quality.py --frozen MINILM MPNET [--gold LABELS.jsonl ARTICLES.jsonl]
        [--curve | --breakdown | --skipping] [--cache DIR] [--only WORD] [--leave-out BATCH]

``--frozen`` names the folders that ``amur encoder all-MiniLM-L6-v2 --out MINILM`` and ``amur encoder all-mpnet-base-v2
--out MPNET`` wrote; vectors are kept in ``--cache``, so that a second run is short. Needs the extra ``benchmark``.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import numpy as np
from methods import (
    BOOK,
    Method,
    alone,
    always_yes,
    in_context,
    ours_on,
    ours_without,
    setfit,
    spacy_textcat,
    vader,
    vectors,
    word_vectors,
    words,
)
from sklearn.metrics import f1_score

import amur
from amur.actors import count_mentions, sides
from amur.annotations import Annotation, in_places, read_annotations, settle
from amur.encoder import SentenceEncoder
from amur.resources import shipped
from amur.training import answer_matrix, f1_interval, split
from amur.vector_cache import CachedEncoder

SCORES = "mean F1 (95%) | convergence | friction | themes"


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
    """Print a Markdown table, a row a method, with the scores on one test set after another."""
    print(f"| method | {' | '.join(f'{where}: {SCORES}' for where in tests)} |\n|{'---|' * (4 * len(tests) + 1)}")
    for name, method in methods.items():
        scores = [
            score(said, truth) for truth, said in zip(tests.values(), method(learn, list(tests.values())), strict=True)
        ]
        print(f"| {name} | {' | '.join(scores)} |", flush=True)


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


def closeness(annotation: Annotation) -> str:
    """Whether the annotator noted that the answer could have gone the other way."""
    return "noted as a close call" if "close call" in annotation.note else "no close call"


def batch(document: str) -> str:
    """The letter of a brief's batch; the last is f, which names the two sides as the press does. A seed has none."""
    return document[0] if re.fullmatch(r"[a-z]\d+", document) else ""


def breakdown(said: np.ndarray, truth: list[Annotation]) -> None:
    """Print a model's F1 on briefs by type of source, kind, period, how clear its statements are, and batch."""
    about = {document: front_matter(document) for document in {a.document for a in truth}}
    briefs = [about[a.document] for a in truth]
    groupings = (
        [source_type(brief) for brief in briefs],
        [f"kind: {brief['kind']}" for brief in briefs],
        [period(brief) for brief in briefs],
        [closeness(annotation) for annotation in truth],
        ["briefs f" if batch(annotation.document) == "f" else "documents before them" for annotation in truth],
    )
    print(f"| statements of | number | {SCORES} |\n|---|---|---|---|---|---|")
    for grouping in groupings:
        for name in sorted(set(grouping)):
            rows = np.flatnonzero(np.array(grouping) == name)
            print(f"| {name} | {len(rows)} | {score(said[rows], [truth[at] for at in rows])} |", flush=True)


def by_theme(said: list[np.ndarray], tests: dict[str, list[Annotation]]) -> None:
    """Print a model's F1 on each theme, and how many statements are about it."""
    answers = [answer_matrix(truth, BOOK) for truth in tests.values()]
    print(f"| theme | {' | '.join(f'{where} | F1' for where in tests)} |\n{'|---' * (2 * len(tests) + 1)}|")
    for at, theme in enumerate(BOOK.labels[2:], 2):
        cells = [
            f"{int(truth[:, at].sum())} | {f1_score(truth[:, at], yes[:, at], zero_division=0.0):.3f}"
            for truth, yes in zip(answers, said, strict=True)
        ]
        print(f"| {theme} | {' | '.join(cells)} |", flush=True)


NAMING = ("neither side", "one side", "both sides")


def named_sides(annotation: Annotation) -> str:
    """How many of the two sides a statement names itself."""
    names = (BOOK.actors[side] for side in sides(BOOK.actors))
    return NAMING[sum(bool(count_mentions(annotation.text, own)) for own in names)]


def by_naming(said: list[np.ndarray], tests: dict[str, list[Annotation]]) -> None:
    """Print a model's F1 by how many sides a statement names, and what the first set gives named as the last."""
    answers = [answer_matrix(truth, BOOK)[:, :2].astype(bool) for truth in tests.values()]
    named = [np.array([named_sides(a) for a in truth]) for truth in tests.values()]
    cells = " | ".join(f"{where} | convergence | friction" for where in tests)
    print(f"| statements that name | {cells} |\n{'|---' * (3 * len(tests) + 1)}|")
    for kind in reversed(NAMING):
        row = []
        for yes, truth, names in zip(said, answers, named, strict=True):
            rows = names == kind
            row += [f"{rows.mean():.0%}", *(f"{f1_score(truth[rows, at], yes[rows, at]):.3f}" for at in (0, 1))]
        print(f"| {kind} | {' | '.join(row)} |", flush=True)
    if len(tests) == 1:
        return
    shares = {kind: (named[-1] == kind).mean() / (named[0] == kind).mean() for kind in set(named[0])}
    weights = np.array([shares[kind] for kind in named[0]])
    alike = [f1_score(answers[0][:, at], said[0][:, at], sample_weight=weights) for at in (0, 1)]
    first, *_, last = tests
    print(f"{first} weighted as {last}: {np.mean(alike):.3f} ({alike[0]:.3f}, {alike[1]:.3f})")


def naming(groups: dict[str, list[Annotation]]) -> None:
    """Print the share of statements that name both sides, one or neither, and how many words they have."""
    print(f"| | {' | '.join(reversed(NAMING))} | words each |\n{'|---' * 5}|")
    for group, found in groups.items():
        named = np.array([named_sides(a) for a in found])
        shares = " | ".join(f"{(named == kind).mean():.0%}" for kind in reversed(NAMING))
        print(f"| {group} | {shares} | {np.mean([len(a.text.split()) for a in found]):.1f} |", flush=True)


def skipping(learn: list[Annotation]) -> None:
    """Print how much could be passed over before encoding, as it names nobody, and how much would be lost with it."""
    sides_only = {side: BOOK.actors[side] for side in sides(BOOK.actors)}
    either = np.array([a.convergence or a.friction for a in learn])
    print("| passed over: statements that name | of all statements | of those with a yes |\n|---|---|---|")
    for name, actors in (("neither side", sides_only), ("no side, other power or pair", BOOK.actors)):
        nobody = np.array([not any(count_mentions(a.text, names) for names in actors.values()) for a in learn])
        print(f"| {name} | {nobody.mean():.0%} | {nobody[either].mean():.0%} |")


def curve(encoder: SentenceEncoder, learn: list[Annotation], tests: dict[str, list[Annotation]]) -> None:
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
        compare({f"{len(part)} statements": ours_on(encoder)}, part, tests)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frozen", nargs=2, required=True, metavar=("MINILM", "MPNET"), help="encoders before tuning")
    parser.add_argument("--gold", nargs=2, type=Path, metavar=("LABELS", "ARTICLES"), help="labelled real articles")
    parser.add_argument("--cache", default="", metavar="DIR", help="folder to keep vectors in")
    parser.add_argument("--only", default="", metavar="WORD", help="only the methods whose name holds this")
    parser.add_argument("--leave-out", metavar="BATCH", help="no test on briefs of this letter")
    parser.add_argument("--breakdown", action="store_true", help="the shipped model by source, kind, period and theme")
    parser.add_argument("--skipping", action="store_true", help="what passing over statements would cost instead")
    parser.add_argument("--curve", action="store_true", help="the learning curve instead of the comparison")
    arguments = parser.parse_args()
    own = read_annotations(shipped("annotations") / "statements", BOOK)
    training, held_out = map(settle, split(own))
    held_out = [a for a in held_out if batch(a.document) != arguments.leave_out]
    measured = {"test part": held_out} | ({"real articles": real_articles(*arguments.gold)} if arguments.gold else {})
    model = amur.load_model()
    minilm, mpnet, model.encoder = (
        CachedEncoder(str(folder), cache=arguments.cache) if arguments.cache else SentenceEncoder(str(folder))
        for folder in (*arguments.frozen, model.sentence_encoder.path)
    )
    if arguments.breakdown:
        said = [model.predict(in_places(truth)) for truth in measured.values()]
        breakdown(said[0], held_out)
        by_theme(said, measured)
        by_naming(said, measured)
        tie = [a for a in settle(own) if batch(a.document) and front_matter(a.document)["kind"] == "tie"]
        last = [a for a in tie if batch(a.document) == "f"]
        before = [a for a in tie if batch(a.document) != "f"]
        real = {name: found for name, found in measured.items() if found is not held_out}
        naming({"the briefs before": before, "the briefs f": last, "all briefs": tie, **real})
    elif arguments.skipping:
        skipping(training)
    elif arguments.curve:
        curve(mpnet, training, measured)
    else:
        methods: dict[str, Method] = {
            "always yes": always_yes,
            "VADER": vader,
            "TF-IDF": words,
            "word vectors (WordLlama)": word_vectors,
            "spaCy's text classifier": spacy_textcat,
            "SetFit on MiniLM": setfit,
            "frozen MiniLM": vectors(minilm),
            "frozen mpnet": vectors(mpnet),
            "ours on frozen MiniLM": ours_on(minilm),
            "ours on frozen mpnet": ours_on(mpnet),
            "ours, each statement alone": alone(model),
            "ours without the tuned heads": ours_without(model, "tuned"),
            "ours with the tuned heads only": ours_without(model, "dense", "texts"),
            "**shipped model**": in_context(model),
        }
        chosen = {name: method for name, method in methods.items() if arguments.only in name}
        compare(chosen, training, measured)
