"""Annotation replayed: what if a strategy had chosen what to annotate next, batch by batch?

Vectors are made once. After each batch a fresh head a question is fitted on what is annotated so far, and scored on
documents held out; that takes milliseconds, so that each strategy can be replayed several times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression

from amur.codebook import QUESTIONS
from amur.errors import AmurError
from amur.features import WEIGHTS
from amur.learning_curves import Curve
from amur.progress import Progress, ignore
from amur.strategies import ASK_THEMES, Pool, choose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_CANDIDATES = 2000
"""A strategy chooses a batch out of so many statements drawn at random, for speed."""

_HELD_OUT = 0.25
_FEWEST_DOCUMENTS = 8


@dataclass(frozen=True, slots=True)
class Annotated:
    """Annotated statements: unit vectors (n, dimensions), answers (n, labels) with NaN for unknown, documents (n,)."""

    vectors: NDArray[np.float32]
    answers: NDArray[np.float64]
    documents: NDArray[np.str_]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How far and how often to replay: statements annotated at the start, in each batch and in the end; repeats."""

    start: int = 40
    batch: int = 40
    size: int = 640
    repeats: int = 10

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Statements annotated at each point of a curve."""
        return np.arange(self.start, self.size + 1, self.batch)


def replay(
    annotated: Annotated,
    strategies: Mapping[str, Sequence[str]],
    plan: Plan,
    *,
    held_out: NDArray[np.bool_] | None = None,
    n_jobs: int | None = None,
    progress: Progress = ignore,
) -> dict[str, Curve]:
    """Replay strategies on annotations; a repeat has the same start and held-out documents for each of them.

    Args:
        annotated: what somebody annotated.
        strategies: what to draw curves of: a name, and the strategies that take turns (``amur.strategies.choose``).
        plan: how far and how often; it ends before, where the annotations do.
        held_out: the statements to score on, shape (n,), and not to learn from. By default those of a quarter of the
            documents, another quarter in each repeat.
        n_jobs: joblib's number of parallel jobs.
        progress: told how many batches are done.

    Raises:
        AmurError: there are too few documents or statements, or the plan is for fewer than four points.
    """
    documents, place = np.unique(annotated.documents, return_inverse=True)
    masks = [_mask(len(documents), place, repeat) if held_out is None else held_out for repeat in range(plan.repeats)]
    plan = _check(plan, annotated, len(documents), masks)
    jobs = [(name, repeat) for name in strategies for repeat in range(plan.repeats)]
    runs = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_run)(annotated, strategies[name], plan, masks[repeat], repeat) for name, repeat in jobs
    )
    said: dict[str, list[NDArray[np.float32]]] = {name: [] for name in strategies}
    for (name, _), run in zip(jobs, runs, strict=True):
        said[name].append(run)
        progress(len(plan.sizes))
    answers = annotated.answers[:, : len(QUESTIONS)] == 1
    return {name: Curve(plan.sizes, np.array(found), answers, place) for name, found in said.items()}


def _mask(documents: int, place: NDArray[np.int64], repeat: int) -> NDArray[np.bool_]:
    """The statements of a quarter of the documents."""
    order = np.random.default_rng([1, repeat]).permutation(documents)
    return np.isin(place, order[: max(2, round(documents * _HELD_OUT))])


def _check(plan: Plan, annotated: Annotated, documents: int, masks: Sequence[NDArray[np.bool_]]) -> Plan:
    """The plan, cut short where the annotations end."""
    if plan.size < plan.start + 3 * plan.batch:
        msg = (
            f"{plan.size:,} statements are too few for a curve in batches of {plan.batch}: four points must fit in; "
            "take smaller batches (`--batch`), or more statements (`--n`)"
        )
        raise AmurError(msg)
    most = min(int((~mask).sum()) for mask in masks)
    if documents < _FEWEST_DOCUMENTS or most < plan.start + 3 * plan.batch:
        msg = (
            f"{most:,} statements of {documents} documents are too few to replay in batches of {plan.batch} "
            f"from {plan.start} on; annotate more, or take smaller batches (`--batch`)"
        )
        raise AmurError(msg)
    for label, column in zip(QUESTIONS, annotated.answers.T, strict=False):
        if not (column == 1).any():
            msg = f"no statement answers yes to `{label}`; annotate some"
            raise AmurError(msg)
    yes = annotated.answers[:, : len(QUESTIONS)] == 1
    if not any(yes[mask].any(axis=0).all() for mask in masks):
        msg = f"too few documents answer yes to {' and '.join(QUESTIONS)} to score on some; annotate more of them"
        raise AmurError(msg)
    return replace(plan, size=min(plan.size, most))


def _run(
    annotated: Annotated,
    strategies: Sequence[str],
    plan: Plan,
    held_out: NDArray[np.bool_],
    repeat: int,
) -> NDArray[np.float32]:
    """One replay: what the heads say, as in a ``Curve``, shape (points, n, questions)."""
    left = np.random.default_rng([2, repeat]).permutation(np.flatnonzero(~held_out))
    rng = np.random.default_rng([3, repeat])
    known, left = left[: plan.start], left[plan.start :]
    said = np.full((len(plan.sizes), len(held_out), len(QUESTIONS)), np.nan, dtype=np.float32)
    for point, size in enumerate(plan.sizes):
        if size > plan.start:
            chosen = _next(annotated, known, left, strategies, plan.batch, rng)
            known, left = np.concatenate([known, chosen]), left[~np.isin(left, chosen)]
        said[point, held_out] = _leaning(annotated, known, np.flatnonzero(held_out), len(QUESTIONS))
    return said


def _next(
    annotated: Annotated,
    known: NDArray[np.int64],
    left: NDArray[np.int64],
    strategies: Sequence[str],
    batch: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """The statements that strategies choose next."""
    offered = rng.permutation(left)[:_CANDIDATES]
    labels = len(annotated.labels) if ASK_THEMES & set(strategies) else len(QUESTIONS)
    pool = Pool(
        annotated.vectors[offered],
        _leaning(annotated, known, offered, labels),
        annotated.labels[:labels],
        annotated.vectors[known],
        annotated.answers[known, :labels],
    )
    return np.array([offered[choice.at] for choice in choose(pool, batch, strategies, rng)])


def _leaning(
    annotated: Annotated, known: NDArray[np.int64], asked: NDArray[np.int64], labels: int
) -> NDArray[np.float64]:
    """What heads fitted on known statements say of others, shape (asked, labels); 0.5 is where decisions turn.

    The classes weigh alike, or else heads would hardly say yes to what is rare among few. A head that knows one answer
    alone says it.
    """
    vectors, others = (WEIGHTS[0] * annotated.vectors[rows] for rows in (known, asked))
    said = np.empty((len(asked), labels))
    for at, answers in enumerate(annotated.answers[known, :labels].T):
        told = ~np.isnan(answers)
        if len(set(answers[told])) < 2:  # noqa: PLR2004 (yes and no)
            said[:, at] = answers[told][0] if told.any() else 0.0
            continue
        head = LogisticRegression(C=0.1, class_weight="balanced", tol=1e-3, max_iter=200)
        said[:, at] = head.fit(vectors[told], answers[told]).predict_proba(others)[:, 1]
    return said
