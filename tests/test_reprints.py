"""Reprints: a story counts once, independent articles each count, and the table stays as it was."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from amur.pipeline import COLUMNS
from amur.reprints import mark_reprints

WIRE = (
    "Beijing and Moscow agreed on a second gas pipeline through the steppe on Tuesday.",
    "The two ministries will set a price before the first snow falls in Harbin.",
    "Engineers expect the section north of the river to be the hardest to build.",
    "Nobody mentioned money.",
    "Banks in both capitals have promised loans, but none of them named a sum.",
    "A customs post near Heihe is to open in spring, officials of the province hope.",
)
OTHER = (
    "Russian timber traders complain that Chinese buyers pay later every year.",
    "Three sawmills near Khabarovsk closed in winter because bills stayed open for months.",
    "The chamber of commerce in Harbin calls the delays a matter of new bank rules.",
    "Nobody mentioned money.",
)
QUOTATION = "We shall build this pipeline together and sell its gas for forty years to come."
SHORT_QUOTATION = "Our friendship has no need of any treaty today."


def unrepeated(statements: pd.DataFrame) -> pd.DataFrame:
    return statements[~mark_reprints(statements)["repeated"].to_numpy()]


def article(document: str, texts: tuple[str, ...], date: str | None = "2024-05-16", source: str = "") -> pd.DataFrame:
    shared = {"document": document, "source": source or document, "title": "T", "date": date, "url": ""}
    said = {"convergence": 0.9, "friction": 0.1, "stance": "convergence"}
    rows = [{**shared, "start": i, "end": i + 1, "text": text, **said, "themes": []} for i, text in enumerate(texts)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def marked(*articles: pd.DataFrame) -> tuple[dict[str, str], dict[str, list[bool]]]:
    """What each document reprints, and which of its statements are repeated."""
    table = mark_reprints(pd.concat(articles, ignore_index=True))
    original = dict(zip(table["document"], table["reprint_of"], strict=True))
    return original, {name: table.loc[table["document"] == name, "repeated"].tolist() for name in original}


def test_a_lightly_edited_wire_copy_is_a_reprint_and_its_own_statements_still_count() -> None:
    edited = WIRE[1].replace("will", "shall")
    added = "Shares of a pipe maker in Tianjin rose by a tenth within the hour."
    copy = (WIRE[0], edited, *WIRE[2:5], added)
    original, repeated = marked(article("wire", WIRE, "2024-05-16"), article("copy", copy, "2024-05-17"))
    assert original == {"wire": "", "copy": "wire"}
    assert repeated == {"wire": [False] * 6, "copy": [True] * 5 + [False]}


def test_an_edit_that_turns_the_sense_is_a_statement_of_its_own() -> None:
    turned = WIRE[1].replace("will set", "will not set")
    original, repeated = marked(article("wire", WIRE), article("copy", (WIRE[0], turned, *WIRE[2:])))
    assert original["copy"] == "wire"
    assert repeated["copy"] == [True, False, True, True, True, True]


def test_all_reprints_of_a_chain_point_at_the_first_and_it_counts_once() -> None:
    chain = [
        article(name, WIRE, date) for name, date in (("c", "2024-05-18"), ("a", "2024-05-16"), ("b", "2024-05-17"))
    ]
    original, repeated = marked(*chain)
    assert original == {"a": "", "b": "a", "c": "a"}
    assert [sum(repeated[name]) for name in "abc"] == [0, 6, 6]
    assert list(unrepeated(pd.concat(chain))["document"]) == ["a"] * 6


def test_updates_of_a_story_point_at_the_version_that_holds_half_of_them() -> None:
    steps = [f"Step {i}: train r{i} left yard y{i} at hour h{i} for depot d{i} with wheat." for i in range(24)]
    versions = [article(f"v{n}", tuple(steps[:n]), f"2024-05-{n:02d}") for n in (6, 14, 24)]
    original, repeated = marked(*versions)
    assert original == {"v6": "", "v14": "", "v24": "v14"}
    assert sum(map(sum, repeated.values())) == 6 + 14


def test_different_articles_on_one_subject_are_left_alone() -> None:
    original, repeated = marked(article("wire", WIRE), article("other", OTHER))
    assert set(original.values()) == {""}
    assert not any(repeated["wire"] + repeated["other"])


def test_a_retelling_in_other_words_is_no_reprint() -> None:
    retold = (
        "On Tuesday a new gas line across the steppe was settled between the two capitals.",
        "What the gas will cost is to be fixed by the ministries ahead of winter.",
        "Building north of the river will be harder than anywhere else, engineers believe.",
    )
    assert marked(article("wire", WIRE), article("retold", retold))[0]["retold"] == ""


@pytest.mark.parametrize(("quotation", "counts_again"), [(QUOTATION, False), (SHORT_QUOTATION, True)])
def test_only_a_long_sentence_is_a_copy_in_an_independent_article(quotation: str, counts_again: bool) -> None:  # noqa: FBT001 (a parameter)
    original, repeated = marked(article("wire", (*WIRE, quotation)), article("other", (*OTHER, quotation)))
    assert set(original.values()) == {""}
    assert repeated["other"] == [False] * 4 + [not counts_again]


def test_a_short_quotation_in_a_reprint_is_repeated_whichever_article_said_it_first() -> None:
    first = article("first", (SHORT_QUOTATION, *OTHER), "2024-05-01")
    repeated = marked(first, article("wire", WIRE), article("copy", (*WIRE, SHORT_QUOTATION), "2024-05-20"))[1]
    assert repeated["copy"] == [True] * 7


def test_boilerplate_makes_no_reprints_and_no_flood_of_pairs() -> None:
    boilerplate = "Subscribe to our newsletter for more stories like this one."
    items = [f"Item {n} speaks of freight car f{n} to depot d{n} and no other." for n in range(12_000)]
    texts = [text for n in range(0, len(items), 4) for text in (*items[n : n + 4], boilerplate)]
    documents = np.repeat([f"d{n}" for n in range(3000)], 5)
    table = mark_reprints(article("", tuple(texts)).assign(document=documents))
    assert (table["reprint_of"] == "").all()
    assert not table.loc[table["text"] == boilerplate, "repeated"].any()


def test_a_document_never_repeats_itself_even_under_two_sources() -> None:
    original, repeated = marked(article("one", WIRE + WIRE, source="A"), article("one", WIRE, source="B"))
    assert original == {"one": ""}
    assert repeated == {"one": [False] * 18}


@pytest.mark.parametrize(
    ("dates", "original"),
    [
        (("", "2024-05-16"), "second"),
        ((None, "2024-05-16"), "second"),
        (("2024", "2024-12-31"), "second"),
        (("2024-05", "2025"), "first"),
        (("", None), "first"),
        (("2024-05-16", "2024-05-16"), "first"),
    ],
)
def test_the_earliest_date_is_the_original_undated_last_and_ties_in_order(
    dates: tuple[str, str], original: str
) -> None:
    found = marked(article("first", WIRE, dates[0]), article("second", WIRE, dates[1]))[0]
    assert [name for name, of in found.items() if not of] == [original]


def test_typography_and_case_make_no_difference() -> None:
    plain = tuple(f"\"It's the region's biggest - and {text[0].lower()}{text[1:]}\"" for text in WIRE)
    curly = tuple(
        text.replace('"', "”").replace("'", "’").replace(" - ", "\u00a0— ").replace("ri", "r\u00adi") for text in plain
    )
    repeated = marked(article("plain", plain), article("curly", tuple(text.upper() for text in curly)))[1]
    assert repeated["curly"] == [True] * 6


def test_chinese_text_is_counted_and_compared_by_characters() -> None:
    wire = (
        "中俄两国周二就第二条天然气管道达成一致意见。",
        "两国主管部门将在今年冬天之前商定供气价格。",
        "工程师认为河流以北的路段最难修建。",
        "双方没有谈钱。",
    )
    copy = (*wire[:3], wire[3], "天津一家钢管厂的股票当天上涨了一成左右。")
    original, repeated = marked(article("wire", wire), article("copy", copy, "2024-05-17"), article("other", wire[3:]))
    assert original == {"wire": "", "copy": "wire", "other": ""}
    assert repeated == {"wire": [False] * 4, "copy": [True] * 4 + [False], "other": [False]}


def test_rows_order_index_and_columns_stay_as_they_were() -> None:
    articles = [article("b", WIRE, "2024-05-17"), article("a", WIRE), article("c", OTHER, None)]
    whole = pd.concat(articles)  # index labels come several times
    shuffled = whole.iloc[np.random.default_rng(3).permutation(len(whole))]
    before = shuffled.copy(deep=True)
    table = mark_reprints(shuffled)
    assert list(table.columns) == [*COLUMNS, "reprint_of", "repeated"]
    pd.testing.assert_frame_equal(table[list(COLUMNS)], before)
    pd.testing.assert_frame_equal(shuffled, before)
    assert table.loc[table["document"] == "b", "repeated"].all()
    assert table["repeated"].sum() == 6
    once = unrepeated(shuffled)
    pd.testing.assert_frame_equal(once, before[before["document"] != "b"])


@pytest.mark.parametrize("texts", [(), ("Nobody mentioned money.", "—")])
def test_a_table_without_long_statements_holds_no_reprint(texts: tuple[str, ...]) -> None:
    table = mark_reprints(pd.concat([article("a", texts), article("b", texts)], ignore_index=True))
    assert table["repeated"].dtype == bool
    assert not table["repeated"].any()
    assert (table["reprint_of"] == "").all()
    assert len(unrepeated(table)) == 2 * len(texts)
