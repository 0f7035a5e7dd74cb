"""Strategies choose what they are for, combine, and say what they lack."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from amur.errors import AmurError
from amur.strategies import LIBRARY_NEEDED, STRATEGIES, Pool, check_names, choose, installed, without_model

LABELS = ("convergence", "friction", "trade", "arctic")


def pool(size: int = 200, *, seed: int = 0) -> Pool:
    """Candidates in four corners, the last of them annotated; friction and `arctic` are rare so far."""
    rng = np.random.default_rng(seed)
    corners = np.eye(4, dtype=np.float32)
    vectors = corners[np.arange(size) % 4] + rng.normal(0, 0.01, (size, 4)).astype(np.float32)
    answers = np.zeros((50, 4))
    answers[:20, 0], answers[:5, 1], answers[:25, 2], answers[0, 3], answers[40:, 2:] = 1, 1, 1, 1, np.nan
    return Pool(vectors, rng.random((size, 4)), LABELS, corners[3:], answers)


@pytest.mark.parametrize("name", STRATEGIES)
def test_each_strategy_chooses_as_many_as_asked_and_none_twice(name: str) -> None:
    chosen = choose(pool(), 30, [name], np.random.default_rng(1))
    assert len({choice.at for choice in chosen}) == 30
    assert all(0 <= choice.at < 200 and choice.reason for choice in chosen)
    assert chosen == choose(pool(), 30, [name], np.random.default_rng(1))
    assert len(choose(pool(8), 30, [name], np.random.default_rng(1))) == 8


def test_rare_answers_are_those_that_may_be_friction() -> None:
    offered = pool(2000)
    chosen = choose(offered, 300, ["rare"], np.random.default_rng(1))
    assert offered.leaning is not None
    assert offered.leaning[[c.at for c in chosen], 1].mean() > 0.65
    assert abs(offered.leaning[[c.at for c in chosen], 0].mean() - 0.5) < 0.12
    assert chosen[0].reason == "may be friction, which is rare: 10% of what is annotated"


def test_scarce_themes_come_first() -> None:
    offered = pool()
    chosen = choose(offered, 30, ["themes"], np.random.default_rng(1))
    assert offered.leaning is not None
    assert offered.leaning[[c.at for c in chosen], 3].mean() > 0.65
    assert sum(c.reason == "may be about arctic: 2% of what is annotated" for c in chosen) > 25  # of 40 that say


def test_uncertain_ones_lie_where_decisions_turn() -> None:
    offered = pool(2000)
    assert offered.leaning is not None
    chosen = choose(offered, 300, ["uncertainty"], np.random.default_rng(1))
    distance = np.abs(offered.leaning[:, :2] - 0.5).sum(axis=1)
    assert distance[[c.at for c in chosen]].mean() < 0.8 * distance.mean()
    assert {c.reason for c in chosen} == {"the model is unsure of convergence", "the model is unsure of friction"}


def test_diverse_choices_begin_where_nothing_is_annotated() -> None:
    chosen = choose(pool(), 3, ["diversity"], np.random.default_rng(1))
    assert {choice.at % 4 for choice in chosen} == {0, 1, 2}


def test_strategies_take_turns() -> None:
    offered = pool()
    together = choose(offered, 12, ["uncertainty", "themes"], np.random.default_rng(1))
    alone = {c.at for c in choose(offered, 6, ["uncertainty"], np.random.default_rng(1))}
    assert len({c.at for c in together}) == 12
    assert alone <= {c.at for c in together}
    assert any("may be about" in c.reason for c in together)


def test_nothing_annotated_is_enough() -> None:
    offered = pool()
    bare = Pool(offered.vectors, offered.leaning, LABELS, offered.annotated[:0], offered.answers[:0])
    for name in STRATEGIES:
        assert len(choose(bare, 5, [name], np.random.default_rng(1))) == 5
    assert "says the model" in choose(bare, 5, ["rare"], np.random.default_rng(1))[0].reason


def test_what_asks_a_model_is_replaced_where_there_is_none() -> None:
    assert without_model(["rare", "random", "uncertainty"]) == ["diversity", "random"]
    with pytest.raises(AmurError, match="asks a model"):
        choose(
            Pool(pool().vectors, None, LABELS, pool().annotated, pool().answers), 5, ["rare"], np.random.default_rng()
        )


def test_an_unknown_strategy_is_an_error() -> None:
    with pytest.raises(AmurError, match="no such strategy: best; there are rare"):
        check_names(["random", "best"])
    with pytest.raises(AmurError, match="none named"):
        check_names([])


def test_a_missing_library_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    assert installed() == list(STRATEGIES)
    monkeypatch.setitem(sys.modules, "skactiveml", None)
    monkeypatch.setattr("amur.strategies.find_spec", lambda _: None)
    assert installed() == ["rare", "themes", "random"]
    for name in STRATEGIES:
        if name in LIBRARY_NEEDED:
            with pytest.raises(AmurError, match=r"amur\[learning\]"):
                check_names([name])
        else:
            check_names([name])
