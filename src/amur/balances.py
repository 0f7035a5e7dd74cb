"""Classified statements to balances: counts of stances by group, their balance, its interval, the friction score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from amur.codebook import STANCES
from amur.errors import AmurError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

GROUPINGS = ("source", "theme", "document", "month", "year")
ALL_THEMES = "all"
FEWEST = 5
"""A group with fewer one-sided statements (convergence or friction) gets no balance: there is too little to say."""

_RESAMPLES = 2000
_SEED = 0


def balances(classified: pd.DataFrame, by: Sequence[str] = ("source", "theme")) -> pd.DataFrame:
    """Aggregate classified statements to balances.

    Args:
        classified: columns ``document, source, date, stance, themes`` (a list), one row a statement.
        by: what to group by, out of ``GROUPINGS``. With ``theme``, a statement counts once under each of its themes,
            and every other group also has a row ``all`` over its statements, with or without themes.

    Returns:
        The ``by`` columns, then ``statements, convergence, friction, mixed, neutral`` (counts), ``balance``
        ((C - F) / (C + F), -1 to 1), ``low, high`` (its 95% bootstrap interval over statements) and ``friction_score``
        (F / (C + F), 0 to 1). C counts the statements that say convergence, F those that say friction; mixed ones
        count in both. NaN where fewer than ``FEWEST`` statements are one-sided.

    Raises:
        AmurError: ``by`` is empty or names an unknown grouping.
    """
    check_grouping(by)
    counts = _count(_with_periods(classified), list(dict.fromkeys(by)))
    numbers = [_balance(row) for row in counts[list(STANCES)].to_numpy()]
    counts[["balance", "low", "high", "friction_score"]] = np.array(numbers, dtype=float).reshape(-1, 4)
    return counts


def check_grouping(by: Sequence[str]) -> None:
    """Raise ``AmurError`` where there is nothing to group by, or an unknown name."""
    unknown = [name for name in by if name not in GROUPINGS]
    if unknown or not by:
        msg = f"cannot group by {', '.join(unknown) or 'nothing'}; use {', '.join(GROUPINGS)}, joined by commas"
        raise AmurError(msg)


def _with_periods(classified: pd.DataFrame) -> pd.DataFrame:
    dates = classified["date"].fillna("").astype(str)
    year = dates.str.extract(r"^(\d{4})", expand=False).fillna("undated")
    month = dates.str.extract(r"^(\d{4}-\d{2})", expand=False).fillna("undated")
    return classified.assign(year=year, month=month)


def _count(statements: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    if "theme" in by:
        under_themes = statements.assign(theme=statements["themes"]).explode("theme").dropna(subset=["theme"])
        statements = pd.concat([statements.assign(theme=ALL_THEMES), under_themes])
    counts = statements.groupby([*by, "stance"], sort=False).size().unstack("stance", fill_value=0)  # noqa: PD010 (counts, not a pivot)
    counts = counts.reindex(columns=list(STANCES), fill_value=0).reset_index()
    counts.columns.name = None
    counts.insert(len(by), "statements", counts[list(STANCES)].sum(axis=1))
    return _in_order(counts, by)


def _in_order(counts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sort by group, ``all`` before the themes, the themes by size."""
    keys = {name: counts[name] for name in by if name != "theme"}
    if "theme" in by:
        keys |= {"_all": counts["theme"] != ALL_THEMES, "_size": -counts["statements"], "_theme": counts["theme"]}
    order = pd.DataFrame(keys).sort_values(list(keys), kind="stable").index
    return counts.loc[order].reset_index(drop=True)


def _balance(counts: NDArray[np.int64]) -> tuple[float, float, float, float]:
    """Balance, low, high and friction score from the counts of the four stances.

    Drawing the statements of a group anew with replacement gives multinomial counts of their stances, so the bootstrap
    (Efron and Tibshirani 1993, percentile interval) needs the counts alone.
    """
    convergence, friction, *_ = counts
    if convergence + friction < FEWEST:
        return (np.nan,) * 4
    total = counts.sum()
    drawn = np.random.default_rng(_SEED).multinomial(total, counts / total, size=_RESAMPLES)
    values = _ratio(drawn)
    low, high = np.nanpercentile(values, [2.5, 97.5])
    balance = float(_ratio(counts[None, :])[0])
    return balance, float(low), float(high), (1 - balance) / 2


def _ratio(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """(C - F) / (C + F) for rows of stance counts, NaN where both are nought."""
    yes, no, both = (counts[:, i].astype(float) for i in range(3))
    sided = yes + no + 2 * both
    with np.errstate(invalid="ignore"):
        return np.asarray((yes - no) / np.where(sided > 0, sided, np.nan))
