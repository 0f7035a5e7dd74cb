"""Balances: how far counting and its corrections are off on articles not learned from, and what their intervals hold.

    python benchmarks/balances.py [--gold LABELS.jsonl ARTICLES.jsonl] [--sharpness]

Errors are learned from the calibration part of the annotations alone, out of fold. Every method is then tried on the
test part, and on labelled real articles where they are given: article by article, over (source, theme) cells, and over
groups drawn so that the stances have other shares than in life (the artificial-prevalence protocol: Forman 2008).
ACC, PACC and EMQ are QuaPy's. ``--sharpness`` compares settings of our own on the calibration part instead, each
document left out in its turn. Needs the extra ``benchmark``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from quality import front_matter, real_articles
from quapy.functional import solve_adjustment_binary
from quapy.method.aggregative import EMQ

import amur
from amur.annotations import Annotation, in_places, read_annotations, settle
from amur.balances import FEWEST, balances
from amur.codebook import QUESTIONS, read_codebook
from amur.quantification import Errors, learn_errors
from amur.resources import shipped
from amur.training import answer_matrix, fit, split

if TYPE_CHECKING:
    from amur.classifier import StanceClassifier

BOOK = read_codebook()
RESAMPLES = 1000


class Scored(NamedTuple):
    """Statements with probabilities, decisions, true answers (each of shape (n, 2)), and where they come from."""

    odds: np.ndarray
    said: np.ndarray
    truth: np.ndarray
    where: pd.DataFrame

    def some(self, rows: np.ndarray) -> Scored:
        """Some rows of them."""
        return Scored(self.odds[rows], self.said[rows], self.truth[rows], self.where.iloc[rows])


Method = Callable[[Scored, Scored], "tuple[float, float, float]"]
"""From what errors are learned from and a group, to its balance and the ends of its interval, NaN where it has none."""


def balance(shares: np.ndarray) -> np.ndarray:
    """(C - F) / (C + F) for shares of the answers, shape (..., 2)."""
    total = shares.sum(axis=-1)
    return np.where(total > 0, (shares[..., 0] - shares[..., 1]) / np.where(total > 0, total, 1), 0.0)


def counting(_known: Scored, group: Scored) -> tuple[float, float, float]:
    """Decisions counted, with the bootstrap over statements that such counts are given."""
    rows = np.random.default_rng(0).integers(len(group.said), size=(RESAMPLES, len(group.said)))
    low, high = np.percentile(balance(group.said[rows].mean(axis=1)), [2.5, 97.5])
    return float(balance(group.said.mean(axis=0))), low, high


def summing(_known: Scored, group: Scored) -> tuple[float, float, float]:
    """Probabilities summed (PCC: Bella et al. 2010)."""
    return float(balance(group.odds.mean(axis=0))), np.nan, np.nan


def adjusted(known: Scored, group: Scored, *, soft: bool) -> tuple[float, float, float]:
    """Counts (ACC) or sums (PACC), adjusted by the rates at which either answer is taken for yes."""
    rates, seen = (known.odds, group.odds) if soft else (known.said, group.said)
    shares = [
        solve_adjustment_binary(found.mean(), rate[yes == 1].mean(), rate[yes == 0].mean())
        for found, rate, yes in zip(seen.T, rates.T, known.truth.T, strict=True)
    ]
    return float(balance(np.array(shares, dtype=float))), np.nan, np.nan


def acc(known: Scored, group: Scored) -> tuple[float, float, float]:
    """Adjusted counts."""
    return adjusted(known, group, soft=False)


def pacc(known: Scored, group: Scored) -> tuple[float, float, float]:
    """Adjusted sums."""
    return adjusted(known, group, soft=True)


def emq(known: Scored, group: Scored) -> tuple[float, float, float]:
    """Expectation maximisation (Saerens, Latinne and Decaestecker 2002)."""
    shares = [
        EMQ.EM([1 - share, share], np.column_stack([1 - odds, odds]))[0][1]
        for share, odds in zip(known.truth.mean(axis=0), group.odds.T, strict=True)
    ]
    return float(balance(np.array(shares))), np.nan, np.nan


def ours(known: Scored, group: Scored) -> tuple[float, float, float]:
    """What ``amur report`` does."""
    return with_errors(learn_errors(known.odds, known.truth, known.where["document"].to_numpy()), group)


def with_errors(errors: Errors, group: Scored) -> tuple[float, float, float]:
    """Balance and interval of a group as one source; told even where ``amur`` says "too few"."""
    odds = dict(zip(QUESTIONS, group.odds.T, strict=True))
    table = group.where.assign(**odds, source="all", date="", stance="convergence")
    row = balances(table, ["source"], errors=errors).iloc[0]
    return float(row["balance"]), float(row["low"]), float(row["high"])


METHODS: dict[str, Method] = {
    "counting (raw)": counting,
    "summing (PCC)": summing,
    "ACC": acc,
    "PACC": pacc,
    "EMQ": emq,
    "**ours**": ours,
}


def by_article(found: Scored) -> Iterator[Scored]:
    """A group an article."""
    names = found.where["document"].to_numpy()
    yield from (found.some(np.flatnonzero(names == name)) for name in dict.fromkeys(names))


def by_cell(found: Scored) -> Iterator[Scored]:
    """A group a source and theme, as the classifier tells themes, and one a source."""
    where = found.where.reset_index(drop=True)
    for rows in where.groupby("source").groups.values():
        yield found.some(np.asarray(rows))
    for rows in where.explode("themes").dropna(subset=["themes"]).groupby(["source", "themes"]).groups.values():
        yield found.some(np.asarray(rows))


def shifted(found: Scored, size: int = 200, groups: int = 300) -> Iterator[Scored]:
    """Groups in which the four stances have shares drawn evenly from all that there could be."""
    generator = np.random.default_rng(0)
    stances = found.truth @ [2, 1]
    rows = [np.flatnonzero(stances == each) for each in range(4)]
    for _ in range(groups):
        counts = generator.multinomial(size, generator.dirichlet(np.ones(4)))
        yield found.some(np.concatenate([generator.choice(part, n) for part, n in zip(rows, counts, strict=True)]))


def score(method: Method, tasks: list[tuple[Scored, Scored]]) -> str:
    """Mean absolute error and, in brackets, how often the interval holds the truth, and its mean width.

    Over pairs for a method.
    """
    rows = np.array([(*method(known, group), balance(group.truth.mean(axis=0))) for known, group in tasks], dtype=float)
    told, low, high, true = rows.T
    off = f"{np.abs(told - true).mean():.3f}"
    if np.isnan(low).all():
        return off
    held = (low <= true + 1e-9) & (true - 1e-9 <= high)
    return f"{off} ({held.mean():.0%}, {(high - low).mean():.2f})"


def enough(groups: Iterator[Scored]) -> list[Scored]:
    """Groups in which at least five statements are truly one-sided or mixed."""
    return [group for group in groups if group.truth.any(axis=1).sum() >= FEWEST]


def scored(found: list[Annotation], odds: np.ndarray, classifier: StanceClassifier) -> Scored:
    """Annotations with what a classifier says of them."""
    first = len(QUESTIONS)
    said, themes = classifier.decide(odds), np.array(classifier.labels[first:], dtype=object)
    sources = {name: source_of(name) for name in {a.document for a in found}}
    where = pd.DataFrame({"document": [a.document for a in found], "source": [sources[a.document] for a in found]})
    where["themes"] = pd.Series([list(themes[row]) for row in said[:, first:]])
    return Scored(odds[:, :first], said[:, :first], answer_matrix(found, BOOK)[:, :first].astype(int), where)


def source_of(document: str) -> str:
    """Outlet of a brief; a real article stands for itself."""
    try:
        return front_matter(document)["source"]
    except FileNotFoundError:
        return document


def choose_sharpness(known: Scored) -> None:
    """Print how our correction does with other settings on the calibration part, learned from its other documents."""
    print("| sharpness | on | off by (95% interval holds, width) |\n|---|---|---|")
    names = known.where["document"].to_numpy()
    odd = np.unique(names, return_inverse=True)[1] % 2 == 1
    tasks = {
        "articles": [
            (known.some(np.flatnonzero(names != group.where["document"].iloc[0])), group)
            for group in enough(by_article(known))
        ],
        "shares shifted": [
            (known.some(np.flatnonzero(~half)), group)
            for half in (odd, ~odd)
            for group in shifted(known.some(np.flatnonzero(half)))
        ],
    }
    for sharpness in (1.0, 1.5, 2.0, 3.0, 5.0):

        def method(rest: Scored, group: Scored, sharpness: float = sharpness) -> tuple[float, float, float]:
            errors = learn_errors(rest.odds, rest.truth, rest.where["document"].to_numpy(), sharpness)
            return with_errors(errors, group)

        for task, pairs in tasks.items():
            print(f"| {sharpness} | {task} | {score(method, pairs)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gold", nargs=2, type=Path, metavar=("LABELS", "ARTICLES"), help="labelled real articles")
    parser.add_argument("--sharpness", action="store_true", help="compare settings on the calibration part instead")
    arguments = parser.parse_args()
    learn, test = map(settle, split(read_annotations(shipped("annotations") / "statements", BOOK)))
    encoder = amur.load_model().sentence_encoder
    own = [a for a in learn if a.document not in encoder.tuned_on]
    model = fit(own, BOOK, encoder, n_jobs=2)
    seen = scored(own, model.out_of_fold_, model)
    if arguments.sharpness:
        choose_sharpness(seen)
        raise SystemExit
    unseen = scored(test, model.predict_proba(in_places(test)), model)
    tasks = {
        "test part, by article": enough(by_article(unseen)),
        "test part, by source and theme": enough(by_cell(unseen)),
        "test part, shares shifted": list(shifted(unseen)),
    }
    if arguments.gold:
        real = real_articles(*arguments.gold)
        tasks["real articles"] = enough(by_article(scored(real, model.predict_proba(in_places(real)), model)))
    print(f"| off by | {' | '.join(f'{task} ({len(groups)})' for task, groups in tasks.items())} |")
    print("|---" * (len(tasks) + 1) + "|")
    for name, method in METHODS.items():
        cells = (score(method, [(seen, group) for group in groups]) for groups in tasks.values())
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
