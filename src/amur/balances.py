"""Classified statements to balances: counts of stances by group, and the corrected balance with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from amur.codebook import QUESTIONS, STANCES
from amur.dates import iso_date
from amur.errors import AmurError
from amur.quantification import DRAWS, Cells, Errors, expected_answers, simulate, stance_shares
from amur.voices import VOICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_PERIODS = ("year", "quarter", "month")
GROUPINGS = ("source", "theme", "voice", "document", *reversed(_PERIODS))
ALL_THEMES, UNDATED = "all", "undated"
FEWEST = 5
"""A group with fewer one-sided statements (convergence or friction) gets no balance: there is too little to say."""

SHARES = tuple(f"{stance}_share" for stance in STANCES)
_NEEDED = ("document", "source", "date", "stance", "themes", *QUESTIONS)
"""Columns that balances are made of."""

_VARIANCES = tuple(f"{name}_variance" for name in QUESTIONS)
_SUMS = (*QUESTIONS, *_VARIANCES, "both")


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of statements.

    Attributes:
        counts: a row a group; see ``count_stances``.
        cells: a row an article in a group, in the order of the groups: ``group`` (row of ``counts``) and the sums that
            ``Cells`` has, ``convergence, friction, both, convergence_variance, friction_variance``.
    """

    counts: pd.DataFrame
    cells: pd.DataFrame

    @property
    def told(self) -> NDArray[np.bool_]:
        """Which groups have enough one-sided statements for a balance."""
        return self.counts["raw_balance"].notna().to_numpy()


def balances(
    classified: pd.DataFrame, by: Sequence[str] = ("source", "theme"), *, errors: Errors, n_jobs: int = 1
) -> pd.DataFrame:
    """Aggregate classified statements to balances.

    Args:
        classified: columns ``document, source, date, stance, themes`` (a list), and the probabilities ``convergence``
            and ``friction``, one row a statement; ``voice`` too, where that is in ``by``.
        by: what to group by, out of ``GROUPINGS``. With ``theme``, a statement counts once under each of its themes,
            and every other group also has a row ``all`` over its statements, with or without themes.
        errors: how the classifier errs.
        n_jobs: joblib's number of parallel jobs.

    Returns:
        The ``by`` columns; ``statements``; ``convergence, friction, mixed, neutral``, how many statements were called
        so, and ``raw_balance``, the balance of these counts; ``convergence_share, friction_share, mixed_share,
        neutral_share``, corrected for the classifier's errors; ``balance`` (C - F) / (C + F), from -1 to 1, corrected
        likewise: the median of what it might be, which is off by the least on average, and its 95% interval ``low,
        high``; and ``friction_score`` F / (C + F), 0 to 1. C counts the statements that say convergence, F those that
        say friction; mixed ones count in both. The balances are NaN where fewer than ``FEWEST`` statements were called
        one-sided.

    Raises:
        AmurError: ``by`` is empty or names an unknown grouping.
    """
    return balances_of(group(classified, by, errors), errors, n_jobs)


def balances_of(groups: Groups, errors: Errors, n_jobs: int = 1) -> pd.DataFrame:
    """The balances of groups that are made already; see ``balances``."""
    table = groups.counts.copy()
    table[list(SHARES)] = _corrected(groups)
    draws = draw_balances(groups, errors, n_jobs)
    table["low"], table["balance"], table["high"] = quantiles(draws)
    table["friction_score"] = (1 - table["balance"]) / 2
    return table


def draw_balances(groups: Groups, errors: Errors, n_jobs: int = 1) -> NDArray[np.float64]:
    """Balances of the groups as they might be, shape (groups, ``DRAWS``); NaN where there is too little to say."""
    draws = np.full((len(groups.counts), DRAWS), np.nan)
    ends = np.cumsum(np.bincount(groups.cells["group"], minlength=len(groups.counts)))
    told = np.flatnonzero(groups.told)
    cells = _cells(groups.cells)
    parts = [Cells(*(sums[0 if at == 0 else ends[at - 1] : ends[at]] for sums in cells)) for at in told]
    drawn = Parallel(n_jobs=n_jobs)(delayed(simulate)(part, errors, seed) for seed, part in enumerate(parts))
    for at, shares in zip(told, drawn, strict=True):
        draws[at] = ratio(shares)
    return draws


def quantiles(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Low end of the 95% interval, median and high end of rows of draws, shape (3, rows); NaN where a row has none."""
    found = np.full((3, len(draws)), np.nan)
    told = ~np.isnan(draws).all(axis=1)
    found[:, told] = np.nanpercentile(draws[told], [2.5, 50, 97.5], axis=1)
    return found


def ratio(stances: NDArray[np.float64]) -> NDArray[np.float64]:
    """(C - F) / (C + F) for rows of the four stances' counts or shares, NaN where both are nought."""
    convergence, friction, both, _ = stances.T
    sided = convergence + friction + 2 * both
    with np.errstate(invalid="ignore"):
        return np.asarray((convergence - friction) / np.where(sided > 0, sided, np.nan))


def check_grouping(by: Sequence[str]) -> None:
    """Raise ``AmurError`` where there is nothing to group by, or an unknown name."""
    unknown = [name for name in by if name not in GROUPINGS]
    if unknown or not by:
        msg = f"cannot group by {', '.join(unknown) or 'nothing'}; use {', '.join(GROUPINGS)}, joined by commas"
        raise AmurError(msg)


def check_voices(classified: pd.DataFrame, by: Sequence[str] = ("voice",)) -> None:
    """Raise ``AmurError`` where voices are asked for and not all statements have one."""
    if "voice" in by and not ("voice" in classified and classified["voice"].isin(VOICES).all()):
        msg = (
            "the statements do not say whose words they are, since an older version or model classified them; "
            "classify the articles anew"
        )
        raise AmurError(msg)


def group(classified: pd.DataFrame, by: Sequence[str], errors: Errors) -> Groups:
    """Group statements; see ``balances``."""
    check_grouping(by)
    names = list(dict.fromkeys(by))
    check_voices(classified, by)
    statements = with_periods(classified[[*_NEEDED, *({"voice"} & set(by))]])
    expected = expected_answers(statements[list(QUESTIONS)].to_numpy(dtype=float), errors)
    statements[list(QUESTIONS)] = expected
    statements["both"] = errors.both * expected.prod(axis=1)
    statements[list(_VARIANCES)] = expected * (1 - expected)
    grouped = under_themes(statements) if "theme" in names else statements
    counts = _count(grouped, names)
    return Groups(counts, _sum_cells(grouped, names, counts))


def by_article(classified: pd.DataFrame, errors: Errors) -> Groups:
    """The finest groups, from which ``regroup`` makes others: each article under each of its themes, and under ``all``.

    Args:
        classified: as for ``balances``.
        errors: how the classifier errs.

    Returns:
        Groups by all of ``GROUPINGS`` but the voice, each with one cell, articles in the order of ``classified``.
    """
    groups = group(classified, [name for name in GROUPINGS if name != "voice"], errors)
    place = {document: at for at, document in enumerate(classified["document"].unique())}
    order = groups.counts["document"].map(place).argsort(kind="stable")
    cells = groups.cells.iloc[order].reset_index(drop=True)
    return Groups(groups.counts.iloc[order].reset_index(drop=True), cells.assign(group=np.arange(len(cells))))


def regroup(articles: Groups, by: Sequence[str]) -> Groups:
    """The groups that ``group`` would make out of the statements of some articles.

    Args:
        articles: as ``by_article`` made them, or some rows; where ``by`` names no theme, those under one theme.
        by: as for ``balances``.
    """
    check_grouping(by)
    names = list(by)
    counts = articles.counts.groupby(names, sort=False)[["statements", *STANCES]].sum().reset_index()
    counts = _in_order(_with_raw_balance(counts), names)
    return Groups(counts, _placed(articles.cells.drop(columns="group"), counts, names))


def expected_balances(groups: Groups) -> NDArray[np.float64]:
    """Balances of the expected answers, shape (groups,): at once, without an interval; NaN where there are too few.

    ``balances`` gives the median of what a balance might be, which lies further from nought where statements are few.
    """
    return np.where(groups.told, ratio(_corrected(groups)), np.nan)


def count_stances(classified: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Count the statements of each group: the ``by`` columns, ``statements``, the four stances, ``raw_balance``.

    Raises:
        AmurError: ``by`` is empty or names an unknown grouping.
    """
    check_grouping(by)
    check_voices(classified, by)
    names = list(dict.fromkeys(by))
    statements = with_periods(classified)
    return _count(under_themes(statements) if "theme" in names else statements, names)


def with_periods(classified: pd.DataFrame) -> pd.DataFrame:
    """Statements with the ``month``, ``quarter`` and ``year`` of their dates, ``undated`` where there is none."""
    dates = classified["date"].fillna("").astype(str)
    periods = {date: _periods(date) for date in dates.unique()}
    return classified.assign(
        **{name: dates.map({date: found[at] for date, found in periods.items()}) for at, name in enumerate(_PERIODS)}
    )


def _periods(date: str) -> tuple[str, str, str]:
    """Year, quarter and month of an ISO 8601 date, of which the day and the month may be missing."""
    day = iso_date(date)
    year, month = day[:4], day[5:7]
    if not month:
        return year or UNDATED, UNDATED, UNDATED
    return year, f"{year}-Q{(int(month) + 2) // 3}", f"{year}-{month}"


def under_themes(statements: pd.DataFrame) -> pd.DataFrame:
    """Every statement under the ``theme`` ``all``, and once more under each of its themes."""
    lengths = statements["themes"].str.len().fillna(0).to_numpy(dtype=int)
    themes = [theme for row in statements["themes"] if row is not None for theme in row]
    both = statements.iloc[np.concatenate([np.arange(len(lengths)), np.repeat(np.arange(len(lengths)), lengths)])]
    names = pd.Series([ALL_THEMES] * len(lengths) + themes, dtype=str)  # text also where there is none
    return both.assign(theme=names.array)


def _count(statements: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    counts = statements.groupby([*by, "stance"], sort=False).size().unstack("stance", fill_value=0)  # noqa: PD010 (counts, not a pivot)
    counts = counts.reindex(columns=list(STANCES), fill_value=0).reset_index()
    counts.columns.name = None
    counts.insert(len(by), "statements", counts[list(STANCES)].sum(axis=1))
    return _in_order(_with_raw_balance(counts), by)


def _with_raw_balance(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts with the balance of the counts, where they are enough for one."""
    told = counts["convergence"] + counts["friction"] >= FEWEST
    raw = ratio(counts[list(STANCES)].to_numpy(dtype=float))
    return counts.assign(raw_balance=np.where(told, raw, np.nan))


def _in_order(counts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sort by group, ``all`` before the themes, the themes by size."""
    keys = {name: counts[name] for name in by if name != "theme"}
    if "theme" in by:
        keys |= {"_all": counts["theme"] != ALL_THEMES, "_size": -counts["statements"], "_theme": counts["theme"]}
    order = pd.DataFrame(keys).sort_values(list(keys), kind="stable").index
    return counts.loc[order].reset_index(drop=True)


def _sum_cells(statements: pd.DataFrame, by: list[str], counts: pd.DataFrame) -> pd.DataFrame:
    """Sums over each article's statements in each group, in the order of the groups."""
    keys = list(dict.fromkeys([*by, "document"]))
    grouped = statements.groupby(keys, sort=False)
    cells = grouped[list(_SUMS)].sum().assign(statements=grouped.size()).reset_index()
    return _placed(cells, counts, by)


def _placed(cells: pd.DataFrame, counts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Cells with the ``group`` they are in, in the order of the groups."""
    places = counts[by].assign(group=np.arange(len(counts)))
    return cells.merge(places, on=by).sort_values("group", kind="stable", ignore_index=True)


def _cells(part: pd.DataFrame) -> Cells:
    return Cells(
        part["statements"].to_numpy(dtype=float),
        part[list(QUESTIONS)].to_numpy(),
        part[list(_VARIANCES)].to_numpy(),
        part["both"].to_numpy(),
    )


def _corrected(groups: Groups) -> NDArray[np.float64]:
    """Corrected shares of the four stances in each group, shape (groups, 4)."""
    return stance_shares(_cells(groups.cells.groupby("group")[[*_SUMS, "statements"]].sum()))
