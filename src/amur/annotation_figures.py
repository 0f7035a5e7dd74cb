"""What annotators have answered, counted, and how far one agrees with the others."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from amur.agreement import agreement
from amur.annotation_tasks import answer_of, key_of
from amur.codebook import QUESTIONS, STANCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amur.annotations import Annotation
    from amur.codebook import Codebook


def distribution(answers: Sequence[Annotation], name: str, codebook: Codebook) -> pd.DataFrame:
    """How often each stance and each theme was given.

    Returns:
        One row a stance, then one a theme: ``answer``, ``mine`` (by the annotator of this name) and ``all``.
    """
    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for row in answers:
        said = answer_of(row)
        counts[row.annotator == name].update((said.stance, *said.themes))
    labels = (*STANCES, *codebook.themes)
    rows = [(label, counts[True][label], counts[True][label] + counts[False][label]) for label in labels]
    return pd.DataFrame(rows, columns=["answer", "mine", "all"])


def agreement_with_others(answers: Sequence[Annotation], name: str, codebook: Codebook) -> pd.DataFrame:
    """How far an annotator agrees with those who annotated the same statements.

    Returns:
        The rows of ``agreement`` on what two have answered, but for themes that nobody named. The annotator of this
        name is the first of the two compared.
    """
    mine = [row for row in answers if row.annotator == name]
    places = set(map(key_of, mine))
    others = [row for row in answers if row.annotator != name and key_of(row) in places]
    table = agreement([*mine, *others], codebook)
    named = table["answer"].isin(QUESTIONS) | (table["first_yes"] + table["second_yes"] > 0)
    return table[named & (table["statements"] > 0)]
