"""Comparisons: differences between groups, pairs by chance, and changes of level over time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from amur.comparisons import PERMUTATIONS, compare, level_changes
from amur.errors import AmurError
from amur.quantification import Errors

ERRORS = Errors(sharpness=1.0, offset=(0.0, 0.0), drift=(0.5, 0.5), uncertainty=(0.2, 0.2), both=1.0, documents=50)


def corpus(shares: dict[str, float], articles: int = 12, size: int = 20, seed: int = 0) -> pd.DataFrame:
    """Sources whose one-sided statements say convergence with a given share; articles are a month apart."""
    generator = np.random.default_rng(seed)
    rows = [
        {
            "source": source,
            "document": f"{source}-{at}",
            "date": f"{2020 + at // 12}-{at % 12 + 1:02}-15",
            "share": share,
        }
        for source, share in shares.items()
        for at in range(articles)
        for _ in range(size)
    ]
    table = pd.DataFrame(rows)
    yes = generator.random(len(table)) < table["share"]
    odds = np.where(yes, 0.95, 0.05)
    stances = np.where(yes, "convergence", "friction")
    themes = pd.Series([["trade"]] * len(table))
    return table.assign(convergence=odds, friction=1 - odds, stance=stances, themes=themes)


def test_two_sources_that_differ_are_told_apart_and_two_alike_are_not() -> None:
    apart = compare(corpus({"A": 0.8, "B": 0.3}), "source", ["A", "B"], errors=ERRORS).iloc[0]
    assert 0 < apart.low < apart.difference < apart.high
    assert apart.difference == pytest.approx(1.0, abs=0.2)
    assert apart.p < 0.001
    alike = compare(corpus({"A": 0.5, "B": 0.5}), "source", ["A", "B"], errors=ERRORS).iloc[0]
    assert alike.low < 0 < alike.high
    assert alike.p > 0.05


def test_the_order_of_the_names_gives_the_sign() -> None:
    row = compare(corpus({"A": 0.8, "B": 0.3}), "source", ["B", "A"], errors=ERRORS).iloc[0]
    assert (row["first"], row["second"]) == ("B", "A")
    assert row.high < 0


def test_all_pairs_are_judged_together() -> None:
    found = compare(corpus(dict.fromkeys("ABCDE", 0.5) | {"F": 0.9}), "source", errors=ERRORS)
    assert len(found) == 15
    assert (found["q"] >= found["p"]).all()
    different = found[found["q"] < 0.05]
    assert len(different) == 5
    assert set(different["second"]) == {"F"}


@pytest.mark.parametrize(
    ("names", "reason"), [(["A", "C"], "there are A, B"), (["A", "A"], "two different"), (["A"], "two different")]
)
def test_a_comparison_that_cannot_be_made_says_why(names: list[str], reason: str) -> None:
    with pytest.raises(AmurError, match=reason):
        compare(corpus({"A": 0.5, "B": 0.5}), "source", names, errors=ERRORS)


def test_all_themes_together_are_not_compared_with_one_of_them() -> None:
    table = corpus({"A": 0.5, "B": 0.5})
    table["themes"] = [["trade"] if source == "A" else ["energy"] for source in table["source"]]
    found = compare(table, "theme", errors=ERRORS)
    assert found[["first", "second"]].to_numpy().tolist() == [["energy", "trade"]]
    assert len(compare(table.replace({"source": {"A": "all"}}), "source", errors=ERRORS)) == 1


def test_a_group_with_too_little_to_say_is_not_compared() -> None:
    both = pd.concat([corpus({"A": 0.5}), corpus({"B": 0.5}, articles=1, size=4)])
    with pytest.raises(AmurError, match="too few"):
        compare(both, "source", ["A", "B"], errors=ERRORS)
    with pytest.raises(AmurError, match="fewer than two"):
        compare(both, "source", errors=ERRORS)


def test_an_unknown_grouping_is_refused() -> None:
    with pytest.raises(AmurError, match="cannot compare by mood"):
        compare(corpus({"A": 0.5}), "mood", errors=ERRORS)


def test_a_change_of_level_is_dated_and_sure() -> None:
    before, after = corpus({"A": 0.8}), corpus({"A": 0.3})
    after = after.assign(document=after["document"] + "-later", date=after["date"].str.replace("2020", "2021"))
    row = level_changes(pd.concat([before, after]), errors=ERRORS).iloc[0]
    assert row["date"] == "2021-01-15"
    assert row["before"] > 0.4
    assert row["after"] < 0
    assert row["articles"] == 24
    assert row["p"] == 1 / (PERMUTATIONS + 1)


def test_a_level_that_stays_is_seldom_taken_for_a_change() -> None:
    found = [level_changes(corpus({"A": 0.5}, seed=seed), errors=ERRORS)["p"].iloc[0] for seed in range(40)]
    assert np.mean(np.array(found) < 0.1) <= 0.25


def test_changes_are_looked_for_in_each_group() -> None:
    two = pd.concat([corpus({"A": 0.5}), corpus({"B": 0.5}, articles=3)])
    found = level_changes(two, ["source"], errors=ERRORS).set_index("source")
    assert found["articles"].to_dict() == {"A": 12, "B": 3}
    assert found["p"].notna().to_dict() == {"A": True, "B": False}
    assert list(level_changes(two, ["theme"], errors=ERRORS)["theme"]) == ["all", "trade"]


def test_articles_without_a_date_are_left_out() -> None:
    undated = corpus({"A": 0.5}).assign(date="2024")
    assert level_changes(undated, errors=ERRORS)["articles"].iloc[0] == 0
    with pytest.raises(AmurError, match="source, theme or both"):
        level_changes(undated, ["month"], errors=ERRORS)
