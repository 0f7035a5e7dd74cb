"""Calibration errors: small where probabilities hold, and as large as they are off where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from amur.calibration import calibration_error, reliability
from amur.classifier import StanceClassifier
from amur.training import score_table


def test_bins_hold_equally_many_statements_in_the_order_of_their_probability() -> None:
    odds = np.random.default_rng(0).beta(1, 8, 1000)
    bins = reliability(odds, np.zeros(1000, dtype=bool), bins=8)
    assert bins["statements"].tolist() == [125] * 8
    assert bins["probability"].is_monotonic_increasing
    assert np.average(bins["probability"], weights=bins["statements"]) == pytest.approx(odds.mean())


def test_fewer_statements_than_bins_make_a_bin_each() -> None:
    assert reliability(np.array([0.2, 0.9]), np.array([False, True]))["yes"].tolist() == [0, 1]


def test_probabilities_that_hold_have_next_to_no_error() -> None:
    chance = np.random.default_rng(0)
    odds = chance.beta(1, 3, 50_000)
    assert calibration_error(odds, chance.random(50_000) < odds) < 0.01


@pytest.mark.parametrize("off", [0.05, 0.2])
def test_the_error_is_how_far_they_are_off(off: float) -> None:
    chance = np.random.default_rng(0)
    odds = chance.uniform(0, 0.7, 50_000)
    assert calibration_error(odds + off, chance.random(50_000) < odds) == pytest.approx(off, abs=0.01)


def test_scores_tell_the_error_of_each_answer_and_the_means() -> None:
    model = StanceClassifier(labels=("convergence", "friction", "trade", "energy"))
    model.thresholds_ = np.full(4, 0.5)
    chance = np.random.default_rng(0)
    odds = chance.uniform(0, 0.8, (20_000, 4))
    truth = (chance.random(odds.shape) < odds).astype(float)
    told = odds + np.array([0, 0.1, 0.2, 0.1])
    scores = score_table(truth, told, model, ["d"] * len(odds)).set_index("answer")["ece"]
    expected = {"convergence": 0, "friction": 0.1, "trade": 0.2, "energy": 0.1, "stance": 0.05, "themes": 0.15}
    assert scores.to_dict() == pytest.approx(expected, abs=0.012)
