"""Scores to probabilities that hold: of the statements given some probability of a yes, that share should be a yes.

And from probabilities to answers: the threshold from which one is a yes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 10

_FEWEST_OUTCOMES = 10


def platt(scores: NDArray[np.float64], answers: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and offset that turn scores to calibrated log odds."""
    known = ~np.isnan(answers) & ~np.isnan(scores)
    fit = LogisticRegression(C=1e6).fit(scores[known, None], answers[known])
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def platt_jointly(scores: NDArray[np.float64], answers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights that turn the scores of two questions, shape (n, 2) as the answers, to probabilities that agree.

    A multinomial logistic regression over the four outcomes (as in Kull et al. 2019): where a yes to one question makes
    one to the other less likely, two high scores share what there is. Where an outcome is too rare to learn from, each
    question is calibrated alone.

    Returns:
        Shape (outcomes, 3): what the two scores are multiplied by, and what is added, for neither yes, the first, the
        second, both.
    """
    known = ~np.isnan(answers).any(axis=1)
    outcomes = (answers[known] @ (1, 2)).astype(int)
    if np.bincount(outcomes, minlength=4).min() < _FEWEST_OUTCOMES:
        return separately(np.array([platt(*pair) for pair in zip(scores.T, answers.T, strict=True)]))
    fit = LogisticRegression(max_iter=1000).fit(scores[known], outcomes)
    return np.column_stack([fit.coef_, fit.intercept_])


def separately(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The slopes and offsets of two questions, shape (2, 2), as weights of ``platt_jointly`` that say the same."""
    (first, first_offset), (second, second_offset) = weights
    yes = np.array([[first, 0.0, first_offset], [0.0, second, second_offset]])
    return np.vstack([np.zeros(3), yes, yes.sum(axis=0)])


def joint_log_odds(scores: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Calibrated log odds of yes to each of two questions, shape (n, 2), by the weights of ``platt_jointly``."""
    neither, first, second, both = (scores @ weights[:, :2].T + weights[:, 2]).T
    return np.column_stack(
        [
            np.logaddexp(first, both) - np.logaddexp(neither, second),
            np.logaddexp(second, both) - np.logaddexp(neither, first),
        ]
    )


def best_threshold(probabilities: NDArray[np.float64], answers: NDArray[np.float64]) -> float:
    """The threshold for the highest F1, over the rows where the answer is known.

    With calibrated probabilities it is half of that F1 (Lipton et al. 2014), which sways less with the sample than the
    place where the highest F1 was seen.
    """
    known = ~np.isnan(answers)
    order = np.argsort(-probabilities[known], kind="stable")
    yes = answers[known][order]
    f1 = 2 * np.cumsum(yes) / (np.arange(1, len(yes) + 1) + yes.sum())
    return float(f1.max() / 2)


def reliability(probabilities: NDArray[np.float64], answers: NDArray[np.bool_], bins: int = BINS) -> pd.DataFrame:
    """Statements sorted by probability, in bins of equal mass.

    Args:
        probabilities: of a yes, shape (n,).
        answers: the true answers, shape (n,).
        bins: how many; as many as there are statements where those are fewer.

    Returns:
        A row a bin: ``statements``, their mean ``probability``, and ``yes``, the share whose answer is yes.
    """
    order = np.argsort(probabilities, kind="stable")
    rows = [part for part in np.array_split(order, bins) if len(part)]
    return pd.DataFrame(
        {
            "statements": [len(part) for part in rows],
            "probability": [probabilities[part].mean() for part in rows],
            "yes": [answers[part].mean() for part in rows],
        }
    )


def calibration_error(probabilities: NDArray[np.float64], answers: NDArray[np.bool_], bins: int = BINS) -> float:
    """Expected calibration error (Naeini, Cooper and Hauskrecht 2015), from 0 to 1.

    How far the mean probability of a bin is from its share of yes, on average over the statements. The bins hold
    equally many (Nguyen and O'Connor 2015): with bins of equal width most statements would be in the first. A perfectly
    calibrated model has an error above zero too, by chance, and the more so the fewer the statements.

    >>> odds = np.repeat([0.1, 0.8], 10)
    >>> truth = np.arange(20) >= 10
    >>> round(calibration_error(odds, truth, bins=2), 3)
    0.15
    """
    found = reliability(probabilities, answers, bins)
    return float(np.average((found["probability"] - found["yes"]).abs(), weights=found["statements"]))
