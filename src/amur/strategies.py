"""What to annotate next: strategies that choose among candidates, by name in ``STRATEGIES``, all with one signature.

Uncertainty and diversity are scikit-activeml's, which is optional (the extra ``learning``) and imported when used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from amur.codebook import QUESTIONS
from amur.errors import AmurError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_CLUSTERING = {"n_init": 1, "max_iter": 50}


@dataclass(frozen=True, slots=True)
class Pool:
    """What a strategy chooses from, and what is known already.

    Attributes:
        vectors: unit vectors of the candidates, shape (n, dimensions).
        leaning: how far the model leans to yes, shape (n, labels), 0.5 being where its decision turns; None without a
            model.
        labels: names of the questions, then of the themes.
        annotated: unit vectors of statements annotated before, shape (m, dimensions).
        answers: answers given before, shape (k, labels), NaN where unknown.
    """

    vectors: NDArray[np.float32]
    leaning: NDArray[np.float64] | None
    labels: tuple[str, ...]
    annotated: NDArray[np.float32]
    answers: NDArray[np.float64]


class Choice(NamedTuple):
    """A candidate's place in the pool, and why it was chosen."""

    at: int
    reason: str


Strategy = Callable[[Pool, int, np.random.Generator], list[Choice]]
"""Chooses so many candidates of a pool (no more than there are), the most wanted first."""


def choose(pool: Pool, size: int, names: Sequence[str], rng: np.random.Generator) -> list[Choice]:
    """Choose candidates by one strategy, or by several that take turns; see ``check_names`` for what they need."""
    wanted = min(size, len(pool.vectors))
    lists = [STRATEGIES[name](pool, wanted, rng) for name in dict.fromkeys(names)]
    in_turn = (choices[turn] for turn in range(wanted) for choices in lists)
    chosen: dict[int, Choice] = {}
    for choice in in_turn:
        chosen.setdefault(choice.at, choice)
    return list(chosen.values())[:wanted]


def check_names(names: Sequence[str]) -> None:
    """Raise ``AmurError`` unless all of these are strategies, and what they need is installed."""
    unknown = sorted(set(names) - STRATEGIES.keys())
    if unknown or not names:
        msg = f"no such strategy: {', '.join(unknown) or 'none named'}; there are {', '.join(STRATEGIES)}"
        raise AmurError(msg)
    if LIBRARY_NEEDED & set(names):
        _library()


def installed() -> list[str]:
    """The strategies that can be taken here."""
    return [name for name in STRATEGIES if name not in LIBRARY_NEEDED or find_spec("skactiveml")]


def without_model(names: Sequence[str]) -> list[str]:
    """The strategies to take where there is no model yet: diversity for those that ask one."""
    return list(dict.fromkeys("diversity" if name in ASK_A_MODEL else name for name in names))


def at_random(pool: Pool, size: int, rng: np.random.Generator) -> list[Choice]:
    """Any candidates, all as likely."""
    return [Choice(int(at), "drawn at random") for at in rng.permutation(len(pool.vectors))[:size]]


def rare_answers(pool: Pool, size: int, rng: np.random.Generator) -> list[Choice]:
    """Candidates that may be answered yes to the rarer of the two questions, which is mostly friction.

    They are drawn with odds that grow with the square of the leaning: a head that learned from sure ones alone would
    know nothing of the border.
    """
    leaning, (shares, whole) = _leaning(pool), _shares(pool)
    at = int(np.argmin(shares[: len(QUESTIONS)]))
    reason = f"may be {pool.labels[at]}, which is rare: {shares[at]:.0%} of {whole}"
    return [Choice(row, reason) for row in _weighted(leaning[:, at] ** 2, size, rng)]


def scarce_themes(pool: Pool, size: int, rng: np.random.Generator) -> list[Choice]:
    """Candidates that may be about themes of which little is annotated, drawn with odds that grow with the scarcity."""
    first, (shares, whole) = len(QUESTIONS), _shares(pool)
    wanted = _leaning(pool)[:, first:] ** 2 / np.maximum(shares[first:], 1 / (len(pool.answers) + 1))
    themes = first + wanted.argmax(axis=1)
    return [
        Choice(row, f"may be about {pool.labels[themes[row]]}: {shares[themes[row]]:.0%} of {whole}")
        for row in _weighted(wanted.max(axis=1), size, rng)
    ]


def uncertainty(pool: Pool, size: int, rng: np.random.Generator) -> list[Choice]:
    """Candidates of whose two answers the model is unsure: scikit-activeml's margins (Settles 2009), summed.

    They are drawn with odds that grow with the square of the sum. The least sure alone would be much alike.
    """
    scores = _library("pool").uncertainty_scores
    leaning = _leaning(pool)[:, : len(QUESTIONS)]
    margins = np.column_stack(
        [scores(np.column_stack([1 - odds, odds]), method="margin_sampling") for odds in leaning.T]
    )
    drawn = _weighted(margins.sum(axis=1) ** 2, size, rng)
    return [Choice(row, f"the model is unsure of {QUESTIONS[margins[row].argmax()]}") for row in drawn]


def diversity(pool: Pool, size: int, rng: np.random.Generator) -> list[Choice]:
    """Candidates that stand for many, unlike each other and unlike what is annotated: ``TypiClust`` (Hacohen 2022).

    It clusters candidates and annotated statements (for speed, as many of these as are asked for), and takes the most
    typical of each cluster in which nothing is annotated, the largest cluster first.
    """
    library = _library("pool")
    known = pool.annotated[rng.permutation(len(pool.annotated))[:size]]
    vectors = np.concatenate([known, pool.vectors])
    labels = np.r_[np.zeros(len(known)), np.full(len(pool.vectors), np.nan)]
    strategy = library.TypiClust(random_state=int(rng.integers(2**31)), cluster_algo_dict=_CLUSTERING)
    query = strategy.query(vectors, labels, batch_size=size)
    return [Choice(int(at) - len(known), "stands for many that are unlike what is annotated") for at in query]


RANDOM = "random"
DEFAULT = (RANDOM,)

STRATEGIES: dict[str, Strategy] = {
    "rare": rare_answers,
    "themes": scarce_themes,
    "uncertainty": uncertainty,
    "diversity": diversity,
    RANDOM: at_random,
}

ASK_A_MODEL, ASK_THEMES = frozenset({"rare", "themes", "uncertainty"}), frozenset({"themes"})
LIBRARY_NEEDED = frozenset({"uncertainty", "diversity"})


def _leaning(pool: Pool) -> NDArray[np.float64]:
    if pool.leaning is None:
        msg = "this strategy asks a model, and there is none"
        raise AmurError(msg)
    return pool.leaning


def _shares(pool: Pool) -> tuple[NDArray[np.float64], str]:
    """How often each question is answered yes, shape (labels,), and where: by people, or the model where none has."""
    if not len(pool.answers):
        return np.asarray((_leaning(pool) >= 0.5).mean(axis=0)), "these articles, says the model"  # noqa: PLR2004
    known = ~np.isnan(pool.answers)
    return np.asarray((pool.answers == 1).sum(axis=0) / np.maximum(known.sum(axis=0), 1)), "what is annotated"


def _weighted(weights: NDArray[np.float64], size: int, rng: np.random.Generator) -> list[int]:
    """Places drawn without replacement, with these odds (Efraimidis and Spirakis 2006)."""
    keys = np.log(rng.random(len(weights))) / np.maximum(weights, 1e-12)
    return [int(at) for at in np.argsort(-keys)[:size]]


def _library(part: str = "") -> Any:  # noqa: ANN401 (untyped library)
    """Part of scikit-activeml.

    Raises:
        AmurError: it is not installed.
    """
    try:
        return import_module(f"skactiveml.{part}".rstrip("."))
    except ImportError as error:
        msg = "this strategy needs scikit-activeml; install it with `pip install 'amur[learning]'`, or take another"
        raise AmurError(msg) from error
