"""Balances from a classifier's answers and a random sample of labels; they hold whatever the classifier gets wrong.

What the statements of a group say is estimated from all predictions, then corrected by how far the labels of a random
sample are from their predictions. That is the difference estimator of survey sampling (Särndal, Swensson and Wretman
1992, Model Assisted Survey Sampling, chapter 6); with a fitted weight on the predictions it is PPI++ (Angelopoulos,
Duchi and Zrnic 2023, arXiv:2311.01453), here for a sample drawn within strata, from statements that come in articles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy.stats import t as student

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

Target = Literal["sources", "corpus"]
"""What the interval is for: what the sources write, of which the corpus holds some articles; or the corpus itself."""

_LEVEL = 0.95
_TINY = 1e-12
_AXES = np.array([[1.0, -1.0], [1.0, 1.0]])  # from (C, F) to (C - F, C + F)


class Totals(NamedTuple):
    """How many statements say convergence and friction: ``counts`` (2,), ``covariance`` (2, 2), its ``freedom``."""

    counts: Floats
    covariance: Floats
    freedom: int


def prediction_powered_balance(
    predictions: Floats,
    labels: Bools,
    sampled: Ints,
    stratum: Ints,
    cluster: Ints,
    domain: Bools,
    target: Target = "sources",
) -> tuple[float, float, float]:
    """Balance of a group of statements, and its 95% interval.

    Args:
        predictions: (N, 2), the probabilities of convergence and friction of every statement of the corpus.
        labels: (n, 2), the true answers of the sampled statements.
        sampled: (n,), their rows in ``predictions``, drawn at random without replacement within each stratum.
        stratum: (N,), codes from 0 without a gap, each with a sampled statement, with two where it holds two.
        cluster: (N,), codes of articles from 0 without a gap, an article lying within one stratum.
        domain: (N,), which statements belong to the group.
        target: with ``sources``, the interval takes the articles of each stratum for draws from what the source writes;
            with ``corpus``, it is for these articles alone, and narrower.

    Returns:
        Balance (C - F) / (C + F), low and high, in [-1, 1]; NaN where none of the group is sampled, or nothing is
        estimated to say either.
    """
    if not domain[sampled].any():
        return (np.nan,) * 3
    if np.ptp(cluster[domain]) == 0:
        target = "corpus"  # a group of one article is about that article
    inside = domain[:, None]
    imputed = inside * predictions * power(predictions, labels, sampled, stratum)
    answers = inside[sampled] * labels.astype(float)
    totals = prediction_powered_totals(imputed, answers, sampled, stratum, cluster, domain, target)
    return _balance(_within_reach(totals, answers, domain, sampled, target))


def power(predictions: Floats, labels: Bools, sampled: Ints, stratum: Ints) -> Floats:
    """The weight of the predictions of each question, (2,) in [0, 1]: 0 leaves the labels alone, 1 is plain PPI.

    It makes the estimated variance of the total over the corpus least (the power tuning of PPI++, with the variance
    of a stratified sample). One weight serves all groups: fitted to a few labels it would follow their noise, and so
    the totals of the sources add up to that of the corpus.
    """
    at = stratum[sampled]
    scale = _sampling_scale(stratum, sampled)[at]
    about = _centred(predictions[sampled], at)
    covariance = scale @ (about * _centred(labels.astype(float), at))
    variance = scale @ about**2
    weight = np.divide(covariance, variance, out=np.zeros(2), where=variance > _TINY)
    return np.asarray(weight.clip(0, 1))


def prediction_powered_totals(
    imputed: Floats,
    answers: Floats,
    sampled: Ints,
    stratum: Ints,
    cluster: Ints,
    domain: Bools,
    target: Target = "sources",
) -> Totals:
    """How many statements of a group say convergence and friction, with the covariance of the two.

    Args:
        imputed: (N, 2), weighted predictions, 0 outside the group.
        answers: (n, 2), the true answers of the sampled statements, 0 outside the group.
        sampled: as for ``prediction_powered_balance``, and so all that follow.
        stratum: (N,).
        cluster: (N,).
        domain: (N,), with a sampled statement at least.
        target: where the corpus alone is meant, or a group has one article of a source, nothing but the draw of the
            audit varies (stratified sampling without replacement). Else articles vary as well, and the variance is
            that between them (as of a cluster sample): of their imputed totals with the correction of the sampled.
    """
    at, seen = stratum[sampled], sampled[domain[sampled]]
    shift, residuals = _shift(answers - imputed[sampled], sampled, stratum, domain)
    mean = _sums(residuals, at) / np.bincount(at)[:, None]
    about, fitted = residuals - mean[at], imputed + domain[:, None] * shift + mean[stratum]
    alone = _articles(cluster[domain], stratum[domain], len(mean)) < 2  # noqa: PLR2004 (no spread without two)
    alone |= target == "corpus"
    drawn = about * np.sqrt(_sampling_scale(stratum, sampled) * alone)[at, None]
    varied = _article_spread(fitted, about, sampled, stratum, cluster) * ~alone[_home(stratum, cluster), None]
    statements = np.bincount(stratum[seen], minlength=len(mean))
    units = np.where(alone, statements, _articles(cluster[seen], stratum[seen], len(mean)))
    return Totals(fitted.sum(axis=0), drawn.T @ drawn + varied.T @ varied, int(np.maximum(units - 1, 0).sum()))


def _shift(differences: Floats, sampled: Ints, stratum: Ints, domain: Bools) -> tuple[Floats, Floats]:
    """How far the labels of a group are from its predictions on average, (2,), and what is left of each, (n, 2).

    How many statements of a group are in the sample is chance, how many it has is known. The mean difference times the
    latter is the ratio estimator of a domain's total (Särndal, Swensson and Wretman 1992, chapter 10), free of that
    chance; what is left, scaled alike, are its linearised residuals, 0 outside the group.
    """
    inside = domain[sampled]
    weights = inside * (np.bincount(stratum) / np.bincount(stratum[sampled]))[stratum[sampled]]
    shift = np.asarray(weights @ differences / weights.sum())
    return shift, inside[:, None] * (differences - shift) * (domain.sum() / weights.sum())


def _article_spread(fitted: Floats, about: Floats, sampled: Ints, stratum: Ints, cluster: Ints) -> Floats:
    """What each article adds to the spread of the totals, (articles, 2): its total less the mean of its stratum's.

    An article's total is its fitted answers and the residuals sampled from it, each for the statements it stands for.
    """
    at, home = stratum[sampled], _home(stratum, cluster)
    size, taken, articles = np.bincount(stratum), np.bincount(at), np.bincount(home)
    stands_for = size / taken * np.sqrt(taken / np.maximum(taken - 1, 1))  # the root makes up for the fitted mean
    totals = _sums(fitted, cluster)
    np.add.at(totals, cluster[sampled], about * stands_for[at, None])
    few = np.sqrt(articles / np.maximum(articles - 1, 1))
    return _centred(totals, home) * few[home, None]


def _sampling_scale(stratum: Ints, sampled: Ints) -> Floats:
    """For each stratum, what turns a sum of squares about the sample mean into the variance of the estimated total.

    N² (1 - n / N) / n / (n - 1), Cochran 1977, Sampling Techniques, theorem 2.2.
    """
    size, taken = np.bincount(stratum), np.bincount(stratum[sampled])
    return np.asarray(size * (size - taken) / taken / np.maximum(taken - 1, 1))


def _within_reach(totals: Totals, answers: Floats, domain: Bools, sampled: Ints, target: Target) -> Totals:
    """Totals that agree with the labels seen, with room for the answer that none of them happens to give.

    No total is below the number of yes among the labels, or above what their no leaves. Without a yes the variance
    would be nought, and one more label could still move the balance; so it is taken at one yes more than was seen
    (the score interval of a Poisson count k has the variance k + 1.96² / 4). Labels of a whole corpus leave no room.
    """
    yes, seen, size = answers.sum(axis=0), int(domain[sampled].sum()), int(domain.sum())
    counts = totals.counts.clip(yes, size - seen + yes)
    one = size / seen
    room = one * (one - (target == "corpus"))
    return Totals(counts, totals.covariance + np.eye(2) * room, totals.freedom)


def _balance(totals: Totals) -> tuple[float, float, float]:
    """The ratio of C - F to C + F and its interval after Fieller (1954, JRSS B 16), at Student's t.

    All ratios R at which C - F - R (C + F) is no further from 0 than chance allows; anything from -1 to 1 where C + F
    itself may be 0.
    """
    difference, both = _AXES @ totals.counts
    if both <= 0:
        return np.nan, np.nan, np.nan
    chance = student.ppf((1 + _LEVEL) / 2, max(totals.freedom, 1)) ** 2 * (_AXES @ totals.covariance @ _AXES.T)
    ratio = float(difference / both)
    square, middle, rest = both**2 - chance[1, 1], difference * both - chance[0, 1], difference**2 - chance[0, 0]
    if square <= 0:
        return ratio, -1.0, 1.0
    root = np.sqrt(max(middle**2 - square * rest, 0.0))
    low, high = (middle - root) / square, (middle + root) / square
    return ratio, float(max(min(low, ratio), -1.0)), float(min(max(high, ratio), 1.0))  # rounding must not part them


def _sums(values: Floats, codes: Ints) -> Floats:
    """Sums of the rows of each code, (codes, columns)."""
    return np.stack([np.bincount(codes, column) for column in values.T], axis=1)


def _centred(values: Floats, codes: Ints) -> Floats:
    return np.asarray(values - (_sums(values, codes) / np.bincount(codes)[:, None])[codes])


def _home(stratum: Ints, cluster: Ints) -> Ints:
    """The stratum of each article."""
    home = np.zeros(int(cluster.max()) + 1, dtype=np.int64)
    home[cluster] = stratum
    return home


def _articles(cluster: Ints, stratum: Ints, strata: int) -> Ints:
    """How many articles there are in each stratum."""
    _, first = np.unique(cluster, return_index=True)
    return np.bincount(stratum[first], minlength=strata)
