"""The codebook as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from amur.codebook import read_codebook, stance
from amur.errors import AmurError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_projects_codebook_has_twelve_themes() -> None:
    book = read_codebook()
    assert list(book.themes)[:3] == ["diplomacy", "world-order", "ukraine"]
    assert len(book.themes) == 12
    assert book.labels[:2] == ("convergence", "friction")


@pytest.mark.parametrize(
    ("answers", "expected"), [((1, 0), "convergence"), ((0, 1), "friction"), ((1, 1), "mixed"), ((0, 0), "neutral")]
)
def test_stance_follows_from_the_two_answers(answers: tuple[int, int], expected: str) -> None:
    assert stance(bool(answers[0]), bool(answers[1])) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [("no table", "names no theme"), ("| `sport` | games |\n| `sport` | again |\n", "twice: sport")],
)
def test_a_codebook_without_themes_or_with_one_twice_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "codebook.md").write_text(text)
    with pytest.raises(AmurError, match=message):
        read_codebook(tmp_path / "codebook.md")


def test_a_missing_codebook_is_named(tmp_path: Path) -> None:
    with pytest.raises(AmurError, match=r"none\.md"):
        read_codebook(tmp_path / "none.md")
