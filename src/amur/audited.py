"""Balances of a classified corpus, corrected by its audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from amur.audit import fingerprint
from amur.balances import ALL_THEMES, FEWEST, balances, check_grouping
from amur.codebook import QUESTIONS
from amur.errors import AmurError
from amur.prediction_powered import Target, prediction_powered_balance

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

_PLACE = ["document", "start", "end", "text"]


def audited_balances(
    statements: pd.DataFrame,
    audit: pd.DataFrame,
    by: Sequence[str] = ("source", "theme"),
    target: Target = "sources",
) -> pd.DataFrame:
    """Balances by group whose intervals hold however wrong the classifier is.

    The groups are those of ``balances``: themes are the classifier's, the answers to both questions are the audit's.

    Args:
        statements: the classified corpus, one row a statement, ``convergence`` and ``friction`` being probabilities.
        audit: its labelled audit, from ``read_audit``.
        by: what to group by, out of ``GROUPINGS``.
        target: with ``sources``, the interval is for what the sources write, of which the corpus holds some articles;
            with ``corpus``, for the articles of the corpus alone, and narrower.

    Returns:
        The ``by`` columns, ``statements`` (in the corpus), ``audited`` (of those, labelled), ``balance``, ``low, high``
        (its 95% interval) and ``friction_score``. NaN where fewer than ``FEWEST`` audited statements are one-sided, as
        in ``balances``: below that the interval would say next to nothing.

    Raises:
        AmurError: ``by`` is empty or names an unknown grouping, or the audit is of other statements.
    """
    check_grouping(by)
    names = list(dict.fromkeys(by))
    sampled = _rows(statements, audit)
    labels = audit[list(QUESTIONS)].to_numpy(dtype=bool)
    stratum = statements.groupby("source", sort=False).ngroup().to_numpy().astype(np.int64)
    cluster = statements.groupby(["source", "document"], sort=False).ngroup().to_numpy().astype(np.int64)
    predictions = statements[list(QUESTIONS)].to_numpy(dtype=float)
    table = balances(statements, names)[[*names, "statements"]]
    members, found = _members(statements, names), []
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


def _members(statements: pd.DataFrame, by: list[str]) -> dict[tuple[Hashable, ...], NDArray[np.int64]]:
    """The rows of each group of ``balances``."""
    dates = statements["date"].fillna("").astype(str)
    rows = pd.DataFrame(
        {
            "row": np.arange(len(statements)),
            "source": statements["source"].to_numpy(),
            "document": statements["document"].to_numpy(),
            "year": dates.str.extract(r"^(\d{4})", expand=False).fillna("undated").to_numpy(),
            "month": dates.str.extract(r"^(\d{4}-\d{2})", expand=False).fillna("undated").to_numpy(),
        }
    )
    if "theme" in by:
        under = rows.assign(theme=statements["themes"].to_numpy()).explode("theme").dropna(subset=["theme"])
        rows = pd.concat([rows.assign(theme=ALL_THEMES), under])
    return {key: group["row"].to_numpy() for key, group in rows.groupby(by, sort=False)}
