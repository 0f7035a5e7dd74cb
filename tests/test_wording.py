"""Wordings: what is nearly the same, and that the index behind it misses nothing."""

from __future__ import annotations

import numpy as np
import pytest

from amur.wording import Wordings, length, normalise

SAID = "Engineers expect the section north of the river to be hardest."


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Engineers expected the section north of the river to be hardest", True),
        ("Engineers expect the section south of the lake to be longest.", False),
        ("Engineers do not expect the section north of the river to be hardest.", False),
        ("Engineers don’t expect the section north of the river to be hardest.", False),
        ("…", False),
    ],
)
def test_nearly_the_same_words_are_held_unless_a_negation_turns_them(text: str, held: bool) -> None:  # noqa: FBT001 (a parameter)
    assert Wordings([SAID, "Banks promised loans."]).hold(text) is held


def test_the_index_finds_what_comparing_all_finds() -> None:
    generator = np.random.default_rng(5)
    texts = [" ".join(f"w{n:b}" for n in generator.choice(14, size=generator.integers(4, 12))) for _ in range(300)]
    sets = [set(text.split()) for text in texts]
    wordings = Wordings(texts[:100])
    found = [wordings.hold(text) for text in texts[100:]]
    assert found == [any(len(a & b) / len(a | b) >= 0.8 for b in sets[:100]) for a in sets[100:]]
    assert 10 < sum(found) < 100


def test_invisible_characters_and_markdown_are_no_part_of_a_word() -> None:
    assert normalise("_Gas\u00adprom_ \u200bﬁrst\ufeff") == "gasprom first"
    assert length(normalise("…")) == 0
