"""Balances: counts, corrected shares, groups, intervals, and when there is too little to say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from amur.balances import Groups, balances, balances_of, by_article, expected_balances, regroup
from amur.errors import AmurError
from amur.quantification import Errors

SURE = Errors(sharpness=1.0, offset=(0.0, 0.0), drift=(0.0, 0.0), uncertainty=(0.0, 0.0), both=1.0, documents=50)
DRIFTING = Errors(sharpness=1.0, offset=(0.0, 0.0), drift=(1.0, 1.0), uncertainty=(0.2, 0.2), both=1.0, documents=50)
ODDS = {"convergence": (0.999, 0.001), "friction": (0.001, 0.999), "mixed": (0.999, 0.999), "neutral": (0.001, 0.001)}


def table(
    counts: dict[str, int],
    source: str = "A",
    date: str = "2024-05-16",
    themes: tuple[str, ...] = ("trade",),
    articles: int = 1,
) -> pd.DataFrame:
    rows = [
        {"source": source, "date": date, "stance": name, "themes": list(themes)}
        | dict(zip(("convergence", "friction"), ODDS[name], strict=True))
        for name, count in counts.items()
        for _ in range(count)
    ]
    found = pd.DataFrame(rows)
    return found.assign(document=[f"{source}-{at % articles}" for at in range(len(found))])


def test_balance_and_friction_score_count_mixed_on_both_sides() -> None:
    counts = {"convergence": 6, "friction": 2, "mixed": 2, "neutral": 10}
    row = balances(table(counts), ["source"], errors=SURE).iloc[0]
    assert (row.statements, row.convergence, row.friction, row.mixed, row.neutral) == (20, 6, 2, 2, 10)
    assert row.raw_balance == pytest.approx((8 - 4) / (8 + 4))
    assert row.balance == pytest.approx(row.raw_balance, abs=0.005)
    assert row.friction_score == pytest.approx(4 / 12, abs=0.005)
    assert [row[f"{name}_share"] * 20 for name in counts] == pytest.approx([6, 2, 2, 10], abs=0.05)
    assert -1 <= row.low < row.balance < row.high <= 1


def test_the_balance_is_corrected_as_the_errors_say() -> None:
    doubtful = table({"convergence": 2000, "friction": 2000}).assign(convergence=0.5, friction=0.5)
    leaning = Errors(
        sharpness=1.0, offset=(1.0, -1.0), drift=(0.0, 0.0), uncertainty=(0.0, 0.0), both=0.5, documents=50
    )
    row = balances(doubtful, ["source"], errors=leaning).iloc[0]
    assert row.raw_balance == 0
    assert row.balance == pytest.approx(np.tanh(0.5), abs=0.02)


def test_fewer_than_five_one_sided_statements_get_no_number() -> None:
    few = balances(table({"convergence": 3, "friction": 1, "mixed": 9, "neutral": 50}), ["source"], errors=SURE).iloc[0]
    assert np.isnan([few.balance, few.raw_balance, few.low, few.high, few.friction_score]).all()
    enough = balances(table({"convergence": 3, "friction": 2}), ["source"], errors=SURE).iloc[0]
    assert enough.balance == pytest.approx(0.2, abs=0.005)


def test_a_statement_counts_under_each_theme_and_once_under_all() -> None:
    both = pd.concat([table({"friction": 6}, themes=("trade", "energy")), table({"convergence": 6}, themes=())])
    found = balances(both, errors=SURE).set_index("theme")["statements"].to_dict()
    assert found == {"all": 12, "energy": 6, "trade": 6}


def test_periods_come_from_dates() -> None:
    days = ("2024-05-16", "2023", "", "2024-13-01", "2024-02-31", "May 2024", "2024-1", "2024-5-16", "2024-12-1")
    dated = pd.concat([table({"friction": 5}, date=date) for date in days])
    assert list(balances(dated, ["year"], errors=SURE)["year"]) == ["2023", "2024", "undated"]
    assert list(balances(dated, ["quarter"], errors=SURE)["quarter"]) == ["2024-Q2", "undated"]
    months = balances(dated, ["month"], errors=SURE)
    assert dict(zip(months["month"], months["statements"], strict=True)) == {"2024-05": 5, "undated": 40}


@pytest.mark.parametrize("date", ["2024-11", "2024-11-30", "20241130", "2024-11-30T23:59Z", "2024-11-30 08:00"])
def test_a_month_is_read_with_and_without_day_and_time(date: str) -> None:
    found = balances(table({"friction": 5}, date=date), ["year", "quarter", "month"], errors=SURE).iloc[0]
    assert (found.year, found.quarter, found.month) == ("2024", "2024-Q4", "2024-11")


def test_the_interval_is_wider_where_articles_drift_and_narrower_over_many() -> None:
    counts = {"convergence": 90, "friction": 60, "neutral": 90}

    def width(errors: Errors, articles: int) -> float:
        doubtful = table(counts, articles=articles).replace({0.999: 0.8, 0.001: 0.2})
        row = balances(doubtful, ["source"], errors=errors).iloc[0]
        return float(row.high - row.low)

    assert width(SURE, 1) < width(DRIFTING, 30) < width(DRIFTING, 3)


def test_more_jobs_give_the_same_table() -> None:
    both = pd.concat([table({"convergence": 9, "friction": 4}, source=name, articles=3) for name in "ABC"])
    one, two = (balances(both, errors=DRIFTING, n_jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize("by", [[], ["outlet"]])
def test_an_unknown_grouping_is_refused(by: list[str]) -> None:
    with pytest.raises(AmurError, match="source, theme"):
        balances(table({"friction": 5}), by, errors=SURE)


def test_no_statements_make_an_empty_table() -> None:
    empty = table({"friction": 1}).iloc[:0]
    assert len(balances(empty, errors=SURE)) == 0


@pytest.mark.parametrize("by", [["source"], ["source", "theme"], ["theme", "year"], ["month"]])
def test_groups_made_out_of_articles_are_those_made_out_of_statements(by: list[str]) -> None:
    said = pd.concat(
        [
            table({"convergence": 9, "friction": 5}, "A", "2024-05-16", ("trade", "energy"), articles=3),
            table({"convergence": 3, "friction": 8, "mixed": 2}, "B", "2023-01-02", ("trade",), articles=2),
        ],
        ignore_index=True,
    ).sort_values("document", ignore_index=True)
    articles = by_article(said, DRIFTING)
    if "theme" not in by:
        under_all = (articles.counts["theme"] == "all").to_numpy()
        articles = Groups(articles.counts[under_all], articles.cells[under_all])
    groups = regroup(articles, by)
    pd.testing.assert_frame_equal(balances_of(groups, DRIFTING), balances(said, by, errors=DRIFTING))
    quick = pd.Series(expected_balances(groups))
    assert (quick - balances(said, by, errors=SURE)["balance"]).abs().max() < 0.1
