"""What is told of a model beyond its scores: whose errors go where, and if probabilities hold."""

from __future__ import annotations

import numpy as np

from amur.codebook import STANCES
from amur.details import CONFUSION, RELIABILITY, details


def test_each_part_has_its_pairs_of_stances_and_its_bins() -> None:
    chance = np.random.default_rng(0)
    odds = chance.random((400, 3))
    truth = (chance.random((400, 3)) < odds).astype(float)
    truth[:, 2] = np.nan  # of themes nothing is known
    found = details({"held_out": (truth, odds, odds >= 0.5), "cross_validation": (truth[:8], odds[:8], odds[:8] > 1)})
    confused = found[CONFUSION].pivot_table(index=["part", "annotated"], columns="said", values="statements")
    assert confused.loc["held_out"].to_numpy().sum() == 400
    both = (truth[:, :2] == 1).all(axis=1)
    mixed = confused.xs(("held_out", "mixed"))
    assert mixed.to_numpy().sum() == both.sum()
    assert mixed["mixed"] == (both & (odds[:, :2] >= 0.5).all(axis=1)).sum()
    assert confused.loc["cross_validation"]["neutral"].sum() == 8  # a model that says no to everything
    assert set(found[CONFUSION]["said"]) == set(STANCES)
    bins = found[RELIABILITY].query("part == 'held_out' and answer == 'friction'")
    assert bins["statements"].tolist() == [40] * 10
    assert (bins["probability"] - bins["yes"]).abs().max() < 0.2
