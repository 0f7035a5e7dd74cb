"""Articles to statements: bounds on hard text, what is left out, agreement with the real articles' units."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import pytest

from amur.blocks import prose_blocks
from amur.relevance import is_english
from amur.statements import split_statements


def texts(text: str) -> list[str]:
    found = split_statements(text)
    assert all(text[s.start : s.end] == s.text for s in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    return [s.text for s in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("U.S. Treasury officials met Mr. Chen. They left.", ["U.S. Treasury officials met Mr. Chen.", "They left."]),
        ("He flew to the U.S. The talks failed.", ["He flew to the U.S.", "The talks failed."]),
        (
            "Gen. Li met Lt. Col. Orlov on Sept. 3. Both smiled.",
            ["Gen. Li met Lt. Col. Orlov on Sept. 3.", "Both smiled."],
        ),
        ("Gazprom Ltd. signed at 9 a.m. in Beijing.", ["Gazprom Ltd. signed at 9 a.m. in Beijing."]),
        ("Trade rose 3.5 per cent to $1.2bn. Oil fell.", ["Trade rose 3.5 per cent to $1.2bn.", "Oil fell."]),
        ("No. 5 pump failed. J. K. Orlov saw it.", ["No. 5 pump failed.", "J. K. Orlov saw it."]),
        ("“We wait,” he said. “They wait.”", ["“We wait,” he said.", "“They wait.”"]),
        ("“It works.” He paused.", ["“It works.”", "He paused."]),
        ("“Why now?” Liu said. Nobody knew.", ["“Why now?” Liu said.", "Nobody knew."]),
        ("“Why now?” he asked.", ["“Why now?” he asked."]),
        ("Trade . . . has grown. It will last...", ["Trade . . . has grown.", "It will last..."]),
        ("They wait… and wait. Then rain.", ["They wait… and wait.", "Then rain."]),
        ("The deal (signed in May.) It holds.", ["The deal (signed in May.)", "It holds."]),
        (
            "Хабаровск cafe\u0301 owners agree. 🚢 Ships pass. 中俄 trade grows.",
            ["Хабаровск cafe\u0301 owners agree.", "🚢 Ships pass.", "中俄 trade grows."],
        ),
        ("One line.\r\n\r\nAnother line.\r\n", ["One line.", "Another line."]),
        ("Beijing agreed.Moscow did too.", ["Beijing agreed.", "Moscow did too."]),
    ],
)
def test_sentences_are_cut_where_a_reader_would(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_front_matter_headings_captions_and_furniture_are_no_statements() -> None:
    article = """---
source: The Test
title: A title. With a stop.
---

# A heading. With a stop.

By Our Correspondent

The first statement stands here.

Photograph: Someone/Getty Images

![A picture. Of a ship.](ship.png)

What happens next?

- Russia will deliver eleven vehicles with their crews.
- China will pay for them in yuan.

Minister A. Orlov: Dear colleagues, we are glad to meet. Let us begin.

Read more: Something else. Entirely.

Additional reporting by Someone in Beijing
"""
    assert texts(article) == [
        "The first statement stands here.",
        "Russia will deliver eleven vehicles with their crews.",
        "China will pay for them in yuan.",
        "Dear colleagues, we are glad to meet.",
        "Let us begin.",
    ]


def test_agencies_credit_a_picture_only_behind_the_last_full_stop() -> None:
    assert texts("A bridge at dusk/Reuters\n\nThe bridge, seen via Reuters here, is open. It is long. It is new.") == [
        "The bridge, seen via Reuters here, is open.",
        "It is long.",
        "It is new.",
    ]
    began = time.process_time()
    list(prose_blocks("/ap" * 40_000 + ". " + "getty images " * 10_000 + ". It is."))
    assert time.process_time() - began < 1


def test_wrapped_lines_are_one_paragraph() -> None:
    text = "The two sides agreed to build a bridge\nacross the river before the winter of the\nfollowing year. It was built\nlate.\n\nNobody minded."
    assert texts(text) == [
        "The two sides agreed to build a bridge\nacross the river before the winter of the\nfollowing year.",
        "It was built\nlate.",
        "Nobody minded.",
    ]


def test_nothing_comes_of_nothing() -> None:
    assert split_statements("") == []
    assert split_statements("\n \t\n---\n***\n") == []


def test_thousands_of_marks_in_a_row_take_no_time_and_stay_in_their_statement() -> None:
    marks = "“" * 5000
    texts("What is loaded once is loaded now.")
    start = time.process_time()
    found = texts(f"Beijing signed. Moscow {marks} waited. Nobody minded.")
    assert time.process_time() - start < 1  # spaCy alone takes three
    assert found == ["Beijing signed.", f"Moscow {marks} waited.", "Nobody minded."]


def test_units_of_real_articles_are_found(gold: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> None:
    found = total = 0
    for article, labels in gold:
        mine = split_statements(article["text"])
        for label in labels:
            total += 1
            found += any(abs(s.start - label["start"]) <= 2 and abs(s.end - label["end"]) <= 2 for s in mine)
    assert found / total >= 0.97


@pytest.mark.parametrize(
    ("text", "english"),
    [
        (
            "The two countries have agreed to build a bridge over the river, and it will be opened in the spring of next year.",
            True,
        ),
        (
            "Die beiden Länder haben vereinbart, eine Brücke über den Fluss zu bauen, die im Frühjahr des nächsten Jahres eröffnet werden soll.",
            False,
        ),
        (
            "Les deux pays sont convenus de construire un pont sur le fleuve, qui sera ouvert au printemps de l'année prochaine selon le ministre.",
            False,
        ),
        ("Две страны договорились построить мост через реку, который будет открыт весной следующего года.", False),
        ("两国同意在河上建造一座桥梁，明年春天开通。", False),
        ("Bridge opened.", True),
    ],
)
def test_language_is_told_by_function_words(text: str, english: bool) -> None:  # noqa: FBT001
    assert is_english(text) is english
