"""The chain from articles to the table of statements, and what is passed over on the way."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import amur
from amur.api import evaluate
from amur.articles import Article
from amur.errors import AmurError, InputWarning
from amur.pipeline import COLUMNS
from amur.relevance import why_passed_over
from amur.training import f1_interval

if TYPE_CHECKING:
    from pathlib import Path

    from amur.codebook import Codebook

TEXT = "Beijing and Moscow signed. They will build a bridge. It opens in May. Snow is expected."


def test_articles_given_as_values_are_classified() -> None:
    table = amur.classify(Article("x", TEXT, source="S", date="2020-02-03"))
    assert list(table.columns) == list(COLUMNS)
    assert table["document"].unique().tolist() == ["x"]
    assert [TEXT[a:b] for a, b in zip(table["start"], table["end"], strict=True)] == table["text"].tolist()


def test_nothing_to_classify_makes_an_empty_table() -> None:
    with pytest.warns(InputWarning, match="never names both"):
        table = amur.classify([Article("x", "It rained in Oslo.")])
    assert table.empty
    assert amur.report(table).empty


def test_parallel_jobs_give_the_same_answers() -> None:
    articles = [Article(f"x{i}", f"In {i} days Beijing and Moscow sign.") for i in range(70)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joblib's workers
        one, two = amur.classify(articles), amur.classify(articles, n_jobs=2)
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize(
    ("article", "reason"),
    [
        (Article("a", TEXT), ""),
        (Article("a", TEXT, lang="de"), "not in English"),
        (Article("a", TEXT, lang="zh_Hans"), "not in English"),
        *((Article("a", TEXT, lang=lang), "") for lang in ("en-GB", "English", "und", "UND", "unknown", "n/a", " ")),
        (Article("a", "Пекин и Москва договорились о поставках газа.", lang="und"), "not in English"),
        (Article("a", "It rained in Oslo."), "never names both Beijing and Moscow"),
        (Article("a", "It will be signed on Monday.", title="China and Russia near a deal"), ""),
    ],
)
def test_what_is_passed_over_and_why(article: Article, reason: str, codebook: Codebook) -> None:
    assert why_passed_over(article, codebook.actors) == reason


def test_another_codebook_needs_its_own_model(tmp_path: Path) -> None:
    book = tmp_path / "codebook.md"
    book.write_text("| `sport` | games |\n")
    with pytest.raises(AmurError, match="another codebook"):
        evaluate(codebook=book)


def test_the_interval_of_f1_narrows_with_documents() -> None:
    generator = np.random.default_rng(0)
    truth = generator.random((2000, 1)) < 0.4
    said = truth ^ (generator.random((2000, 1)) < 0.2)
    wide = f1_interval(truth[:100], said[:100], np.arange(100) // 10, "micro")
    narrow = f1_interval(truth, said, np.arange(2000) // 10, "micro")
    assert narrow[1] - narrow[0] < wide[1] - wide[0]
    assert narrow[0] < 0.75 < narrow[1]
