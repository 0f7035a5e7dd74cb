"""What scores do not tell of a model: which stance it takes for which, and whether its probabilities hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from amur.calibration import reliability
from amur.codebook import QUESTIONS, STANCES, stance

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

CONFUSION, RELIABILITY = "confusion", "reliability"


def details(
    answered: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]],
) -> dict[str, pd.DataFrame]:
    """Confusion of stances and reliability of probabilities, on each part that a model was scored on.

    Args:
        answered: by part, the right answers, the probabilities and the decisions, each of shape (n, labels).

    Returns:
        ``confusion``: ``part, annotated, said, statements``, see ``confusion``; and ``reliability``: ``part, answer,
        statements, probability, yes``, the bins of ``amur.calibration.reliability`` for convergence and for friction.
    """
    confused = [confusion(truth, said).assign(part=part) for part, (truth, _, said) in answered.items()]
    bins = [
        reliability(odds[:, at], truth[:, at].astype(bool)).assign(part=part, answer=question)
        for part, (truth, odds, _) in answered.items()
        for at, question in enumerate(QUESTIONS)
    ]
    columns = ["part", "answer", "statements", "probability", "yes"]
    return {
        CONFUSION: pd.concat(confused, ignore_index=True)[["part", "annotated", "said", "statements"]],
        RELIABILITY: pd.concat(bins, ignore_index=True)[columns],
    }


def confusion(truth: NDArray[np.float64], said: NDArray[np.bool_]) -> pd.DataFrame:
    """How many statements of each annotated stance were given each stance.

    Args:
        truth: the right answers, shape (n, labels), convergence and friction first.
        said: the decisions, of the same shape.

    Returns:
        ``annotated, said, statements``, a row for each of the sixteen pairs of stances.

    >>> import numpy as np
    >>> right, decided = np.array([[1, 0], [1, 0], [0, 1]]), np.array([[True, False], [True, True], [False, True]])
    >>> found = confusion(right, decided)
    >>> found[found["statements"] > 0].to_numpy().tolist()
    [['convergence', 'convergence', 1], ['convergence', 'mixed', 1], ['friction', 'friction', 1]]
    """
    first = len(QUESTIONS)
    annotated, given = ([stance(*map(bool, row)) for row in rows[:, :first]] for rows in (truth, said))
    pairs = pd.MultiIndex.from_product([STANCES, STANCES], names=["annotated", "said"])
    counts = pd.Series(list(zip(annotated, given, strict=True)), dtype=object).value_counts()
    return counts.reindex(pairs, fill_value=0).rename("statements").reset_index()
