"""From the probabilities of statements to the shares of stances in a group, and how sure one can be of them.

Counting decisions is biased: what a classifier gets wrong one way it does not get wrong as often the other way (Forman
2008). Here the answers expected from calibrated probabilities are summed instead, after a step that draws probabilities
apart, since sums of blurred ones blur groups together. ``benchmarks/balances.py`` holds this against counting and the
usual corrections. Those that take the scores of a class to be the same in every group (ACC, PACC, EMQ) do worse here,
because the encoder reads a statement among its neighbours: the group is in the score already.

An article may read a little off as a whole, so its log odds carry an offset of their own (a random intercept). How far
articles differ, and how sure the calibration is, comes from documents that the classifier has not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from amur.codebook import STANCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SHARPNESS = 3.0
"""What log odds are multiplied by unless told otherwise; chosen in ``benchmarks/balances.py``."""

DRAWS = 500
_FEWEST_OUTCOMES = 20
_CHUNK = 1024
_SEED = 0
_ALMOST = 1e-4
"""Probabilities are written with four decimals, so one of nought may be half of this."""


@dataclass(frozen=True, slots=True)
class Errors:
    """How a classifier errs on documents it has not seen; for convergence, then friction, where there are two.

    Attributes:
        sharpness: what the log odds of probabilities are multiplied by before they are summed.
        offset: added to sharpened log odds, so that the sums of the expected answers are right.
        drift: standard deviation of an article's own offset, in sharpened log odds.
        uncertainty: standard error of ``offset``.
        both: how often both answers are yes, beside how often they would be if they were independent.
        documents: how many documents this was learned from.
    """

    sharpness: float
    offset: tuple[float, float]
    drift: tuple[float, float]
    uncertainty: tuple[float, float]
    both: float
    documents: int


class Cells(NamedTuple):
    """Sums over statements, such as those of an article, or of a group.

    Attributes:
        statements: how many there are, shape (cells,).
        expected: expected answers yes, shape (cells, 2).
        variance: sum of p (1 - p), shape (cells, 2).
        both: expected statements with both answers yes, shape (cells,).
    """

    statements: NDArray[np.float64]
    expected: NDArray[np.float64]
    variance: NDArray[np.float64]
    both: NDArray[np.float64]


def learn_errors(
    probabilities: NDArray[np.float64],
    answers: NDArray[np.float64],
    documents: Sequence[str] | NDArray[np.generic],
    sharpness: float = SHARPNESS,
) -> Errors:
    """Learn how a classifier errs from what it said of documents it had not seen.

    The drift is the part of the squared errors of documents that exceeds what independent statements would give (method
    of moments, as DerSimonian and Laird 1986), the uncertainty a standard error clustered by document.

    Args:
        probabilities: calibrated, out of fold, shape (n, 2).
        answers: the truth, shape (n, 2).
        documents: of each statement, length n.
        sharpness: see ``Errors``.
    """
    log_odds = _sharpen(probabilities, sharpness)
    offset = [_offset(column, yes.sum()) for column, yes in zip(log_odds.T, answers.T, strict=True)]
    expected = expit(log_odds + offset)
    document = np.unique(documents, return_inverse=True)[1]
    residuals = np.array([np.bincount(document, column) for column in (answers - expected).T])
    variances = np.array([np.bincount(document, column) for column in (expected * (1 - expected)).T])
    excess = (residuals**2 - variances).sum(axis=1) / (variances**2).sum(axis=1)
    return Errors(
        sharpness=sharpness,
        offset=_pair(offset),
        drift=_pair(np.sqrt(np.maximum(excess, 0))),
        uncertainty=_pair(np.sqrt((residuals**2).sum(axis=1)) / variances.sum(axis=1)),
        both=float(answers.prod(axis=1).mean() / expected.prod(axis=1).mean()),
        documents=int(document.max()) + 1,
    )


def parse_errors(row: dict[str, Any]) -> Errors:
    """Errors as they were written with ``dataclasses.asdict``.

    Raises:
        KeyError, TypeError, ValueError: a value is missing or is not what it should be.
    """
    pairs = {name: _pair(row[name]) for name in ("offset", "drift", "uncertainty")}
    sharpness, both = float(row["sharpness"]), float(row["both"])
    errors = Errors(sharpness=sharpness, **pairs, both=both, documents=int(row["documents"]))
    if not np.isfinite([sharpness, *errors.offset, *errors.drift, *errors.uncertainty, both]).all():
        msg = "`errors` holds a value that is no finite number"
        raise ValueError(msg)
    return errors


def expected_answers(probabilities: NDArray[np.float64], errors: Errors) -> NDArray[np.float64]:
    """Expected answers, to be summed over a group, from calibrated probabilities, both of shape (n, 2)."""
    return np.asarray(expit(_sharpen(probabilities, errors.sharpness) + np.array(errors.offset)))


def stance_shares(cells: Cells) -> NDArray[np.float64]:
    """Expected shares of the four stances in each cell, shape (cells, 4)."""
    return _stances(cells.expected / cells.statements[:, None], (cells.both / cells.statements)[:, None])


def simulate(cells: Cells, errors: Errors, seed: int) -> NDArray[np.float64]:
    """Shares of the four stances in a group as they might be, shape (``DRAWS``, 4).

    Each draw takes other articles (Bayesian bootstrap: Rubin 1981), gives each an offset of its own, lets its
    statements fall as they may, and gives all of them an offset in common. The common offsets are the same
    for every group, so that they cancel where groups are compared. Where there are many articles, each has fewer
    outcomes of its own to draw from.
    """
    generator = np.random.default_rng([_SEED, seed])
    articles = len(cells.statements)
    outcomes = int(np.clip(4 * DRAWS // articles, _FEWEST_OUTCOMES, DRAWS))
    totals = np.zeros((DRAWS, len(STANCES)))
    for at in range(0, articles, _CHUNK):
        part = Cells(*(column[at : at + _CHUNK] for column in cells))
        shape = (len(part.statements), DRAWS)
        weight = generator.exponential(size=shape) if articles > 1 else np.ones(shape)
        drawn = _draw_articles(part, errors, outcomes, generator)
        chosen = generator.permuted(np.resize(np.arange(outcomes), shape), axis=1)
        rows = np.arange(len(part.statements))[:, None]
        totals += np.einsum("ad,ads->ds", weight * part.statements[:, None], drawn[rows, chosen])
    common = np.random.default_rng(_SEED).normal(size=(DRAWS, 2)) * errors.uncertainty
    return _move(totals / totals.sum(axis=1, keepdims=True), common * _slope(Cells(*(c.sum(axis=0) for c in cells))))


def _draw_articles(cells: Cells, errors: Errors, outcomes: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Shares of the four stances in each article, shape (articles, outcomes, 4)."""
    size = cells.statements[:, None, None]
    mean = _mean(cells)[:, None]
    offset = errors.drift * generator.normal(size=(len(cells.statements), outcomes, 2))
    shares = expit(logit(mean) + _slope(cells)[:, None] * offset)
    shares *= mean / shares.mean(axis=1, keepdims=True)  # offsets shall not move the middle
    both = cells.both[:, None, None] / size / mean.prod(axis=2, keepdims=True) * shares.prod(axis=2, keepdims=True)
    odds = np.maximum(_stances(np.minimum(shares, 1 - _ALMOST), both), 0)
    odds /= odds.sum(axis=2, keepdims=True)
    return np.asarray(generator.multinomial(cells.statements[:, None].astype(int), odds) / size)


def _mean(cells: Cells) -> NDArray[np.float64]:
    """Expected shares of the two answers."""
    return np.clip(cells.expected / cells.statements[..., None], _ALMOST, 1 - _ALMOST)


def _slope(cells: Cells) -> NDArray[np.float64]:
    """How far the log odds of a share move with an offset of its statements' log odds: each moves by p (1 - p)."""
    mean = _mean(cells)
    return np.asarray(cells.variance / (cells.statements[..., None] * mean * (1 - mean)))


def _move(stances: NDArray[np.float64], offset: NDArray[np.float64]) -> NDArray[np.float64]:
    """Stances' shares, shape (n, 4), after an offset to the log odds of the two answers, (n, 2)."""
    answers = np.clip(stances[:, :2] + stances[:, 2:3], 0, 1)
    moved = expit(logit(answers) + offset)  # what none or all of the statements say stays so
    factor = np.divide(moved, answers, out=np.ones_like(moved), where=answers > 0)
    return _stances(moved, stances[:, 2:3] * factor.prod(axis=1, keepdims=True))


def _stances(answers: NDArray[np.float64], both: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of the four stances, shape (..., 4), from those of the answers, (..., 2), and of both, (..., 1)."""
    total = answers.sum(axis=-1, keepdims=True)
    both = np.clip(both, np.maximum(total - 1, 0), answers.min(axis=-1, keepdims=True))
    return np.concatenate([answers - both, both, 1 - total + both], axis=-1)


def _sharpen(probabilities: NDArray[np.float64], sharpness: float) -> NDArray[np.float64]:
    return np.asarray(sharpness * logit(np.clip(probabilities, _ALMOST / 2, 1 - _ALMOST / 2)))


def _offset(log_odds: NDArray[np.float64], yes: float) -> float:
    """What to add to log odds so that as many yes are expected as there are."""
    return float(brentq(lambda offset: expit(log_odds + offset).sum() - yes, -50, 50))


def _pair(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, float]:
    first, second = (float(value) for value in values)
    return first, second
