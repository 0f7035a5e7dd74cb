"""Statements: as they are classified, chunk by chunk; why they are answered so; which to annotate next."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pandas as pd

from amur.explanation import LEAST_CHANGE
from amur.output.tables import grid_of, json_bytes, records, render, table_as
from amur.voices import AUTHOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pandas.core.groupby import DataFrameGroupBy
    from rich.console import RenderableType

_STYLES = {"convergence": "green", "friction": "red", "mixed": "yellow", "neutral": "dim"}
_WORDS = 5
"""How many words of an explanation are shown on each side."""


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
    """For reading: each article's statements in order, with stance, probabilities, themes, and who else speaks."""
    for table in tables:
        for _, statements in table.groupby("document", sort=False):
            yield render(_heading(statements.iloc[0]), _statement_grid(statements), "")


def _heading(first: Any) -> RenderableType:  # noqa: ANN401 (a row of a table)
    from rich.text import Text  # noqa: PLC0415 (slow to import)

    parts = (first["source"], first["date"], first["title"])
    return Text(" · ".join(str(part) for part in parts if part) or str(first["document"]), style="bold")


def _statement_grid(statements: pd.DataFrame) -> RenderableType:
    from rich.table import Table  # noqa: PLC0415 (slow to import)
    from rich.text import Text  # noqa: PLC0415

    names = ("stance", "sure", "conv.", "frict.", "statement", "themes", "voice")
    grid = Table(*names, box=None, header_style="dim", pad_edge=False)
    for row in statements.itertuples():
        stance, odds = str(row.stance), [f"{float(p):.2f}" for p in (row.confidence, row.convergence, row.friction)]  # type: ignore[arg-type]
        themes = Text(", ".join(row.themes), style="cyan")  # type: ignore[arg-type]
        voice = Text("" if row.voice == AUTHOR else f"{row.voice}: {row.speaker}".removesuffix(": "), style="dim")
        grid.add_row(Text(stance, style=_STYLES[stance]), *odds, Text(" ".join(str(row.text).split())), themes, voice)
    return grid


def suggestions_as(kind: str, suggestions: pd.DataFrame) -> bytes:
    """Suggestions as ``jsonl`` to fill in, as ``csv``, or as ``table`` to read."""
    if kind == "jsonl":
        return suggestions.to_json(orient="records", lines=True, force_ascii=False).encode()
    if kind == "csv":
        flat = suggestions.assign(before=suggestions["before"].str.join(" "))
        return flat.to_csv(index=False, lineterminator="\n").encode()
    shown = suggestions[["document", "start", "text", "reason"]].astype(str)
    return render(grid_of(shown.assign(text=shown["text"].str.split().str.join(" ")), suggestions[shown.columns]))


def explanations_as(kind: str, explained: pd.DataFrame) -> bytes:
    """Explanations, see ``balances_as``; in JSON an object with the list ``explanations``, one a statement."""
    if kind == "json":
        return json_bytes({"explanations": [_explanation(rows) for _, rows in _by_statement(explained)]})
    return table_as(kind, explained, _readable_explanations)


def _by_statement(explained: pd.DataFrame) -> DataFrameGroupBy[Any, Any]:
    return explained.groupby(["document", "start"], sort=False)


def _explanation(rows: pd.DataFrame) -> dict[str, Any]:
    """One statement: its place and text, and for each answer the words, one below the other."""
    answers = [
        records(part[["answer", "probability", "yes"]].head(1))[0]
        | {"words": records(part[["word", "word_start", "word_end", "change", "linear"]])}
        for _, part in rows.groupby("answer", sort=False)
    ]
    place: dict[str, Any] = records(rows[["document", "start", "end", "text"]].head(1))[0]
    return place | {"answers": answers}


def _readable_explanations(explained: pd.DataFrame) -> pd.DataFrame:
    """A row a statement and answer, with the words that speak for yes and those that speak for no."""
    rows = []
    for _, statement in _by_statement(explained):
        text = " ".join(str(statement["text"].iloc[0]).split())
        for answer, part in statement.groupby("answer", sort=False):
            said, odds = "yes" if part["yes"].iloc[0] else "no", f"{part['probability'].iloc[0]:.2f}"
            rows.append((text, str(answer), said, odds, *_movers(part)))
            text = ""  # once a statement
    return pd.DataFrame(rows, columns=["statement", "answer", "said", "probability", "for yes", "for no"])


def _movers(explained: pd.DataFrame) -> Iterator[str]:
    """The words that speak for yes, then those that speak for no, with the changes of log odds that show."""
    ordered = explained.sort_values("change", ascending=False, kind="stable")
    for some in (ordered[ordered["change"] >= LEAST_CHANGE], ordered[ordered["change"] <= -LEAST_CHANGE][::-1]):
        words = zip(some["word"].head(_WORDS), some["change"].head(_WORDS), strict=True)
        yield ", ".join(f"{word} {change:+.1f}" for word, change in words)
