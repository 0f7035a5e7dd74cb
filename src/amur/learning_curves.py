"""Learning curves: how a score grows with the annotations, which curve lies above, and what more of them would bring.

The score is the mean average precision of the questions: the area under the curve of precision and recall, which needs
no threshold. Every interval comes from drawing held-out documents and repeats anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.integrate import trapezoid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_BLOCKS = "▁▂▃▄▅▆▇█"
_RESAMPLES = 300
_POWERS = np.arange(0.1, 1.05, 0.1)


@dataclass(frozen=True)
class Curve:
    """Scores after each batch of annotations, several times over.

    Attributes:
        sizes: how many statements were annotated, shape (points,).
        said: the heads' scores of statements, shape (repeats, points, n, questions); NaN where a repeat did not hold
            the statement out.
        answers: the right answers, True or False, shape (n, questions).
        documents: the document of each statement by number, from 0, shape (n,).
    """

    sizes: NDArray[np.int64]
    said: NDArray[np.float32]
    answers: NDArray[np.bool_]
    documents: NDArray[np.int64]

    @cached_property
    def seen(self) -> NDArray[np.float64]:
        """Mean average precision at each point, over the repeats, shape (points,)."""
        return np.asarray(np.nanmean(self._precision(np.ones((1, self._count)))[0], axis=0))

    @cached_property
    def resampled(self) -> NDArray[np.float64]:
        """The same for documents and repeats drawn anew, shape (resamples, points); curves of one run share draws.

        A repeat counts where what it held out and was drawn holds a yes to each question; a draw, where a repeat does.
        """
        rng, repeats = np.random.default_rng(0), len(self.said)
        drawn = rng.multinomial(self._count, np.full(self._count, 1 / self._count), size=_RESAMPLES)
        again = rng.multinomial(repeats, np.full(repeats, 1 / repeats), size=_RESAMPLES)
        precision = self._precision(drawn.astype(float))
        counts = again[:, :, None] * ~np.isnan(precision)
        told = counts.sum(axis=1).all(axis=1)
        return np.asarray((counts * np.nan_to_num(precision))[told].sum(axis=1) / counts[told].sum(axis=1))

    @property
    def _count(self) -> int:
        return int(self.documents.max()) + 1

    def _precision(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean average precision by repeat and point, with weights of the documents, shape (draws, repeats, points)."""
        found = np.empty((len(weights), *self.said.shape[:2]))
        for repeat, points in enumerate(self.said):
            held_out = np.flatnonzero(~np.isnan(points[0, :, 0]))
            by_statement = weights[:, self.documents[held_out]].astype(np.float32)
            for at, said in enumerate(points):
                scores = average_precision(said[held_out], self.answers[held_out], by_statement)
                found[:, repeat, at] = scores.mean(axis=1)
        return found


def average_precision(
    said: NDArray[np.float32], answers: NDArray[np.bool_], weights: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Average precision of scores, for several weightings of the statements at once.

    It is the mean, over the statements that are yes, of the precision down to each of them. Where scores are alike, the
    statement that comes first goes first.

    Args:
        said: scores, shape (n, questions).
        answers: the right answers, shape (n, questions).
        weights: shape (draws, n).

    Returns:
        Shape (draws, questions); NaN where nothing is yes.
    """
    found = np.full((len(weights), said.shape[1]), np.nan)
    for at, (scores, yes) in enumerate(zip(said.T, answers.T, strict=True)):
        order = np.argsort(-scores, kind="stable")
        drawn = weights[:, order]
        right = drawn * yes[order]
        precision = np.cumsum(right, axis=1) / np.maximum(np.cumsum(drawn, axis=1), 1e-12)
        told = right.sum(axis=1) > 0
        found[told, at] = (precision * right).sum(axis=1)[told] / right.sum(axis=1)[told]
    return found


class Estimate(NamedTuple):
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float


def summary(curves: Mapping[str, Curve], baseline: str) -> pd.DataFrame:
    """One row a strategy: what its curve comes to, how it compares with another, and what more of it would bring.

    Returns:
        ``strategy, statements, precision, area, difference, low, high, worth, worth_low, worth_high, curve``: mean
        average precision at the end of so many statements; area under the curve, a mean; that minus the baseline's,
        with its 95% interval; what another 200 annotations would add in the end, with an interval; and the curve as a
        line of blocks.
    """
    lowest, highest = (float(end(np.concatenate([c.seen for c in curves.values()]))) for end in (np.min, np.max))
    rows = []
    for name, curve in curves.items():
        ahead = Estimate(np.nan, np.nan, np.nan) if name == baseline else advantage(curve, curves[baseline])
        more = worth(curve)
        rows.append(
            {
                "strategy": name,
                "statements": int(curve.sizes[-1]),
                "precision": float(curve.seen[-1]),
                "area": float(area(curve.sizes, curve.seen)),
                "difference": ahead.value,
                "low": ahead.low,
                "high": ahead.high,
                "worth": more.value,
                "worth_low": more.low,
                "worth_high": more.high,
                "curve": sparkline(curve.seen, lowest, highest),
            }
        )
    return pd.DataFrame(rows)


def points(curves: Mapping[str, Curve]) -> pd.DataFrame:
    """Every point of every curve: ``strategy, statements, precision, low, high``."""
    return pd.DataFrame(
        [
            {"strategy": name, "statements": int(size), "precision": at.value, "low": at.low, "high": at.high}
            for name, curve in curves.items()
            for size, at in zip(curve.sizes, level(curve), strict=True)
        ]
    )


def sparkline(values: NDArray[np.float64], lowest: float, highest: float) -> str:
    """Numbers as a line of blocks.

    >>> sparkline(np.array([0.0, 0.5, 1.0]), 0.0, 1.0)
    '▁▄█'
    """
    steps = (values - lowest) / max(highest - lowest, 1e-12) * (len(_BLOCKS) - 1)
    return "".join(_BLOCKS[int(step)] for step in steps)


def level(curve: Curve) -> list[Estimate]:
    """Mean average precision at each point, with intervals."""
    return _estimates(curve.seen, curve.resampled)


def advantage(curve: Curve, other: Curve) -> Estimate:
    """Area under a curve minus that under another of the same sizes, as a mean difference.

    Both are read on the same draws of documents and repeats, so that what is hard for both does not widen the interval.
    """
    drawn = area(curve.sizes, curve.resampled) - area(curve.sizes, other.resampled)
    seen = area(curve.sizes, curve.seen) - area(curve.sizes, other.seen)
    return _estimates(np.array([seen]), drawn[:, None])[0]


def area(sizes: NDArray[np.int64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area under curves of shape (..., points) by the trapezoidal rule, divided by its width: a mean."""
    return np.asarray(trapezoid(scores, sizes, axis=-1) / (sizes[-1] - sizes[0]))


def worth(curve: Curve, more: int = 200) -> Estimate:
    """What another ``more`` annotations would add to mean average precision after the end of the curve, by a power law.

    Its interval says how surely the end of the curve is known, and not whether the law holds beyond it.
    """
    at = np.array([curve.sizes[-1], curve.sizes[-1] + more])
    gains = [extrapolate(curve.sizes, scores, at) for scores in (curve.seen[None], curve.resampled)]
    seen, drawn = (gain[:, 1] - gain[:, 0] for gain in gains)
    return _estimates(seen, drawn[:, None])[0]


def extrapolate(sizes: NDArray[np.int64], scores: NDArray[np.float64], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Carry curves of shape (curves, points) on to other sizes, shape (curves, sizes).

    To the second half of the points the inverse power law score(n) = a - b / n**c is fitted by least squares (Figueroa
    et al. 2012; Viering and Loog 2023), with a at most 1, b at least 0 and c out of 0.1, 0.2, ... 1. Where no such
    curve rises, the score stays at the mean.
    """
    half = len(sizes) // 2
    end, scores = sizes[half:].astype(float), scores[:, half:]
    carried = np.repeat(scores.mean(axis=1)[:, None], len(at), axis=1)
    best = ((scores - scores.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    for power in _POWERS:
        columns = np.column_stack([np.ones(len(end)), -(end**-power)])
        a, b = np.linalg.lstsq(columns, scores.T, rcond=None)[0]
        error = ((scores.T - columns @ np.array([a, b])) ** 2).sum(axis=0)
        better = (error < best) & (a <= 1) & (b >= 0)
        best[better] = error[better]
        carried[better] = a[better, None] - b[better, None] * at.astype(float) ** -power
    return carried


def _estimates(seen: NDArray[np.float64], drawn: NDArray[np.float64]) -> list[Estimate]:
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return [Estimate(*map(float, row)) for row in zip(seen, low, high, strict=True)]
