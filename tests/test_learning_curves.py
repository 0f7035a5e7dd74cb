"""Learning curves: areas, differences and forecasts against figures known beforehand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from amur.learning_curves import Curve, advantage, area, average_precision, extrapolate, level, points, summary, worth

SIZES = np.arange(20, 401, 20)
RNG = np.random.default_rng(0)
ANSWERS = RNG.random((300, 2)) < 0.3
DOCUMENTS = np.repeat(np.arange(30), 10)


def curve(skill: float, seed: int = 0) -> Curve:
    """Scores that know the answers the better, the more is annotated; half of the documents held out each time."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(6, len(SIZES), *ANSWERS.shape))
    said = noise + skill * np.sqrt(SIZES / 400)[:, None, None] * ANSWERS
    for repeat in range(6):
        said[repeat][:, np.isin(DOCUMENTS, rng.permutation(30)[:15])] = np.nan
    return Curve(SIZES, said.astype(np.float32), ANSWERS, DOCUMENTS)


def test_average_precision_is_scikit_learns() -> None:
    said = RNG.normal(size=(300, 2)).astype(np.float32) + ANSWERS
    weights = np.array([np.ones(300), RNG.integers(0, 4, 300)])
    found = average_precision(said, ANSWERS, weights)
    for draw in (0, 1):
        for at in (0, 1):
            expected = average_precision_score(ANSWERS[:, at], said[:, at], sample_weight=weights[draw])
            assert found[draw, at] == pytest.approx(expected)


def test_a_curve_scores_what_each_repeat_held_out() -> None:
    one = curve(2.0)
    held_out = ~np.isnan(one.said[:, 0, :, 0])
    expected = [
        average_precision_score(ANSWERS[rows, at], one.said[repeat, -1, rows, at])
        for repeat, rows in enumerate(held_out)
        for at in (0, 1)
    ]
    assert held_out.sum(axis=1).tolist() == [150] * 6
    assert one.seen[-1] == pytest.approx(np.mean(expected))
    at = level(one)[-1]
    assert at.value == pytest.approx(one.seen[-1])
    assert at.low < at.value < at.high


def test_the_area_is_a_mean() -> None:
    assert area(np.array([0, 10, 40]), np.array([0.0, 1.0, 1.0])) == pytest.approx(35 / 40)


def test_a_curve_that_lies_above_is_told_from_one_that_does_not() -> None:
    base = curve(2.0)
    ahead, even = advantage(curve(2.6, seed=1), base), advantage(curve(2.0, seed=2), base)
    assert 0 < ahead.low < ahead.value < ahead.high
    assert even.low < 0 < even.high
    assert advantage(base, base) == (0, 0, 0)


def test_the_forecast_finds_a_power_law_again() -> None:
    at = np.array([400, 600, 2000])
    carried = extrapolate(SIZES, np.asarray(0.8 - 2 * SIZES**-0.4, dtype=np.float64)[None], at)
    assert carried[0] == pytest.approx(0.8 - 2 * at**-0.4, abs=1e-6)
    assert extrapolate(SIZES, np.full((1, len(SIZES)), 0.4), at)[0] == pytest.approx(0.4)
    falling = extrapolate(SIZES, np.linspace(0.5, 0.4, len(SIZES))[None], at)[0]
    assert falling == pytest.approx(np.full(3, falling[0]))


def test_what_more_is_worth_is_read_off_the_end_of_the_curve() -> None:
    whole, cut = curve(2.6), curve(2.6)
    cut = Curve(SIZES[:10], cut.said[:, :10], ANSWERS, DOCUMENTS)
    more = worth(cut, 200)
    assert 0 < more.value < 2 * (whole.seen[-1] - whole.seen[9])
    assert 0 <= more.low <= more.value <= more.high


def test_tables_say_the_same_as_the_curves() -> None:
    curves = {"random": curve(2.0), "rare": curve(2.6, seed=1)}
    table: dict[Any, Any] = summary(curves, "random").set_index("strategy").T.to_dict()
    assert table["rare"]["low"] > 0
    assert np.isnan(table["random"]["difference"])
    assert "█" in table["rare"]["curve"]
    assert "█" not in table["random"]["curve"]
    assert len(table["random"]["curve"]) == len(SIZES)
    listed = points(curves)
    assert len(listed) == 2 * len(SIZES)
    assert (listed["low"] <= listed["high"]).all()
    assert listed["precision"].iloc[-1] == pytest.approx(table["rare"]["precision"])


def test_a_draw_without_a_yes_says_nothing_rather_than_nought() -> None:
    said = ANSWERS.astype(np.float32)
    assert np.isnan(average_precision(said, ANSWERS, np.zeros((1, 300)))).all()
    few = DOCUMENTS < 4
    held_out = np.array([DOCUMENTS[few] < 2, DOCUMENTS[few] >= 2])  # of two repeats
    faultless = np.where(held_out[:, None, :, None], said[few], np.nan).repeat(len(SIZES), axis=1)
    assert level(Curve(SIZES, faultless, ANSWERS[few], DOCUMENTS[few]))[-1] == (1.0, 1.0, 1.0)
