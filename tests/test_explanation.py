"""Explanations: what is said of a word is what the model says without it, the same every time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import amur as package
from amur.articles import Article
from amur.errors import AmurError, InputWarning
from amur.explanation import COLUMNS, changes_without, explain_statement, without, words_of
from amur.passages import Passage, in_place

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from amur.classifier import StanceClassifier

    Run = Callable[..., subprocess.CompletedProcess[str]]

TEXT = "Beijing and Moscow signed a gas contract on Monday. The price is still disputed. Snow fell on Oslo."


@pytest.fixture(scope="module")
def model() -> StanceClassifier:
    return package.load_model()


def test_words_are_cut_at_white_space_and_dashes_and_have_no_marks_around_them() -> None:
    text = "“Sino-Russian” trade—up 5.2% 🚢, it's said…"
    assert [text[a:b] for a, b in words_of(text)] == ["Sino-Russian", "trade", "up", "5.2", "it's", "said"]
    assert words_of("— … ?") == []


@pytest.mark.parametrize(
    ("words", "left"),
    [([], "A gas deal."), ([0], "gas deal."), ([1], "A deal."), ([2, 0], "gas."), ([0, 1, 2], ".")],
)
def test_words_are_taken_out_with_the_white_space_before_them(words: list[int], left: str) -> None:
    text = "A gas deal."
    assert without(text, [words_of(text)[at] for at in words]) == left


def test_the_linear_part_is_all_that_changes_where_the_reading_and_the_names_do_not(model: StanceClassifier) -> None:
    texts = ["They signed a gas contract on Monday.", "They signed a contract on Monday.", "They on Monday."]
    vectors = np.repeat(model.sentence_encoder.transform(texts[:1]), 3, axis=0)
    found, linear = model.scores(texts, vectors=vectors), model.word_scores(texts)
    assert np.abs(linear[0] - linear[1]).max() > 0.001
    np.testing.assert_allclose(found - found[0], linear - linear[0], atol=1e-5)


def test_a_change_is_what_the_model_says_of_the_shorter_statement(model: StanceClassifier) -> None:
    passage, shorter = (
        in_place(["China and Russia met.", text, "Snow fell."])[1]
        for text in ("They signed a gas contract in Moscow.", "They signed a gas contract in.")
    )
    table = explain_statement(model, passage, ("convergence", "energy"))
    assert table["word"].tolist() == 2 * ["They", "signed", "a", "gas", "contract", "in", "Moscow"]
    scores = model.scores([passage, shorter], model.sentence_encoder.transform([passage, shorter]))
    words = model.word_scores([passage.text, shorter.text])
    odds, shorter_odds, lighter_odds = model.calibrate(np.vstack([scores, scores[0] - words[0] + words[1]]))
    for answer, rows in table.groupby("answer"):
        at = model.labels.index(answer)
        assert rows["change"].iloc[-1] == pytest.approx(odds[at] - shorter_odds[at], abs=1e-4)
        assert rows["linear"].iloc[-1] == pytest.approx(odds[at] - lighter_odds[at], abs=1e-4)
        assert rows["probability"].iloc[0] == pytest.approx(expit(odds[at]), abs=1e-4)
        assert rows["yes"].iloc[0] == (expit(odds[at]) >= model.thresholds_[at])


def test_a_long_document_is_read_in_the_same_window_without_its_words(model: StanceClassifier) -> None:
    document = tuple(f"In {year} Beijing and Moscow agreed on the price of {year % 7} goods." for year in range(60))
    passage = Passage(document, 40)
    words = words_of(passage.text)
    _, changes, _ = changes_without(model, passage, [words, *([word] for word in words)] * 2)
    assert changes.shape == (2 + 2 * len(words), len(model.labels))
    as_it_is, nothing, _ = changes_without(model, passage, [[]])
    np.testing.assert_allclose(expit(as_it_is), model.predict_proba([passage])[0], atol=0.001)
    assert not nothing.any()
    assert changes[0, 0] > 0


def test_explanations_are_the_same_every_time_and_point_into_the_article() -> None:
    alone = package.explain(Article("x", TEXT), statements=[2])
    both = package.explain([Article("y", "China and Russia met."), Article("x", TEXT)], statements=["Price  IS", "met"])
    assert list(alone.columns) == list(COLUMNS)
    assert alone["text"].unique().tolist() == ["The price is still disputed."]
    pd.testing.assert_frame_equal(alone, both[both["document"] == "x"].reset_index(drop=True))
    for row in alone.to_dict("records"):
        assert TEXT[row["word_start"] : row["word_end"]] == row["word"]
        assert TEXT[row["start"] : row["end"]] == row["text"]


def test_statements_that_are_not_neutral_are_explained_unless_others_are_named() -> None:
    classified = package.classify(Article("x", TEXT))
    decided = classified.loc[classified["stance"] != "neutral", "text"].tolist()
    assert 0 < len(decided) < 3
    assert package.explain(Article("x", TEXT))["text"].unique().tolist() == decided
    assert set(package.explain(Article("x", "In China and Russia it snowed."))["answer"]) == {"convergence", "friction"}


def test_what_cannot_be_explained_is_said() -> None:
    with pytest.raises(AmurError, match="no statement is 7 or 'pipeline'"):
        package.explain(Article("x", TEXT), statements=[7, "pipeline"])
    with pytest.raises(AmurError, match="no theme sport; it has diplomacy"):
        package.explain(Article("x", TEXT), theme="sport")
    with pytest.warns(InputWarning, match="never names both"):
        assert package.explain(Article("x", "It rained in Oslo.")).empty


def test_what_goes_on_without_a_full_stop_is_not_explained(model: StanceClassifier) -> None:
    endless = "Beijing and Moscow " + "talk of gas and oil and rails " * 40
    with pytest.raises(AmurError, match="a statement of 283 words is too long to explain; cut it"):
        explain_statement(model, in_place([endless])[0])
    article = Article("x", f"{endless}.\n\nThe price is disputed.")
    with pytest.warns(InputWarning, match="x: a statement of 283 words is too long"):
        table = package.explain(article, statements=[1, 2], model=model)
    assert table["text"].unique().tolist() == ["The price is disputed."]
    with pytest.warns(InputWarning, match="too long"):
        assert package.explain(article, statements=[1], model=model).empty


def test_the_command_prints_words_for_readers_and_for_machines(amur: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(TEXT)
    shown = amur("explain", "note.txt", "--statement", 1, "--theme", "energy").stdout
    assert "for yes" in shown
    assert "gas +" in shown
    done = amur("explain", "-", "--statement", "gas", "--theme", "energy", "--format", "json", stdin=TEXT.encode())
    row = json.loads(done.stdout)["explanations"][0]
    assert (done.stderr, row["text"]) == ("", "Beijing and Moscow signed a gas contract on Monday.")
    assert [answer["answer"] for answer in row["answers"]] == ["convergence", "friction", "energy"]
    assert [word["word"] for word in row["answers"][0]["words"]][:3] == ["Beijing", "and", "Moscow"]
    refused = amur("explain", "note.txt", "--statement", "pipeline")
    assert refused.returncode == 1
    assert refused.stderr.startswith("amur: no statement is 'pipeline'")
