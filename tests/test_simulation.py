"""Replays: the plan is kept, repeats are paired, and a strategy that knows where to look is seen to win."""

from __future__ import annotations

import numpy as np
import pytest

from amur.errors import AmurError
from amur.learning_curves import advantage
from amur.simulation import Annotated, Plan, replay

LABELS = ("convergence", "friction", "trade")
PLAN = Plan(start=10, batch=10, size=60, repeats=6)


def annotated(documents: int = 24, rare: float = 0.08) -> Annotated:
    """Statements whose vectors tell the answers, more or less; friction is rare."""
    rng = np.random.default_rng(0)
    n = documents * 25
    answers = (rng.random((n, 3)) < [0.4, rare, 0.3]).astype(float)
    vectors = rng.normal(size=(n, 12)) * 0.8
    vectors[:, :3] += 2 * answers
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Annotated(vectors.astype(np.float32), answers, np.repeat(np.arange(documents), 25).astype(str), LABELS)


def test_every_curve_begins_alike_and_keeps_to_the_plan() -> None:
    told: list[int] = []
    curves = replay(annotated(), {"random": ["random"], "both": ["rare", "themes"]}, PLAN, progress=told.append)
    assert sum(told) == 2 * 6 * 6
    for curve in curves.values():
        assert curve.sizes.tolist() == [10, 20, 30, 40, 50, 60]
        assert curve.said.shape == (6, 6, 600, 2)
    first, second = (curve.said[:, 0] for curve in curves.values())
    assert np.array_equal(first, second, equal_nan=True)
    assert not np.array_equal(curves["random"].said[:, -1], curves["both"].said[:, -1], equal_nan=True)
    again = replay(annotated(), {"both": ["rare", "themes"]}, PLAN)
    assert np.array_equal(again["both"].said, curves["both"].said, equal_nan=True)


def test_held_out_documents_are_whole_and_others_each_time() -> None:
    curve = replay(annotated(), {"random": ["random"]}, PLAN)["random"]
    held_out = ~np.isnan(curve.said[:, 0, :, 0])
    by_document = held_out.reshape(6, 24, 25)
    assert (by_document.all(axis=2) == by_document.any(axis=2)).all()
    assert by_document.any(axis=2).sum(axis=1).tolist() == [6] * 6
    assert len({tuple(row) for row in held_out.tolist()}) > 1
    mask = np.arange(600) >= 500
    fixed = replay(annotated(), {"random": ["random"]}, PLAN, held_out=mask)["random"]
    assert (~np.isnan(fixed.said[:, 0, :, 0]) == mask).all()


def test_looking_for_the_rare_answer_pays_where_one_is_rare() -> None:
    plan = Plan(start=10, batch=10, size=100, repeats=8)
    curves = replay(annotated(40, rare=0.03), {"random": ["random"], "rare": ["rare"]}, plan)
    assert advantage(curves["rare"], curves["random"]).low > 0


def test_too_little_to_replay_is_an_error() -> None:
    with pytest.raises(AmurError, match="too few to replay in batches of 200"):
        replay(annotated(), {"random": ["random"]}, Plan(start=200, batch=200, size=900))
    with pytest.raises(AmurError, match="of 6 documents are too few"):
        replay(annotated(6), {"random": ["random"]}, PLAN)
    with pytest.raises(AmurError, match="no statement answers yes to `friction`"):
        replay(annotated(rare=0), {"random": ["random"]}, PLAN)


def test_the_plan_ends_where_the_annotations_do() -> None:
    curve = replay(annotated(8), {"random": ["random"]}, Plan(start=10, batch=10, size=1000, repeats=2))["random"]
    assert curve.sizes[-1] == 150  # six of eight documents of 25


def test_a_plan_of_too_few_points_is_an_error() -> None:
    with pytest.raises(AmurError, match="four points must fit in"):
        replay(annotated(), {"random": ["random"]}, Plan(start=40, batch=40, size=159))


def test_answers_that_no_repeat_could_score_are_an_error() -> None:
    few = annotated()
    few.answers[:, 1] = 0
    few.answers[:3, 1] = 1  # all friction is in the first document, which is never held out
    with pytest.raises(AmurError, match="too few documents answer yes"):
        replay(few, {"random": ["random"]}, PLAN, held_out=np.arange(600) >= 500)
