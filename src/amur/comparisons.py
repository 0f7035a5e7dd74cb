"""Do two groups differ? Did a level change? Differences of balances with their intervals, and how sure they are."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm

from amur.balances import (
    ALL_THEMES,
    GROUPINGS,
    UNDATED,
    Groups,
    draw_balances,
    group,
    quantiles,
    under_themes,
    with_periods,
)
from amur.codebook import QUESTIONS
from amur.errors import AmurError
from amur.quantification import expected_answers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from amur.quantification import Errors

PERMUTATIONS = 1999
FEWEST_ARTICLES = 5
"""A change of level is looked for where at least so many articles stand on each side."""

_SEED = 0


def compare(
    classified: pd.DataFrame, by: str, names: Sequence[str] = (), *, errors: Errors, n_jobs: int = 1
) -> pd.DataFrame:
    """Differences of balance between groups: of two by name, or of all pairs.

    Args:
        classified: as for ``amur.balances.balances``.
        by: one grouping: source, theme, voice, document, month, quarter or year.
        names: the two groups; all pairs of groups with a balance where none is named.
        errors: how the classifier errs.
        n_jobs: joblib's number of parallel jobs.

    Returns:
        ``first, second``; ``difference``, first balance less second, with its 95% interval ``low, high``; ``p``,
        two-sided, from the difference over its standard error; and ``q``, that of Benjamini and Hochberg (1995) over
        all rows: among the rows with q below 0.05 no more than one in twenty is expected to be a chance find.

    Raises:
        AmurError: a group does not exist or has too few one-sided statements, or there are not two.
    """
    if by not in GROUPINGS:
        msg = f"cannot compare by {by}; use one of {', '.join(GROUPINGS)}"
        raise AmurError(msg)
    groups = group(classified, [by], errors)
    known = groups.counts[by].astype(str)
    apart = groups.told & ~known.isin([UNDATED, *([ALL_THEMES] if by == "theme" else [])]).to_numpy()
    pairs = [_find(names, known, groups, by)] if names else list(combinations(np.flatnonzero(apart), 2))
    if not pairs:
        msg = f"fewer than two groups by {by} have enough one-sided statements to compare; give more articles"
        raise AmurError(msg)
    draws = draw_balances(groups, errors, n_jobs)
    first, second = np.array(pairs).T
    differences = draws[first] - draws[second]
    low, middle, high = quantiles(differences)
    spread = np.maximum(np.nanstd(differences, axis=1), np.finfo(float).tiny)
    p = 2 * norm.sf(np.abs(np.nanmean(differences, axis=1)) / spread)
    return pd.DataFrame(
        {
            "first": known.to_numpy()[first],
            "second": known.to_numpy()[second],
            "difference": middle,
            "low": low,
            "high": high,
            "p": p,
            "q": false_discovery_control(p),
        }
    )


def _find(names: Sequence[str], known: pd.Series[str], groups: Groups, by: str) -> tuple[int, int]:
    """Rows of the two groups named."""
    rows = []
    for name in names:
        found = np.flatnonzero(known == name)
        if not len(found):
            few = ", ".join(known[:20])
            msg = f"no {by} is called {name!r}; there are {few}"
            raise AmurError(msg)
        if not groups.told[found[0]]:
            msg = f"too few one-sided statements for {name!r} to compare it; give more of its articles"
            raise AmurError(msg)
        rows.append(int(found[0]))
    if len(rows) != 2 or rows[0] == rows[1]:  # noqa: PLR2004 (a pair)
        msg = "name two different groups to compare, or none for all pairs"
        raise AmurError(msg)
    return rows[0], rows[1]


def level_changes(classified: pd.DataFrame, by: Sequence[str] = (), *, errors: Errors) -> pd.DataFrame:
    """Look, in each group, for the one date at which the balance most likely changed its level.

    Every date between two articles is tried; the statistic is the difference of the balances on either side, over its
    standard error with articles as clusters, at its largest. Its p value is the share of random orders of the articles
    in which it is at least as large (a permutation test, exact if articles are exchangeable where nothing changed;
    Good 2005).

    Args:
        classified: as for ``amur.balances.balances``.
        by: source, theme or both; without any, all statements are one group.
        errors: how the classifier errs.

    Returns:
        The ``by`` columns; ``articles`` with a date; ``date``, the first of the new level; ``before`` and ``after``,
        the two balances; ``p``; and ``q``, that of Benjamini and Hochberg (1995) over all groups. All but ``articles``
        are missing where fewer than ``FEWEST_ARTICLES`` articles stand on either side of every date.

    Raises:
        AmurError: ``by`` names another grouping.
    """
    if set(by) - {"source", "theme"}:
        msg = f"cannot look for changes by {', '.join(by)}; use source, theme or both"
        raise AmurError(msg)
    statements = under_themes(classified) if "theme" in by else classified
    groups = statements.groupby(list(by)) if by else [((), statements)]
    rows = [dict(zip(by, names, strict=True)) | _level_change(part, errors) for names, part in groups]
    table = pd.DataFrame(rows, columns=[*by, "articles", "date", "before", "after", "p"])
    tested = table["p"].notna()
    table.loc[tested, "q"] = false_discovery_control(table.loc[tested, "p"]) if tested.any() else np.nan
    return table.sort_values([*by, "p"], ignore_index=True)


def _level_change(statements: pd.DataFrame, errors: Errors) -> dict[str, object]:
    articles = _dated_articles(statements, errors)
    dates, answers = articles["date"].to_numpy(), articles[list(QUESTIONS)].to_numpy()
    splits = np.arange(FEWEST_ARTICLES, len(dates) - FEWEST_ARTICLES + 1)
    splits = splits[dates[splits - 1] != dates[splits]]
    if not len(splits):
        return {"articles": len(dates)}
    generator = np.random.default_rng(_SEED)
    seen = np.abs(_contrasts(answers, splits))
    at = int(splits[seen.argmax()])
    as_large = sum(
        np.abs(_contrasts(generator.permutation(answers), splits)).max() >= seen.max() for _ in range(PERMUTATIONS)
    )
    return {
        "articles": len(dates),
        "date": str(dates[at]),
        "before": _balance(answers[:at]),
        "after": _balance(answers[at:]),
        "p": (as_large + 1) / (PERMUTATIONS + 1),
    }


def _dated_articles(classified: pd.DataFrame, errors: Errors) -> pd.DataFrame:
    """Articles with a date in their order: ``date`` and the expected answers to both questions."""
    dated = with_periods(classified)
    dated = dated[dated["month"] != UNDATED]
    expected = expected_answers(dated[list(QUESTIONS)].to_numpy(dtype=float), errors)
    sums = dated.assign(**dict(zip(QUESTIONS, expected.T, strict=True))).groupby("document", sort=False)
    return sums.agg({"date": "first"} | dict.fromkeys(QUESTIONS, "sum")).sort_values("date", kind="stable")


def _contrasts(answers: NDArray[np.float64], splits: NDArray[np.int64]) -> NDArray[np.float64]:
    """Balance before less balance after each split, over its standard error, for articles' answers of shape (n, 2)."""
    difference, total = answers[:, 0] - answers[:, 1], answers.sum(axis=1)
    parts = []
    for sign in (1, -1):  # before the split, then after it, counted from the end
        at = (splits if sign == 1 else len(total) - splits) - 1
        d, t, dd, dt, tt = (
            np.cumsum(column[::sign])[at] for column in (difference, total, difference**2, difference * total, total**2)
        )
        balance = d / t
        parts.append((balance, (dd - 2 * balance * dt + balance**2 * tt) / t**2))
    (before, variance), (after, other) = parts
    return np.asarray((before - after) / np.sqrt(np.maximum(variance + other, 1e-12)))


def _balance(answers: NDArray[np.float64]) -> float:
    convergence, friction = answers.sum(axis=0)
    return float((convergence - friction) / (convergence + friction))
