"""The codebook as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from amur.actors import split_names
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
    [
        ("no table", "names no theme"),
        ("| `sport` | games |\n| `sport` | again |\n", "twice: sport"),
        ("| `sport` | games |\n| `Trade` | goods |\n", r"the row '\| `Trade` .* cannot be read"),
        ("| `sport` | games |\n| `far_east` | ports |\n", "cannot be read"),
        ("| `sport` | games |\n| `trade` | goods\n", "cannot be read"),
        ("| `friction` | games |\n", "called friction, .*rename it"),
        ("| `all` | games |\n| `stance` | more |\n", "called all, stance"),
    ],
)
def test_a_codebook_whose_themes_cannot_be_told_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "codebook.md").write_text(text)
    with pytest.raises(AmurError, match=message):
        read_codebook(tmp_path / "codebook.md")


THEME = "| `sport` | games |\n\n"
EXAMPLES = "| says | answer |\n|---|---|\n| `Gas deal signed` | convergence |\n\n"
PAIR = "| side | names |\n|---|---|\n| `ankara` | turkey, turkish, ankara |\n| `athens` | greece, greek |\n"


def test_the_shipped_codebook_names_its_sides_first() -> None:
    actors = read_codebook().actors
    assert list(actors) == ["beijing", "moscow", "west", "others", "joint"]
    assert {"chinese", "yuan", "hong kong"} <= set(split_names(actors["beijing"]))


def test_a_codebook_may_name_other_sides(tmp_path: Path) -> None:
    (tmp_path / "codebook.md").write_text(
        PAIR + "\n" + THEME + EXAMPLES, encoding="utf-8-sig"
    )  # as some editors save it
    book, known = read_codebook(tmp_path / "codebook.md"), read_codebook().actors
    assert book.themes == {"sport": "games"}
    assert list(book.actors) == ["ankara", "athens", "west", "others", "joint"]
    assert book.actors["athens"] == "greece, greek"
    assert (book.actors["west"], book.actors["joint"]) == (known["west"], known["joint"])
    gone = set(split_names(known["others"])) - set(split_names(book.actors["others"]))
    assert gone == {"ankara", "turkey", "turkish"}


def test_a_codebook_may_name_the_others_itself(tmp_path: Path) -> None:
    (tmp_path / "codebook.md").write_text(THEME + PAIR + "| `joint` | both shores |\n")
    assert read_codebook(tmp_path / "codebook.md").actors["joint"] == "both shores"


def test_a_codebook_without_sides_has_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "codebook.md").write_text(THEME)
    assert read_codebook(tmp_path / "codebook.md").actors == read_codebook().actors


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (PAIR.replace("| `athens` | greece, greek |\n", ""), "has 1 sides with names"),
        (PAIR + "| `nicosia` | cyprus |\n", "has 3 sides"),
        (PAIR.replace("greece, greek", ","), "give rows like"),
        (PAIR.replace("athens", "ankara"), "side twice: ankara"),
        (PAIR.replace("greek", "Turkish"), "name of a side twice: turkish"),
    ],
)
def test_a_table_that_does_not_name_two_sides_is_refused(tmp_path: Path, table: str, message: str) -> None:
    (tmp_path / "codebook.md").write_text(THEME + table)
    with pytest.raises(AmurError, match=message):
        read_codebook(tmp_path / "codebook.md")


def test_a_model_fits_a_codebook_of_its_labels_and_sides() -> None:
    book = read_codebook()
    turned = dict(zip(("athens", *list(book.actors)[1:]), book.actors.values(), strict=True))
    assert book.fits(book.labels, book.actors | {"moscow": "moscow"})
    assert not book.fits(book.labels[:-1], book.actors)
    assert not book.fits(book.labels, turned)


def test_a_missing_codebook_is_named(tmp_path: Path) -> None:
    with pytest.raises(AmurError, match=r"none\.md"):
        read_codebook(tmp_path / "none.md")
