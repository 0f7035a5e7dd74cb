"""How sure a decision is, and decisions that are sure enough."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from amur.codebook import QUESTIONS
from amur.errors import AmurError, Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd
    from numpy.typing import NDArray


def confidence(classified: pd.DataFrame) -> NDArray[np.float64]:
    """Probability that both answers of each statement are right, shape (statements,), rounded to four decimals.

    It is the product over the two questions of the calibrated probability of the answer given: for yes the probability
    itself, for no what it lacks to one. A question is answered yes from a threshold that serves F1 and lies below one
    half, so a yes may well be less probable than a no: such a decision has a low confidence.

    Args:
        classified: columns ``stance`` and the probabilities ``convergence`` and ``friction``.

    >>> import pandas as pd
    >>> row = {"stance": "mixed", "convergence": 0.9, "friction": 0.4}
    >>> confidence(pd.DataFrame([row, row | {"stance": "convergence"}])).tolist()
    [0.36, 0.54]
    """
    sure = np.ones(len(classified))
    for question in QUESTIONS:
        yes = classified[question].to_numpy(dtype=float)
        sure *= np.where(classified["stance"].isin([question, "mixed"]), yes, 1 - yes)
    return sure.round(4)


def is_sure(classified: pd.DataFrame, least: float) -> NDArray[np.bool_]:
    """Which statements are decided with a confidence of ``least`` or more, shape (statements,).

    Raises:
        AmurError: none of them is.

    Warns:
        Note: how many are not, and that what is left is no fair sample: few statements that say friction are sure.
    """
    sure = confidence(classified) >= least
    _tell(len(sure), int(sure.sum()), least, "friction is seldom sure, so balances of the rest lean to convergence")
    return np.asarray(sure)


def keep_sure(tables: Iterable[pd.DataFrame], least: float) -> Iterator[pd.DataFrame]:
    """Each table without the statements that are less sure than ``least``; raises and warns as ``is_sure`` does."""
    found = kept = 0
    for table in tables:
        sure = table[confidence(table) >= least]
        found, kept = found + len(table), kept + len(sure)
        yield sure.reset_index(drop=True)
    _tell(found, kept, least, "without --min-confidence they are in")


def _tell(found: int, kept: int, least: float, remark: str) -> None:
    if found and not kept:
        msg = f"none of the {found:,} statements is decided with a confidence of {least:g}; lower --min-confidence"
        raise AmurError(msg)
    if kept < found:
        msg = f"{found - kept:,} of {found:,} statements are decided with a confidence below {least:g} and left out"
        warnings.warn(f"{msg}; {remark}", Note, stacklevel=4)
