"""Quantification: what is learned of a classifier's errors, the correction, and whether its intervals hold."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import expit

from amur.quantification import (
    DRAWS,
    Cells,
    Errors,
    expected_answers,
    learn_errors,
    parse_errors,
    simulate,
    stance_shares,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

CERTAIN = Errors(sharpness=1.0, offset=(0.0, 0.0), drift=(0.0, 0.0), uncertainty=(0.0, 0.0), both=1.0, documents=50)

Corpus = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.int64]"]


def corpus(documents: int, drift: float, seed: int, size: int = 40) -> Corpus:
    """Probabilities, answers and documents, where every document's log odds are off by an offset of its own."""
    generator = np.random.default_rng(seed)
    document = np.repeat(np.arange(documents), size)
    score = generator.normal([-0.5, -1.5], 1.5, size=(documents * size, 2))
    truth = score + drift * generator.normal(size=(documents, 2))[document]
    return expit(score), (generator.random(score.shape) < expit(truth)).astype(float), document


def cells(probabilities: NDArray[np.float64], documents: NDArray[np.int64], errors: Errors) -> Cells:
    """Sums over each document's statements."""
    expected = expected_answers(probabilities, errors)
    sums = [np.bincount(documents, column) for column in (*expected.T, *(expected * (1 - expected)).T)]
    return Cells(
        np.bincount(documents).astype(float),
        np.column_stack(sums[:2]),
        np.column_stack(sums[2:]),
        errors.both * np.bincount(documents, expected.prod(axis=1)).astype(float),
    )


def test_what_is_expected_of_the_documents_learned_from_is_what_they_hold() -> None:
    probabilities, answers, documents = corpus(60, drift=0.7, seed=1)
    errors = learn_errors(probabilities, answers, documents)
    assert expected_answers(probabilities, errors).sum(axis=0) == pytest.approx(answers.sum(axis=0))
    assert errors.documents == 60


def test_more_drift_between_documents_is_seen_as_more() -> None:
    drifts = [learn_errors(*corpus(300, drift=drift, seed=2), sharpness=1.0).drift for drift in (0.0, 0.5, 1.0)]
    assert drifts[0][0] < 0.5 < drifts[2][0]
    assert sorted(drifts) == drifts


def test_more_documents_make_the_offset_surer() -> None:
    few, many = (learn_errors(*corpus(n, drift=0.7, seed=3)).uncertainty for n in (40, 640))
    np.testing.assert_allclose(np.array(few) / np.array(many), 4, rtol=0.5)


def test_probabilities_of_nought_and_one_are_taken() -> None:
    expected = expected_answers(np.array([[0.0, 1.0]]), CERTAIN)
    assert np.isfinite(expected).all()
    assert expected == pytest.approx(np.array([[0.0, 1.0]]), abs=1e-4)


def test_shares_of_stances_add_up_and_are_none_below_nought() -> None:
    generator = np.random.default_rng(4)
    expected = generator.uniform(0, 10, size=(50, 2))
    shares = stance_shares(Cells(np.full(50, 10.0), expected, expected / 2, generator.uniform(0, 10, size=50)))
    assert shares.sum(axis=1) == pytest.approx(1)
    assert (shares >= -1e-12).all()
    assert shares[:, 0] + shares[:, 2] == pytest.approx(expected[:, 0] / 10)


def test_draws_lie_around_what_is_expected() -> None:
    probabilities, answers, documents = corpus(30, drift=0.5, seed=5)
    errors = learn_errors(probabilities, answers, documents)
    articles = cells(probabilities, documents, errors)
    draws = simulate(articles, errors, seed=0)
    assert draws.shape == (DRAWS, 4)
    total = stance_shares(Cells(*(column.sum(axis=0, keepdims=True) for column in articles)))[0]
    np.testing.assert_allclose(draws.mean(axis=0), total, atol=0.02)


def test_draws_spread_less_with_more_articles_and_more_with_drift() -> None:
    probabilities, _, documents = corpus(200, drift=0.0, seed=6)
    drifting = replace(CERTAIN, drift=(1.0, 1.0))

    def spread(articles: int, errors: Errors) -> float:
        rows = documents < articles
        return float(simulate(cells(probabilities[rows], documents[rows], errors), errors, seed=0)[:, 0].std())

    assert spread(200, CERTAIN) < spread(20, CERTAIN) < spread(2, CERTAIN)
    assert spread(20, CERTAIN) < spread(20, drifting)


def test_common_offsets_are_the_same_for_every_group() -> None:
    probabilities, _, documents = corpus(100, drift=0.0, seed=7)
    sure = replace(CERTAIN, uncertainty=(0.5, 0.5))
    first, second = (simulate(cells(probabilities, documents, sure), sure, seed)[:, 0] for seed in (0, 1))
    assert np.corrcoef(first, second)[0, 1] > 0.9


@pytest.mark.parametrize("articles", [1, 8])
def test_intervals_hold_the_truth_of_documents_not_learned_from(articles: int) -> None:
    probabilities, answers, documents = corpus(400, drift=0.8, seed=8)
    old = documents < 80
    errors = learn_errors(probabilities[old], answers[old], documents[old])
    held = []
    for first in range(80, 400 - articles + 1, articles):
        rows = (documents >= first) & (documents < first + articles)
        draws = simulate(cells(probabilities[rows], documents[rows] - first, errors), errors, seed=first)
        low, high = np.percentile(draws[:, 0] + draws[:, 2], [2.5, 97.5])
        held.append(low <= answers[rows, 0].mean() <= high)
    assert np.mean(held) >= 0.9


def test_errors_written_are_the_errors_read() -> None:
    errors = learn_errors(*corpus(20, drift=0.5, seed=9))
    assert parse_errors(asdict(errors)) == errors


@pytest.mark.parametrize("change", [{"offset": [1.0]}, {"drift": "wide"}, {"both": float("nan")}])
def test_broken_errors_are_refused(change: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        parse_errors(asdict(CERTAIN) | change)
