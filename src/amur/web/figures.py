"""What a corpus adds up to under a filter: tables for charts, each with a sentence that says what it shows."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import pandas as pd

from amur.balances import ALL_THEMES, UNDATED, Groups, balances_of, expected_balances, regroup
from amur.web.data import Corpus, Filter, pick
from amur.web.templating import signed

MOST_SOURCES = 40
"""So many sources, those with most statements, have a row in a chart; files have all."""

Period = Literal["month", "quarter", "year"]
_MOST_POINTS = 36
_ENOUGH = 10
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """A table, and the sentence that it comes to."""

    table: pd.DataFrame
    headline: str


def forget() -> None:
    """Forget what was made of every corpus: for when another one is shown, lest the old one live on here."""
    for made in (heatmap, by_theme, by_source_and_theme, by_source, by_period):
        made.cache_clear()


@lru_cache(maxsize=64)
def heatmap(corpus: Corpus, wanted: Filter) -> Figure:
    """Source by theme without intervals: ``source, theme, statements, matching, balance``.

    ``balance`` is the expected one, NaN where there are too few statements; ``matching`` is how many of ``statements``
    have the filter's stance and confidence.
    """
    groups = regroup(corpus.chosen(wanted.of_balances, themes=True), ["source", "theme"])
    table = groups.counts[["source", "theme", "statements"]].assign(balance=expected_balances(groups))
    table = table.merge(corpus.counts(wanted), on=["source", "theme"], how="left")
    return Figure(table, _say_all_themes(corpus, wanted))


@lru_cache(maxsize=64)
def by_theme(corpus: Corpus, wanted: Filter) -> Figure:
    """Balances by theme with intervals, as ``amur report --by theme`` gives them."""
    table = _told_groups(corpus, corpus.chosen(corpus.over_sources(wanted), themes=True), ["theme"])
    return Figure(table, say_themes(table))


@lru_cache(maxsize=64)
def by_source_and_theme(corpus: Corpus, wanted: Filter) -> Figure:
    """Balances by source and theme with intervals, as ``amur report`` gives them; this takes a while."""
    chosen = corpus.chosen(wanted.of_balances, themes=True)
    return Figure(_told_groups(corpus, chosen, ["source", "theme"]), _say_all_themes(corpus, wanted))


@lru_cache(maxsize=64)
def by_source(corpus: Corpus, wanted: Filter) -> Figure:
    """Balances of the sources with intervals, from convergence to friction."""
    table = _told_groups(corpus, corpus.chosen(wanted.of_balances, themes=False), ["source"])
    table = table.sort_values("balance", ascending=False, ignore_index=True)
    return Figure(table, say_sources(table))


def of_largest(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table that are about the sources with most statements."""
    largest = table.groupby("source")["statements"].max().nlargest(MOST_SOURCES).index
    return table[table["source"].isin(largest)]


@lru_cache(maxsize=64)
def by_period(corpus: Corpus, wanted: Filter, period: Period | None = None) -> Figure:
    """Balances over time with intervals, what was printed before left out where there are several sources."""
    chosen = corpus.chosen(corpus.over_sources(wanted), themes=False)
    by = period or best_period(chosen.counts)
    dated = pick(chosen, (chosen.counts[by] != UNDATED).to_numpy())
    table = _told_groups(corpus, dated, [by]).rename(columns={by: "period"})
    return Figure(table, _say_trend(table))


def best_period(counts: pd.DataFrame) -> Period:
    """The finest period of which there are not too many to read."""
    for period in ("month", "quarter"):
        if counts[period].nunique() <= _MOST_POINTS:
            return period
    return "year"


def _told_groups(corpus: Corpus, chosen: Groups, by: list[str]) -> pd.DataFrame:
    return balances_of(regroup(chosen, by), corpus.errors)


def _say_all_themes(corpus: Corpus, wanted: Filter) -> str:
    """The themes with most convergence and most friction over all sources, of those with some statements."""
    groups = regroup(corpus.chosen(corpus.over_sources(wanted), themes=True), ["theme"])
    themes = groups.counts.assign(balance=expected_balances(groups))
    return say_themes(themes[themes["statements"] >= _ENOUGH])


def say_themes(table: pd.DataFrame) -> str:
    """The themes with most convergence and most friction in a table of ``theme`` and ``balance``."""
    themes = table[table["theme"] != ALL_THEMES].dropna(subset="balance")
    if themes.empty:
        return "Too few statements to tell themes apart"
    themes = themes.sort_values("balance")
    if len(themes) == 1:
        return f"On {themes['theme'].iloc[0]} the balance is {signed(themes['balance'].iloc[0])}"
    (low, lowest), (high, highest) = (
        (str(row["theme"]), float(row["balance"])) for row in (themes.iloc[0], themes.iloc[-1])
    )
    return f"Most convergence on {high} ({signed(highest)}), most friction on {low} ({signed(lowest)})"


def say_sources(table: pd.DataFrame) -> str:
    """How many sources lean which way beyond doubt."""
    told = table.dropna(subset="balance")
    if told.empty:
        return "Too few statements for the balance of any source"
    leaning = {
        "to convergence": told.loc[told["low"] > 0, "source"],
        "to friction": told.loc[told["high"] < 0, "source"],
    }
    parts = [
        f"{_some(names)} {'leans' if len(names) == 1 else 'lean'} {way}" for way, names in leaning.items() if len(names)
    ]
    open_ = len(told) - sum(map(len, leaning.values()))
    if open_:
        parts.append(f"{open_} could lean either way")
    return "; ".join(parts)


def _some(names: "pd.Series[str]") -> str:
    """Some names, or how many they are."""
    listed = names.astype(str).tolist()
    if len(listed) > _NAMED:
        return f"{len(listed)} sources"
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


def _say_trend(table: pd.DataFrame) -> str:
    """From where to where the balance went, and whether that is more than chance."""
    told = table.dropna(subset="balance")
    if len(told) < 2:  # noqa: PLR2004 (a change needs two)
        return "Too few dated statements for a trend"
    first, last = told.iloc[0], told.iloc[-1]
    apart = first["high"] < last["low"] or last["high"] < first["low"]
    verdict = "a clear change" if apart else "which may be chance"
    ends = [f"{signed(end['balance'])} in {end['period']}" for end in (first, last)]
    return f"From {ends[0]} to {ends[1]}, {verdict}"
