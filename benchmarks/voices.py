"""Voices: how many statements are labelled with whose words they are, by part, and how far two annotators agree.

python benchmarks/voices.py
"""

from __future__ import annotations

import pandas as pd
from sklearn.metrics import cohen_kappa_score

from amur.annotations import PARTS, SETTLED, part
from amur.resources import shipped


def labels() -> pd.DataFrame:
    """Every row of every annotator."""
    files = sorted((shipped("annotations") / "voices").glob("*.jsonl"))
    return pd.concat([pd.read_json(file, lines=True) for file in files], ignore_index=True)


if __name__ == "__main__":
    rows = labels()
    one = rows[rows["annotator"] == "a1"]
    counts = one.assign(part=one["document"].map(part)).groupby("part")["voice"].value_counts().unstack()  # noqa: PD010
    counts.insert(0, "documents", one.groupby(one["document"].map(part))["document"].nunique())
    print(counts.loc[list(PARTS)].to_string(), "\n")
    both = rows[rows["annotator"] != SETTLED].pivot_table(
        index=["document", "start"], columns="annotator", values="voice", aggfunc="first"
    )
    twice = both.dropna()
    agreed, kappa = (twice["a1"] == twice["a2"]).mean(), cohen_kappa_score(twice["a1"], twice["a2"])
    documents = twice.index.get_level_values("document").nunique()
    print(f"{len(twice):,} statements of {documents} documents labelled twice: agreed {agreed:.1%}, kappa {kappa:.2f}")
