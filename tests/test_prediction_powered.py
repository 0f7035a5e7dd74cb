"""Prediction-powered balances: unbiased, as narrow as the classifier is good, and right about how far they may be off."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from amur.prediction_powered import power, prediction_powered_balance, prediction_powered_totals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Corpus(NamedTuple):
    """Three sources of articles; friction is overrated by far, most of all in the second."""

    predictions: Floats
    answers: NDArray[np.bool_]
    stratum: NDArray[np.int64]
    cluster: NDArray[np.int64]


def corpus(rng: np.random.Generator, articles: tuple[int, ...] = (30, 15, 10)) -> Corpus:
    home = np.repeat(np.arange(len(articles)), articles)
    cluster = np.repeat(np.arange(len(home)), rng.integers(5, 30, len(home)))
    stratum = home[cluster]
    lean = rng.normal(0, 0.15, len(home))[cluster]
    answers = rng.random((len(cluster), 2)) < np.stack([0.35 + lean, 0.25 - lean], axis=1)
    wrong = np.stack([np.zeros(len(cluster)), np.where(stratum == 1, 0.6, 0.3)], axis=1)
    predictions = (0.2 + 0.3 * answers + wrong + rng.normal(0, 0.15, answers.shape)).clip(0, 1)
    return Corpus(predictions, answers, stratum, cluster)


def draw(rng: np.random.Generator, stratum: NDArray[np.int64], share: float) -> NDArray[np.int64]:
    sizes = np.bincount(stratum)
    rows = [
        rng.choice(np.flatnonzero(stratum == h), max(2, round(share * n)), replace=False) for h, n in enumerate(sizes)
    ]
    return np.concatenate(rows)


def true_balance(answers: NDArray[np.bool_]) -> float:
    yes, no = answers.sum(axis=0)
    return float((yes - no) / (yes + no))


def everything(one: Corpus) -> NDArray[np.bool_]:
    return np.ones(len(one.stratum), dtype=bool)


def test_balances_are_unbiased_with_a_terrible_classifier() -> None:
    rng = np.random.default_rng(11)
    one = corpus(rng)
    domain = one.cluster % 3 > 0
    values = []
    for _ in range(400):
        rows = draw(rng, one.stratum, 0.2)
        values.append(
            prediction_powered_balance(one.predictions, one.answers[rows], rows, one.stratum, one.cluster, domain)[0]
        )
    said = one.predictions[domain].sum(axis=0)
    assert abs((said[0] - said[1]) / said.sum() - true_balance(one.answers[domain])) > 0.3
    assert abs(np.mean(values) - true_balance(one.answers[domain])) < 3 * np.std(values) / np.sqrt(400)


def test_totals_with_a_weight_set_beforehand_are_unbiased_and_their_variance_is_right() -> None:
    rng = np.random.default_rng(12)
    one = corpus(rng)
    counts, variances = [], []
    for _ in range(1000):
        rows = draw(rng, one.stratum, 0.15)
        found = prediction_powered_totals(
            0.7 * one.predictions,
            one.answers[rows].astype(float),
            rows,
            one.stratum,
            one.cluster,
            everything(one),
            "corpus",
        )
        counts.append(found.counts)
        variances.append(np.diag(found.covariance))
    spread = np.std(counts, axis=0)
    assert (abs(np.mean(counts, axis=0) - one.answers.sum(axis=0)) < 3 * spread / np.sqrt(1000)).all()
    assert np.mean(variances, axis=0) == pytest.approx(spread**2, rel=0.12)


def test_a_perfect_classifier_narrows_the_interval_and_a_constant_one_does_not() -> None:
    rng = np.random.default_rng(13)
    one = corpus(rng)
    rows = draw(rng, one.stratum, 0.15)

    def width(predictions: Floats) -> float:
        design = (rows, one.stratum, one.cluster, everything(one))
        _, low, high = prediction_powered_balance(predictions, one.answers[rows], *design, "corpus")
        return high - low

    labels_only, perfect = width(np.full(one.answers.shape, 0.5)), width(one.answers.astype(float))
    assert perfect < 0.5 * labels_only
    assert width(one.predictions) < labels_only


def test_predictions_that_say_nothing_get_no_weight_and_leave_the_stratified_estimate() -> None:
    rng = np.random.default_rng(14)
    one = corpus(rng)
    rows = draw(rng, one.stratum, 0.2)
    labels, at = one.answers[rows], one.stratum[rows]
    for useless in (
        np.full(one.answers.shape, 0.9),
        (~one.answers).astype(float),
    ):  # a constant, and the contrary of the truth
        assert power(useless, labels, rows, one.stratum).tolist() == [0, 0]
        found, *_ = prediction_powered_balance(useless, labels, rows, one.stratum, one.cluster, everything(one))
        yes, no = sum((one.stratum == h).sum() * labels[at == h].mean(axis=0) for h in range(3))
        assert found == pytest.approx((yes - no) / (yes + no))
    noise = power(rng.random(one.answers.shape), labels, rows, one.stratum)
    assert noise.max() < 0.25
    assert power(one.answers.astype(float), labels, rows, one.stratum) == pytest.approx([1, 1])


def test_totals_of_sources_add_up_to_that_of_the_corpus() -> None:
    rng = np.random.default_rng(15)
    one = corpus(rng)
    rows = draw(rng, one.stratum, 0.1)
    imputed = one.predictions * power(one.predictions, one.answers[rows], rows, one.stratum)

    def total(domain: NDArray[np.bool_]) -> Floats:
        answers = domain[rows, None] * one.answers[rows].astype(float)
        found = prediction_powered_totals(domain[:, None] * imputed, answers, rows, one.stratum, one.cluster, domain)
        return found.counts

    assert sum(total(one.stratum == h) for h in range(3)) == pytest.approx(total(everything(one)))


def test_labels_that_never_say_friction_still_leave_room_for_it() -> None:
    answers = np.tile([True, False], (200, 1))
    flat = np.full((200, 2), 0.5)
    stratum, cluster, domain = np.zeros(200, int), np.arange(200) // 10, np.ones(200, bool)
    balance, low, high = prediction_powered_balance(
        flat, answers[::10], np.arange(0, 200, 10), stratum, cluster, domain
    )
    assert (balance, high) == (1, 1)
    assert 0.6 < low < 0.95  # none of 20: up to 15% friction cannot be ruled out, or a balance of 0.7


def test_labels_of_a_whole_corpus_settle_it_but_not_what_its_sources_write() -> None:
    answers = np.tile([True, False], (50, 1))
    design = (np.arange(50), np.zeros(50, int), np.arange(50) // 10, np.ones(50, bool))
    assert prediction_powered_balance(answers.astype(float), answers, *design, "corpus") == (1, 1, 1)
    balance, low, high = prediction_powered_balance(answers.astype(float), answers, *design, "sources")
    assert low < balance == high == 1


def test_nothing_estimated_or_nothing_sampled_gives_no_number() -> None:
    nothing = np.zeros((20, 2))
    flat = np.zeros(20, int)
    found = prediction_powered_balance(
        nothing, nothing[:5].astype(bool), np.arange(5), flat, np.arange(20), np.ones(20, bool)
    )
    assert np.isnan(found).all()
    design = (np.ones((20, 2)), nothing[:5].astype(bool), np.arange(5), flat, np.arange(20))
    assert np.isnan(prediction_powered_balance(*design, np.arange(20) > 5)).all()


def test_a_group_of_one_article_is_about_that_article() -> None:
    rng = np.random.default_rng(16)
    one = corpus(rng)
    rows = draw(rng, one.stratum, 0.6)
    domain = one.cluster == np.bincount(one.cluster).argmax()
    design = (one.predictions, one.answers[rows], rows, one.stratum, one.cluster, domain)
    sources, here = prediction_powered_balance(*design), prediction_powered_balance(*design, "corpus")
    assert sources == here
    assert here[2] - here[1] < 1


def test_intervals_hold_the_corpus_s_balance_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(17)
    held = {"corpus": 0, "sources": 0}
    source = 0
    for _ in range(300):
        one = corpus(rng)
        rows = draw(rng, one.stratum, 60 / len(one.stratum))
        for group, domain in enumerate((everything(one), one.stratum == 0)):
            design = (one.predictions, one.answers[rows], rows, one.stratum, one.cluster, domain)
            truth = true_balance(one.answers[domain])
            for target in ("corpus", "sources"):
                _, low, high = prediction_powered_balance(*design, target)
                held[target] += group == 0 and low <= truth <= high
                source += group == 1 and target == "corpus" and low <= truth <= high
    assert 0.92 <= held["corpus"] / 300 <= 0.99
    assert held["corpus"] <= held["sources"]
    assert source / 300 >= 0.92


def test_a_mean_agrees_with_the_authors_own_code() -> None:
    import ppi_py as ppi  # noqa: PLC0415 (slow to import)

    rng = np.random.default_rng(18)
    n, size = 2000, 40_000
    answers = rng.random((size, 2)) < [0.4, 0.2]
    predictions = (0.3 + 0.3 * answers + rng.normal(0, 0.2, answers.shape)).clip(0, 1)
    rows = rng.choice(size, n, replace=False)
    flat, each = np.zeros(size, int), np.arange(size)
    weights = power(predictions, answers[rows], rows, flat)
    found = prediction_powered_totals(
        predictions * weights, answers[rows].astype(float), rows, flat, each, np.ones(size, bool)
    )
    for question, weight in enumerate(weights):
        given = (answers[rows, question].astype(float), predictions[rows, question], predictions[:, question])
        assert found.counts[question] / size == pytest.approx(float(ppi.ppi_mean_pointestimate(*given, lam=weight)[0]))
        tuned = float(ppi.ppi_mean_pointestimate(*given)[0])
        assert found.counts[question] / size == pytest.approx(tuned, abs=1e-3)  # they divide the weight by 1 + n / N
        low, high = (float(end[0]) for end in ppi.ppi_mean_ci(*given, alpha=0.05))
        deviation = np.sqrt(found.covariance[question, question]) / size
        assert 2 * 1.96 * deviation == pytest.approx(high - low, rel=0.02)
