"""Statements in their place, and the windows in which they are read."""

from __future__ import annotations

import random

import pytest

from amur.passages import LEAD, Passage, as_passage, in_place, windows


def test_a_passage_knows_its_statement_and_the_two_before_it() -> None:
    first, *_, last = in_place(["One.", "Two.", "Three.", "Four."])
    assert (first.text, first.before) == ("One.", ())
    assert (last.text, last.before) == ("Four.", ("Two.", "Three."))


def test_a_bare_string_is_a_document_of_its_own() -> None:
    assert as_passage("Alone.") == Passage(("Alone.",), 0)


@pytest.mark.parametrize("seed", range(20))
def test_windows_hold_each_statement_once_and_keep_to_their_size(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    lengths = [chance.choice([1, 5, 20, 60, 110]) for _ in range(chance.randint(0, 60))]
    cut = list(windows(lengths, 320, opening=chance.choice([None, 30, 120])))
    assert [at for window in cut for at in range(window.start, window.end)] == list(range(len(lengths)))
    for window in cut:
        assert max(0, window.start - LEAD) <= window.first <= window.start
        assert sum(lengths[window.first : window.end]) <= 320


def test_a_statement_longer_than_a_window_has_one_to_itself() -> None:
    assert [tuple(window) for window in windows([10, 300, 10], 192)] == [(0, 0, 1), (1, 1, 2), (2, 2, 3)]
