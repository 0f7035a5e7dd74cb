"""Balances: counts, groups, intervals, and when there is too little to say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from amur.balances import balances
from amur.errors import AmurError


def table(
    counts: dict[str, int], source: str = "A", date: str = "2024-05-16", themes: tuple[str, ...] = ("trade",)
) -> pd.DataFrame:
    rows = [
        {"document": source, "source": source, "date": date, "stance": stance, "themes": list(themes)}
        for stance, count in counts.items()
        for _ in range(count)
    ]
    return pd.DataFrame(rows)


def test_balance_and_friction_score_count_mixed_on_both_sides() -> None:
    row = balances(table({"convergence": 6, "friction": 2, "mixed": 2, "neutral": 10}), ["source"]).iloc[0]
    assert (row.statements, row.convergence, row.friction, row.mixed, row.neutral) == (20, 6, 2, 2, 10)
    assert row.balance == pytest.approx((8 - 4) / (8 + 4))
    assert row.friction_score == pytest.approx(4 / 12)
    assert -1 <= row.low < row.balance < row.high <= 1


def test_fewer_than_five_one_sided_statements_get_no_number() -> None:
    few = balances(table({"convergence": 3, "friction": 1, "mixed": 9, "neutral": 50}), ["source"]).iloc[0]
    assert np.isnan([few.balance, few.low, few.high, few.friction_score]).all()
    enough = balances(table({"convergence": 3, "friction": 2}), ["source"]).iloc[0]
    assert enough.balance == pytest.approx(0.2)


def test_a_statement_counts_under_each_theme_and_once_under_all() -> None:
    both = pd.concat([table({"friction": 6}, themes=("trade", "energy")), table({"convergence": 6}, themes=())])
    found = balances(both).set_index("theme")["statements"].to_dict()
    assert found == {"all": 12, "energy": 6, "trade": 6}


def test_periods_come_from_dates() -> None:
    both = pd.concat([table({"friction": 5}), table({"friction": 5}, date="2023"), table({"friction": 5}, date="")])
    assert list(balances(both, ["year"])["year"]) == ["2023", "2024", "undated"]
    assert list(balances(both, ["month"])["month"]) == ["2024-05", "undated"]


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(7)
    share, held = 0.6, 0
    for _ in range(200):
        yes = int(generator.binomial(80, share))
        row = balances(table({"convergence": yes, "friction": 80 - yes}), ["source"]).iloc[0]
        held += row.low <= 2 * share - 1 <= row.high
    assert 0.88 <= held / 200 <= 1.0


@pytest.mark.parametrize("by", [[], ["outlet"]])
def test_an_unknown_grouping_is_refused(by: list[str]) -> None:
    with pytest.raises(AmurError, match="source, theme"):
        balances(table({"friction": 5}), by)


def test_no_statements_make_an_empty_table() -> None:
    empty = pd.DataFrame({"document": [], "source": [], "date": [], "stance": [], "themes": []})
    assert len(balances(empty)) == 0
