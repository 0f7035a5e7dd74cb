"""Calibration errors: small where probabilities hold, and as large as they are off where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from amur.calibration import calibration_error, joint_log_odds, platt, platt_jointly, reliability
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


def two_questions(both: float) -> tuple[np.ndarray, np.ndarray]:
    """Scores of two questions, and answers that are both yes ``both`` times as often as if they were independent."""
    chance = np.random.default_rng(0)
    scores = chance.normal(-1, 2, (40_000, 2))
    first, second = expit(scores).T
    outcomes = np.column_stack([(1 - first) * (1 - second), first * (1 - second), (1 - first) * second, first * second])
    outcomes[:, 3] *= both
    outcomes /= outcomes.sum(axis=1, keepdims=True)
    drawn = (chance.random((len(scores), 1)) > outcomes.cumsum(axis=1)[:, :3]).sum(axis=1)
    return scores, np.column_stack([drawn & 1, drawn >> 1]).astype(float)


def each_alone(scores: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Log odds of each question calibrated by itself."""
    slopes, offsets = np.array([platt(*pair) for pair in zip(scores.T, answers.T, strict=True)]).T
    return np.asarray(scores * slopes + offsets)


def test_two_questions_that_exclude_each_other_are_calibrated_together() -> None:
    scores, answers = two_questions(both=0.1)
    together = expit(joint_log_odds(scores, platt_jointly(scores, answers)))
    alone = expit(each_alone(scores, answers))
    torn = (scores > 1).all(axis=1)
    assert together[torn].mean(axis=0) == pytest.approx(answers[torn].mean(axis=0), abs=0.02)
    assert (alone[torn].mean(axis=0) > answers[torn].mean(axis=0) + 0.1).all()
    assert ((together - answers) ** 2).mean() < ((alone - answers) ** 2).mean() - 0.005


def test_two_questions_that_are_independent_are_calibrated_as_each_alone() -> None:
    scores, answers = two_questions(both=1)
    odds = joint_log_odds(scores, platt_jointly(scores, answers))
    np.testing.assert_allclose(odds, each_alone(scores, answers), atol=0.2)


def test_each_question_is_calibrated_alone_where_an_outcome_is_too_rare() -> None:
    scores, answers = two_questions(both=1)
    never_both = np.flatnonzero(~answers.all(axis=1))[:500]
    scores, answers = scores[never_both], answers[never_both]
    odds = joint_log_odds(scores, platt_jointly(scores, answers))
    np.testing.assert_allclose(odds, each_alone(scores, answers), atol=1e-9)


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
