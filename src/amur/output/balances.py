"""Balances, their differences and their changes over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amur.balances import SHARES
from amur.output.tables import chance, interval, json_bytes, list_as, records, signed, table_as

if TYPE_CHECKING:
    import pandas as pd

TOO_FEW = "too few"


def balances_as(kind: str, balances: pd.DataFrame, by: list[str]) -> bytes:
    """Balances as ``table``, ``md``, ``csv`` or ``json``; in JSON an object with the list ``balances``."""
    if kind == "json":
        return json_bytes({"by": by, "balances": records(balances)})
    return table_as(kind, balances, readable_balances)


def readable_balances(balances: pd.DataFrame) -> pd.DataFrame:
    """The interval in one column, two decimals, "too few" instead of a number; shares are left to the data formats."""
    known = balances["balance"].notna()
    cells = {
        "counted": signed(balances["raw_balance"]).where(balances["raw_balance"].notna(), ""),
        "balance": signed(balances["balance"]).where(known, TOO_FEW),
        "95% interval": interval(balances).where(known, ""),
        "friction score": balances["friction_score"].map("{:.2f}".format).where(known, ""),
    }
    others = {"raw_balance", "balance", "low", "high", "friction_score", *SHARES} & set(balances)
    return balances.drop(columns=list(others)).assign(**cells)


def differences_as(kind: str, differences: pd.DataFrame) -> bytes:
    """Differences of balances, see ``balances_as``; in JSON an object with the list ``differences``."""
    return list_as(kind, "differences", differences, _readable_differences)


def _readable_differences(differences: pd.DataFrame) -> pd.DataFrame:
    cells = {
        "difference": signed(differences["difference"]),
        "95% interval": interval(differences),
        "p": chance(differences["p"]),
        "q": chance(differences["q"]),
    }
    return differences.drop(columns=["low", "high"]).assign(**cells)[["first", "second", *cells]]


def changes_as(kind: str, changes: pd.DataFrame) -> bytes:
    """Changes of level, see ``balances_as``; in JSON an object with the list ``changes``."""
    return list_as(kind, "changes", changes, _readable_changes)


def _readable_changes(changes: pd.DataFrame) -> pd.DataFrame:
    known = changes["p"].notna()
    cells = {
        "date": changes["date"].where(known, TOO_FEW),
        **{name: signed(changes[name]).where(known, "") for name in ("before", "after")},
        **{name: chance(changes[name]).where(known, "") for name in ("p", "q")},
    }
    return changes.assign(**cells)
