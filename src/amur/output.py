"""Tables to bytes, in the formats that the commands offer."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pandas as pd

from amur.balances import SHARES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.console import RenderableType

TOO_FEW = "too few"
_STYLES = {"convergence": "green", "friction": "red", "mixed": "yellow", "neutral": "dim"}
_MACHINE_WIDTH = 160


# --- statements: tables come one chunk of articles at a time ---


def statements_as_jsonl(tables: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    """One JSON object a line."""
    for table in tables:
        if len(table):
            yield table.to_json(orient="records", lines=True, force_ascii=False).encode()


def statements_as_csv(tables: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    """CSV with one header; themes are joined by semicolons."""
    for number, table in enumerate(tables):
        flat = table.assign(themes=table["themes"].str.join(";"))
        yield flat.to_csv(index=False, header=number == 0, lineterminator="\n").encode()


def statements_as_parquet(tables: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    """One Parquet file."""
    import pyarrow as pa  # noqa: PLC0415 (slow to import)
    from pyarrow import parquet  # noqa: PLC0415

    arrow = [pa.Table.from_pandas(table, preserve_index=False) for table in tables if len(table)]
    buffer = io.BytesIO()
    parquet.write_table(pa.concat_tables(arrow, promote_options="permissive") if arrow else pa.table({}), buffer)
    yield buffer.getvalue()


def statements_as_text(tables: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    """For reading: each article's statements in order, with stance, probabilities and themes."""
    for table in tables:
        for _, statements in table.groupby("document", sort=False):
            yield _render(_heading(statements.iloc[0]), _statement_grid(statements), "")


def _heading(first: Any) -> RenderableType:  # noqa: ANN401 (a row of a table)
    from rich.text import Text  # noqa: PLC0415 (slow to import)

    parts = (first["source"], first["date"], first["title"])
    return Text(" · ".join(str(part) for part in parts if part) or str(first["document"]), style="bold")


def _statement_grid(statements: pd.DataFrame) -> RenderableType:
    from rich.table import Table  # noqa: PLC0415 (slow to import)
    from rich.text import Text  # noqa: PLC0415

    grid = Table("stance", "conv.", "frict.", "statement", "themes", box=None, header_style="dim", pad_edge=False)
    for row in statements.itertuples():
        stance, odds = str(row.stance), (f"{float(row.convergence):.2f}", f"{float(row.friction):.2f}")  # type: ignore[arg-type]
        themes = Text(", ".join(row.themes), style="cyan")  # type: ignore[arg-type]
        grid.add_row(Text(stance, style=_STYLES[stance]), *odds, Text(" ".join(str(row.text).split())), themes)
    return grid


# --- balances and scores: one table ---


def balances_as(kind: str, balances: pd.DataFrame, by: list[str]) -> bytes:
    """Balances as ``table``, ``md``, ``csv`` or ``json``; in JSON an object with the list ``balances``."""
    if kind == "json":
        return _json({"by": by, "balances": _records(balances)})
    return _table_as(kind, balances, _readable_balances)


def scores_as(kind: str, scores: pd.DataFrame) -> bytes:
    """Scores or agreement, see ``balances_as``; in JSON an object with the list ``scores``."""
    return _json({"scores": _records(scores)}) if kind == "json" else _table_as(kind, scores, _readable_scores)


def differences_as(kind: str, differences: pd.DataFrame) -> bytes:
    """Differences of balances, see ``balances_as``; in JSON an object with the list ``differences``."""
    if kind == "json":
        return _json({"differences": _records(differences)})
    return _table_as(kind, differences, _readable_differences)


def changes_as(kind: str, changes: pd.DataFrame) -> bytes:
    """Changes of level, see ``balances_as``; in JSON an object with the list ``changes``."""
    return _json({"changes": _records(changes)}) if kind == "json" else _table_as(kind, changes, _readable_changes)


def models_as(kind: str, models: pd.DataFrame) -> bytes:
    """The models of a project, see ``balances_as``; in JSON an object with the list ``models``."""
    return _json({"models": _records(models)}) if kind == "json" else _table_as(kind, models, _readable_models)


def model_differences_as(kind: str, differences: pd.DataFrame) -> bytes:
    """Two models compared, see ``balances_as``; in JSON an object with the list ``differences``."""
    if kind == "json":
        return _json({"differences": _records(differences)})
    return _table_as(kind, differences, _readable_model_differences)


def _table_as(kind: str, table: pd.DataFrame, readable: Callable[[pd.DataFrame], pd.DataFrame]) -> bytes:
    if kind == "csv":
        return table.to_csv(index=False, lineterminator="\n").encode()
    shown = readable(table).astype(str)
    return _markdown(shown) if kind == "md" else _render(_grid(shown, table))


def _readable_balances(balances: pd.DataFrame) -> pd.DataFrame:
    """The interval in one column, two decimals, "too few" instead of a number; shares are left to the data formats."""
    known = balances["balance"].notna()
    cells = {
        "counted": _signed(balances["raw_balance"]).where(balances["raw_balance"].notna(), ""),
        "balance": _signed(balances["balance"]).where(known, TOO_FEW),
        "95% interval": _interval(balances).where(known, ""),
        "friction score": balances["friction_score"].map("{:.2f}".format).where(known, ""),
    }
    others = {"raw_balance", "balance", "low", "high", "friction_score", *SHARES} & set(balances)
    return balances.drop(columns=list(others)).assign(**cells)


def _readable_differences(differences: pd.DataFrame) -> pd.DataFrame:
    cells = {
        "difference": _signed(differences["difference"]),
        "95% interval": _interval(differences),
        "p": _chance(differences["p"]),
        "q": _chance(differences["q"]),
    }
    return differences.drop(columns=["low", "high"]).assign(**cells)[["first", "second", *cells]]


def _readable_changes(changes: pd.DataFrame) -> pd.DataFrame:
    known = changes["p"].notna()
    cells = {
        "date": changes["date"].where(known, TOO_FEW),
        **{name: _signed(changes[name]).where(known, "") for name in ("before", "after")},
        **{name: _chance(changes[name]).where(known, "") for name in ("p", "q")},
    }
    return changes.assign(**cells)


def _readable_models(models: pd.DataFrame) -> pd.DataFrame:
    """Figures of scores to two decimals and nothing where there are none; the note only where there is one."""
    scored = models["f1"].notna()
    interval = [f"{low:.2f} to {high:.2f}" for low, high in zip(models["low"], models["high"], strict=True)]
    cells = {
        "name": models["name"],
        "created": models["created"],
        "statements": [f"{count:.0f}" if pd.notna(count) else "" for count in models["statements"]],
        "mean F1": models["f1"].map("{:.2f}".format).where(scored, ""),
        "95% interval": pd.Series(interval, index=models.index, dtype=object).where(scored, ""),
        "adopted": models["adopted"].map({True: "yes", False: ""}),
        "parent": models["parent"],
        "note": models["note"],
    }
    return pd.DataFrame(cells).drop(columns=[] if models["note"].any() else ["note"])


def _readable_model_differences(differences: pd.DataFrame) -> pd.DataFrame:
    known = differences["difference"].notna()
    cells = {
        **{name: differences[name].map("{:.2f}".format).where(known, "") for name in ("first", "second")},
        "difference": differences["difference"].map("{:+.3f}".format).where(known, ""),
        "95% interval": pd.Series(
            [f"{low:+.3f} to {high:+.3f}" for low, high in zip(differences["low"], differences["high"], strict=True)],
            index=differences.index,
            dtype=object,
        ).where(known, ""),
    }
    return differences.drop(columns=["low", "high"]).assign(**cells)


def _signed(numbers: pd.Series[float]) -> pd.Series[str]:
    return numbers.map("{:+.2f}".format)


def _chance(numbers: pd.Series[float]) -> pd.Series[str]:
    return numbers.map(lambda p: f"{p:.3f}" if p >= 0.001 else "<0.001")  # noqa: PLR2004 (what three decimals show)


def _interval(table: pd.DataFrame) -> pd.Series[str]:
    text = [f"{low:+.2f} to {high:+.2f}" for low, high in zip(table["low"], table["high"], strict=True)]
    return pd.Series(text, index=table.index, dtype=object)


def _records(table: pd.DataFrame) -> Any:  # noqa: ANN401 (what JSON holds)
    return json.loads(table.to_json(orient="records"))


def _readable_scores(scores: pd.DataFrame) -> pd.DataFrame:
    decimals = scores.select_dtypes("float").columns
    return scores.assign(**{name: scores[name].map("{:.2f}".format).replace("nan", "") for name in decimals})


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _markdown(shown: pd.DataFrame) -> bytes:
    lines = [list(shown.columns), ["---"] * len(shown.columns), *shown.to_numpy().tolist()]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines).encode()


def _grid(shown: pd.DataFrame, table: pd.DataFrame) -> RenderableType:
    from rich.table import Table  # noqa: PLC0415 (slow to import)
    from rich.text import Text  # noqa: PLC0415

    words = {name for name in table if not pd.api.types.is_numeric_dtype(table[name])}
    grid = Table(box=None, header_style="bold", pad_edge=False)
    for name in shown.columns:
        grid.add_column(name, justify="left" if name in words else "right", overflow="fold")
    for row in shown.to_numpy().tolist():
        grid.add_row(*map(Text, row))
    return grid


def _render(*parts: RenderableType) -> bytes:
    """What Rich would print, in colour where standard output is a terminal."""
    from rich.console import Console  # noqa: PLC0415 (slow to import)

    live = sys.stdout.isatty()
    console = Console(file=io.StringIO(), force_terminal=live, width=None if live else _MACHINE_WIDTH)
    with console.capture() as captured:
        console.print(*parts, sep="\n")
    return captured.get().encode()
