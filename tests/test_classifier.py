"""The estimator, its encoder and its features."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import f1_score
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import check_estimator

import amur
from amur.actors import count_mentions, speaks_of_both
from amur.annotations import read_annotations, settle
from amur.calibration import best_threshold
from amur.classifier import StanceClassifier
from amur.encoder import SentenceEncoder
from amur.errors import AmurError
from amur.features import BESIDE, Features
from amur.heads import fit_heads, scores_of
from amur.passages import in_place
from amur.training import answer_matrix, score, split

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from amur.codebook import Codebook


def test_probabilities_have_a_row_a_statement_and_a_column_an_answer(codebook: Codebook) -> None:
    model = amur.load_model()
    odds = model.predict_proba(["Beijing and Moscow signed a gas contract.", "The museum opens at nine."])
    assert odds.shape == (2, len(codebook.labels))
    assert ((odds >= 0) & (odds <= 1)).all()
    assert odds[0, 0] > odds[1, 0]
    assert odds[0, list(codebook.labels).index("energy")] > 0.5
    assert model.predict_proba([]).shape == (0, len(codebook.labels))


def test_context_counts() -> None:
    model = amur.load_model()
    alone = "It has also closed the accounts."
    context = in_place(["Bank of China stopped payments from Russian importers in Moscow.", alone])
    odds = model.predict_proba([alone, context[-1]])
    assert odds[1, 1] > odds[0, 1] + 0.1


def test_company_does_not_count() -> None:
    model = amur.load_model()
    passage = in_place(["Bank of China stopped payments from Russian importers.", "It has closed accounts too."])[-1]
    together = model.predict_proba(["Snow fell on Oslo.", passage, "Beijing and Moscow agreed on a gas price."])
    np.testing.assert_allclose(model.predict_proba([passage])[0], together[1], atol=0.001)


def test_a_bare_string_is_refused() -> None:
    with pytest.raises(TypeError, match="list of statements"):
        amur.load_model().predict_proba("Beijing")


def test_the_model_learns_from_annotations(few_annotations: Path, codebook: Codebook, small_model: Path) -> None:
    model = amur.load_model(small_model)
    scores = score(model, split(read_annotations(few_annotations, codebook))[1], codebook).set_index("answer")
    always_yes = 2 * scores["yes"] / (scores["yes"] + scores["statements"])
    assert scores.loc["convergence", "f1"] > always_yes["convergence"] + 0.1
    assert scores.loc["friction", "f1"] > always_yes["friction"] + 0.1
    assert (scores["low"] <= scores["f1"]).all()
    assert (scores["f1"] <= scores["high"]).all()


def test_annotations_may_lack_themes_and_hold_one_statement_a_document(
    few_annotations: Path, codebook: Codebook
) -> None:
    settled = settle(read_annotations(few_annotations, codebook))[::2]
    answers = answer_matrix(settled, codebook)
    answers[::3, 2:] = np.nan
    encoder = amur.load_model().encoder
    model = StanceClassifier(encoder, codebook.labels).fit([a.text for a in settled], answers)
    assert np.isfinite(model.thresholds_).all()


def test_too_little_to_learn_from_is_said(codebook: Codebook) -> None:
    one_class = np.zeros((12, len(codebook.labels)))
    with pytest.raises(AmurError, match="only 0 statements answer yes to `convergence`"):
        StanceClassifier(SentenceEncoder(), codebook.labels).fit(["x"] * 12, one_class)
    with pytest.raises(AmurError, match="2 documents are too few"):
        StanceClassifier(SentenceEncoder(), codebook.labels).fit(["x"] * 12, one_class, ["d"] * 6 + ["e"] * 6)


def test_a_question_without_a_tuned_head_learns_from_the_vector_at_full_weight() -> None:
    chance = np.random.default_rng(0)
    dense = chance.normal(size=(60, 3)).astype(np.float32)
    texts = np.array(["gas"] * 60, dtype=object)
    answers = np.stack([dense[:, 0] > 0, dense[:, 1] > 0], axis=1).astype(float)
    tuned = np.stack([dense[:, 0] + dense[:, 2], np.zeros(60)], axis=1).astype(np.float32)
    voices = np.zeros((60, 4), dtype=np.float32)
    beside = Features(tuned, voices, np.float32(BESIDE) * dense, texts)
    alone = Features(np.zeros_like(tuned), voices, dense, texts)
    scores, expected = (scores_of(features, *fit_heads(features, answers, 0.1)) for features in (beside, alone))
    np.testing.assert_allclose(scores[:, 1], expected[:, 1], atol=1e-3)
    assert np.abs(scores[:, 0] - expected[:, 0]).max() > 0.1


def test_heads_tuned_for_two_sides_are_none_for_two_others(codebook: Codebook) -> None:
    encoder = amur.load_model().sentence_encoder
    others = dict(zip(("ankara", "athens"), list(codebook.actors.values())[:2], strict=True))
    assert encoder.tuned_heads(codebook.labels, others) is None
    heads = encoder.tuned_heads(("friction", "sport"), codebook.actors)
    assert heads is not None
    assert heads.any(axis=1).tolist() == [True, False]


def test_estimators_keep_to_scikit_learns_rules(codebook: Codebook) -> None:
    made = StanceClassifier(SentenceEncoder("somewhere"), codebook.labels, C=0.3)
    copy = clone(made)
    assert copy.get_params()["C"] == 0.3
    assert copy.get_params()["encoder__path"] == "somewhere"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning for every check that is skipped, being for rows of numbers
        for estimator in (StanceClassifier(amur.load_model().encoder), amur.load_model().encoder):
            check_estimator(estimator)


@pytest.mark.parametrize(
    "rule",
    [
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_set_params,
        estimator_checks.check_valid_tag_types,
    ],
)
def test_rules_that_hold_for_texts_too(rule: Callable[[str, object], None]) -> None:
    for estimator in (StanceClassifier(), SentenceEncoder()):
        rule(type(estimator).__name__, estimator)


def test_the_threshold_is_half_the_best_f1() -> None:
    answers = np.array([1.0, 1.0, 0.0, 1.0, 0.0, np.nan])
    odds = np.array([0.9, 0.8, 0.6, 0.5, 0.1, 0.95])
    assert best_threshold(odds, answers) == pytest.approx((2 * 3 / (4 + 3)) / 2)


def test_the_threshold_gives_nearly_the_best_f1_where_probabilities_are_calibrated() -> None:
    chance = np.random.default_rng(0)
    odds = chance.beta(1, 4, 20_000)
    answers = (chance.random(20_000) < odds).astype(float)
    reached = f1_score(answers, odds >= best_threshold(odds, answers))
    assert reached > max(f1_score(answers, odds >= threshold) for threshold in np.arange(0.05, 0.9, 0.01)) - 0.005


def test_an_incomplete_encoder_is_named(tmp_path: Path) -> None:
    with pytest.raises(AmurError, match=r"no encoder\.onnx and tokenizer\.json"):
        SentenceEncoder(str(tmp_path)).transform(["x"])


@pytest.mark.parametrize(
    ("text", "side", "count"),
    [
        ("Sino-Russian ties", "beijing", 1),
        ("Prussia and Indochina", "moscow", 0),
        ("Chinese buyers, China's banks", "beijing", 2),
    ],
)
def test_mentions_are_whole_words(text: str, side: str, count: int, codebook: Codebook) -> None:
    assert count_mentions(text, codebook.actors[side]) == count


def test_both_sides_must_be_named(codebook: Codebook) -> None:
    assert speaks_of_both("Heihe traders pay in roubles.", codebook.actors)
    assert not speaks_of_both("Turkey said a Russian jet had crossed its border.", codebook.actors)
