"""Balances of a classified corpus, corrected by its audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from amur.balances import FEWEST, count_stances, under_themes, with_periods
from amur.codebook import QUESTIONS
from amur.errors import AmurError
from amur.prediction_powered import Target, prediction_powered_balance
from amur.sampling import fingerprint

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

_PLACE = ["document", "start", "end", "text"]


def audited_balances(
    statements: pd.DataFrame,
    audit: pd.DataFrame,
    by: Sequence[str] = ("source", "theme"),
    *,
    counted: NDArray[np.bool_] | None = None,
    target: Target = "sources",
) -> pd.DataFrame:
    """Balances by group whose intervals hold however wrong the classifier is.

    The groups are those of ``balances``: themes are the classifier's, the answers to both questions are the audit's.

    Args:
        statements: the classified corpus, one row a statement, ``convergence`` and ``friction`` being probabilities.
        audit: its labelled audit, from ``read_audit``.
        by: what to group by, out of ``GROUPINGS``.
        counted: which statements count, shape (statements,); all by default.
        target: with ``sources``, the interval is for what the sources write, of which the corpus holds some articles;
            with ``corpus``, for the articles of the corpus alone, and narrower.

    Returns:
        The ``by`` columns, ``statements``, the counts of the four stances and their ``raw_balance`` as ``balances`` has
        them; ``audited`` (how many of the statements are labelled), ``balance``, ``low, high`` (its 95% interval) and
        ``friction_score``. These are NaN where fewer than ``FEWEST`` audited statements are one-sided: below that the
        interval would say next to nothing.

    Raises:
        AmurError: ``by`` is empty or names an unknown grouping, or the audit is of other statements.
    """
    names = list(dict.fromkeys(by))
    sampled = _rows(statements, audit)
    labels = audit[list(QUESTIONS)].to_numpy(dtype=bool)
    stratum = statements.groupby("source", sort=False).ngroup().to_numpy().astype(np.int64)
    cluster = statements.groupby(["source", "document"], sort=False).ngroup().to_numpy().astype(np.int64)
    predictions = statements[list(QUESTIONS)].to_numpy(dtype=float)
    kept = np.ones(len(statements), dtype=bool) if counted is None else counted
    table = count_stances(statements[kept], names)
    members, found = _members(statements, names, kept), []
    for key in table[names].itertuples(index=False, name=None):
        domain = np.zeros(len(statements), dtype=bool)
        domain[members[key]] = True
        seen = labels[domain[sampled]]
        numbers = (np.nan,) * 3
        if np.sum(seen[:, 0] ^ seen[:, 1]) >= FEWEST:
            numbers = prediction_powered_balance(predictions, labels, sampled, stratum, cluster, domain, target)
        found.append((len(seen), *numbers))
    table[["audited", "balance", "low", "high"]] = np.array(found, dtype=float).reshape(-1, 4)
    return table.assign(audited=table["audited"].astype(int), friction_score=(1 - table["balance"]) / 2)


def _rows(statements: pd.DataFrame, audit: pd.DataFrame) -> NDArray[np.int64]:
    """The rows of the audited statements in the corpus."""
    if set(audit["corpus"]) != {fingerprint(statements)}:
        msg = "the audit is not of these statements; read it with `read_audit` and the statements it was drawn from"
        raise AmurError(msg)
    corpus = pd.MultiIndex.from_frame(statements[_PLACE])
    return np.asarray(corpus.get_indexer(pd.MultiIndex.from_frame(audit[_PLACE])), dtype=np.int64)


def _members(
    statements: pd.DataFrame, by: list[str], kept: NDArray[np.bool_]
) -> dict[tuple[Hashable, ...], NDArray[np.int64]]:
    """The rows of each group of ``count_stances``."""
    rows = with_periods(statements.assign(row=np.arange(len(statements)))[kept])
    rows = under_themes(rows) if "theme" in by else rows
    return {key: group["row"].to_numpy() for key, group in rows.groupby(by, sort=False)}
