"""How often the intervals of balances hold the truth, with and without an audit, in made-up corpora.

python benchmarks/audit.py [--repetitions 1000]

Four sources write articles that lean one way or the other; a classifier answers, with friction too likely everywhere,
and worst in source B. Two kinds of corpora: with friction common, and with friction rare (one statement in fifty in
source D). Each is drawn anew every time, and its audits with it.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit, logit

from amur.balances import FEWEST
from amur.prediction_powered import prediction_powered_balance
from amur.sampling import allocate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

SOURCES = "ABCD"
ARTICLES = (40, 25, 20, 12)
LABELS = (60, 120, 240)
KINDS = {
    "friction common": np.array([[0.35, 0.25], [0.30, 0.25], [0.25, 0.35], [0.40, 0.12]]),
    "friction rare": np.array([[0.30, 0.05], [0.30, 0.08], [0.35, 0.15], [0.40, 0.02]]),
}
"""How often each source says convergence and friction in an article that leans neither way."""

_MANY = 5000
_LEAN = 0.8  # standard deviation between the articles of a source, in logits


class Corpus(NamedTuple):
    """Predictions and true answers (N, 2), and each statement's source and article (N,)."""

    predictions: Floats
    answers: Bools
    source: NDArray[np.int64]
    article: NDArray[np.int64]


def corpus(rng: np.random.Generator, rates: Floats, articles: tuple[int, ...]) -> Corpus:
    """Articles of 5 statements upwards, 23 on average."""
    of_article = np.repeat(np.arange(len(articles)), articles)
    article = np.repeat(np.arange(len(of_article)), 5 + rng.negative_binomial(2, 0.1, len(of_article)))
    source = of_article[article]
    lean = rng.normal(0, _LEAN, len(of_article))[article, None] * [1, -1]
    answers = rng.random((len(article), 2)) < expit(logit(rates[source]) + lean)
    in_b = (source == SOURCES.index("B"))[:, None]
    noise = rng.normal(size=answers.shape) * np.where(in_b, 2.5, 1.2)
    bias = np.where(in_b, [0.0, 2.5], [0.0, 1.5])
    predictions = expit(logit(rates[source]) + 2 * (answers - 0.3) + noise + bias)
    return Corpus(predictions, answers, source, article)


def ratio(answers: Floats | Bools) -> float:
    """The true balance of some statements."""
    convergence, friction = answers.sum(axis=0)
    return float((convergence - friction) / (convergence + friction))


def in_the_long_run(rng: np.random.Generator, rates: Floats) -> list[float]:
    """The balance of what each source writes, and of all in the proportions of the corpora."""
    many = corpus(rng, rates, (_MANY,) * len(SOURCES))
    sums = np.array([many.answers[many.source == place].sum(axis=0) for place in range(len(SOURCES))])
    weighted = sums * np.array(ARTICLES)[:, None]
    return [ratio(weighted), *(ratio(row[None]) for row in sums)]


def naive(predictions: Floats) -> tuple[float, float]:
    """The interval that counting decisions at one half would give, by the bootstrap over statements."""
    stances = np.bincount((predictions > 0.5) @ [1, 2], minlength=4)
    drawn = np.random.default_rng(0).multinomial(len(predictions), stances / len(predictions), size=1000)
    convergence, friction = drawn[:, 1] + drawn[:, 3], drawn[:, 2] + drawn[:, 3]
    low, high = np.percentile((convergence - friction) / (convergence + friction), [2.5, 97.5])
    return float(low), float(high)


def audits(
    rng: np.random.Generator, one: Corpus, domains: list[Bools]
) -> dict[tuple[str, int, int], tuple[float, float]]:
    """Intervals by target, number of labels and group, where there are labels enough for one."""
    sizes = dict(enumerate(np.bincount(one.source).tolist()))
    found = {}
    for labels in LABELS:
        shares = allocate({str(place): size for place, size in sizes.items()}, labels)
        drawn = [rng.choice(np.flatnonzero(one.source == int(place)), n, replace=False) for place, n in shares.items()]
        sampled = np.concatenate(drawn)
        seen = one.answers[sampled]
        for group, domain in enumerate(domains):
            if (seen[:, 0] ^ seen[:, 1])[domain[sampled]].sum() < FEWEST:
                continue
            for target in ("sources", "corpus"):
                _, low, high = prediction_powered_balance(
                    one.predictions, seen, sampled, one.source, one.article, domain, target
                )
                found[target, labels, group] = low, high
    return found


def simulate(rng: np.random.Generator, rates: Floats, repetitions: int) -> dict[tuple[str, int, int], Floats]:
    """For each method, number of labels and group: does it hold the corpus's, the sources' balance; its width."""
    found = defaultdict(list)
    general = in_the_long_run(rng, rates)
    for _ in range(repetitions):
        one = corpus(rng, rates, ARTICLES)
        domains = [np.ones(len(one.source), dtype=bool), *(one.source == place for place in range(len(SOURCES)))]
        intervals = audits(rng, one, domains)
        intervals |= {("naive", 0, group): naive(one.predictions[domain]) for group, domain in enumerate(domains)}
        truths = [ratio(one.answers[domain]) for domain in domains]
        for key, (low, high) in intervals.items():
            here, beyond = truths[key[2]], general[key[2]]
            found[key].append((low <= here <= high, low <= beyond <= high, high - low))
    return {key: np.array(rows, dtype=float) for key, rows in found.items()}


def show(kind: str, found: dict[tuple[str, int, int], Floats], repetitions: int) -> None:
    """Print a line a group and number of labels; each share with its Monte Carlo error."""
    for group, name in enumerate(["all", *SOURCES]):
        holds_naively = _share(found["naive", 0, group][:, 0])
        for labels in LABELS:
            sources, here = found["sources", labels, group], found["corpus", labels, group]
            cells = (
                *(kind, name, labels, f"{len(here) / repetitions:.0%}", holds_naively),
                *(_share(sources[:, 1]), _share(sources[:, 0]), f"{sources[:, 2].mean():.2f}"),
                *(_share(here[:, 0]), f"{here[:, 2].mean():.2f}"),
            )
            print("| " + " | ".join(map(str, cells)) + " |")


def _share(held: Floats) -> str:
    share = held.mean()
    return f"{share:.1%} ± {np.sqrt(share * (1 - share) / len(held)):.1%}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=1000, help="corpora of each kind")
    wanted = parser.parse_args().repetitions
    print(
        "| corpora | group | labels | gets a number | decisions hold the corpus's balance "
        "| audit (sources) holds the sources' | and the corpus's | its width "
        "| audit (corpus) holds the corpus's | its width |"
    )
    print("|" + "---|" * 10)
    for title, often in KINDS.items():
        show(title, simulate(np.random.default_rng(1), often, wanted), wanted)
