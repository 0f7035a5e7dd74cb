"""Tables to bytes, in the formats that the commands offer."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pandas as pd

from amur.balances import SHARES
from amur.voices import AUTHOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pandas.core.groupby import DataFrameGroupBy
    from rich.console import RenderableType

    from amur.learning_curves import Curve

TOO_FEW = "too few"
_STYLES = {"convergence": "green", "friction": "red", "mixed": "yellow", "neutral": "dim"}
_MACHINE_WIDTH = 160
_WORDS, _MOVES = 5, 0.2
"""How many words of an explanation are shown on each side, and the least change that 8-bit rounding does not drown."""


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
    """For reading: each article's statements in order, with stance, probabilities, themes, and who else speaks."""
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

    names = ("stance", "sure", "conv.", "frict.", "statement", "themes", "voice")
    grid = Table(*names, box=None, header_style="dim", pad_edge=False)
    for row in statements.itertuples():
        stance, odds = str(row.stance), [f"{float(p):.2f}" for p in (row.confidence, row.convergence, row.friction)]  # type: ignore[arg-type]
        themes = Text(", ".join(row.themes), style="cyan")  # type: ignore[arg-type]
        voice = Text("" if row.voice == AUTHOR else f"{row.voice}: {row.speaker}".removesuffix(": "), style="dim")
        grid.add_row(Text(stance, style=_STYLES[stance]), *odds, Text(" ".join(str(row.text).split())), themes, voice)
    return grid


# --- balances and scores: one table ---


def balances_as(kind: str, balances: pd.DataFrame, by: list[str]) -> bytes:
    """Balances as ``table``, ``md``, ``csv`` or ``json``; in JSON an object with the list ``balances``."""
    if kind == "json":
        return _json({"by": by, "balances": _records(balances)})
    return _table_as(kind, balances, _readable_balances)


def scores_as(kind: str, scores: pd.DataFrame) -> bytes:
    """Scores or agreement, see ``balances_as``; in JSON an object with the list ``scores``."""
    return _list_as(kind, "scores", scores, _readable_scores)


def conflicts_as(kind: str, conflicts: pd.DataFrame) -> bytes:
    """Answers in which annotators differ, see ``balances_as``; in JSON an object with the list ``conflicts``."""
    return _list_as(kind, "conflicts", conflicts, _readable_statements)


def likely_errors_as(kind: str, errors: pd.DataFrame) -> bytes:
    """Annotated answers, see ``balances_as``; in JSON an object with the list ``likely_errors``."""
    return _list_as(kind, "likely_errors", errors, _readable_errors)


def differences_as(kind: str, differences: pd.DataFrame) -> bytes:
    """Differences of balances, see ``balances_as``; in JSON an object with the list ``differences``."""
    return _list_as(kind, "differences", differences, _readable_differences)


def changes_as(kind: str, changes: pd.DataFrame) -> bytes:
    """Changes of level, see ``balances_as``; in JSON an object with the list ``changes``."""
    return _list_as(kind, "changes", changes, _readable_changes)


def explanations_as(kind: str, explained: pd.DataFrame) -> bytes:
    """Explanations, see ``balances_as``; in JSON an object with the list ``explanations``, one a statement."""
    if kind == "json":
        return _json({"explanations": [_explanation(rows) for _, rows in _by_statement(explained)]})
    return _table_as(kind, explained, _readable_explanations)


def models_as(kind: str, models: pd.DataFrame) -> bytes:
    """The models of a project, see ``balances_as``; in JSON an object with the list ``models``."""
    return _list_as(kind, "models", models, _readable_models)


def model_differences_as(kind: str, differences: pd.DataFrame) -> bytes:
    """Two models compared, see ``balances_as``; in JSON an object with the list ``differences``."""
    return _list_as(kind, "differences", differences, _readable_model_differences)


def _list_as(kind: str, name: str, table: pd.DataFrame, readable: Callable[[pd.DataFrame], pd.DataFrame]) -> bytes:
    return _json({name: _records(table)}) if kind == "json" else _table_as(kind, table, readable)


def curves_as(kind: str, curves: Mapping[str, Curve], baseline: str) -> bytes:
    """Learning curves: a summary as ``table`` or ``md``, the points as ``csv``, both as ``json``."""
    from amur.learning_curves import points, summary  # noqa: PLC0415

    if kind == "csv":
        return _table_as(kind, points(curves), _readable_curves)
    strategies = summary(curves, baseline)
    if kind == "json":
        return _json({"strategies": _records(strategies), "points": _records(points(curves))})
    return _table_as(kind, strategies, _readable_curves)


def suggestions_as(kind: str, suggestions: pd.DataFrame) -> bytes:
    """Suggestions as ``jsonl`` to fill in, as ``csv``, or as ``table`` to read."""
    if kind == "jsonl":
        return suggestions.to_json(orient="records", lines=True, force_ascii=False).encode()
    if kind == "csv":
        flat = suggestions.assign(before=suggestions["before"].str.join(" "))
        return flat.to_csv(index=False, lineterminator="\n").encode()
    shown = suggestions[["document", "start", "text", "reason"]].astype(str)
    return _render(_grid(shown.assign(text=shown["text"].str.split().str.join(" ")), suggestions[shown.columns]))


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


def _readable_statements(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(text=[" ".join(text.split()) for text in table["text"]])


def _readable_errors(errors: pd.DataFrame) -> pd.DataFrame:
    annotated = errors["annotated"].map({True: "yes", False: "no"})
    probability = errors["probability"].map("{:.2f}".format)
    return _readable_statements(errors).assign(annotated=annotated, probability=probability)


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


def _by_statement(explained: pd.DataFrame) -> DataFrameGroupBy[Any, Any]:
    return explained.groupby(["document", "start"], sort=False)


def _explanation(rows: pd.DataFrame) -> dict[str, Any]:
    """One statement: its place and text, and for each answer the words, one below the other."""
    answers = [
        _records(part[["answer", "probability", "yes"]].head(1))[0]
        | {"words": _records(part[["word", "word_start", "word_end", "change", "linear"]])}
        for _, part in rows.groupby("answer", sort=False)
    ]
    place: dict[str, Any] = _records(rows[["document", "start", "end", "text"]].head(1))[0]
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
    for some in (ordered[ordered["change"] >= _MOVES], ordered[ordered["change"] <= -_MOVES][::-1]):
        words = zip(some["word"].head(_WORDS), some["change"].head(_WORDS), strict=True)
        yield ", ".join(f"{word} {change:+.1f}" for word, change in words)


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


def _readable_curves(summary: pd.DataFrame) -> pd.DataFrame:
    worth = [f"{row.worth:+.3f} ({row.worth_low:+.3f} to {row.worth_high:+.3f})" for row in summary.itertuples()]
    difference = [f"{row.difference:+.3f} ({row.low:+.3f} to {row.high:+.3f})" for row in summary.itertuples()]
    cells = {
        "strategy": summary["strategy"],
        "statements": summary["statements"],
        "precision": summary["precision"].map("{:.3f}".format),
        "area": summary["area"].map("{:.3f}".format),
        "minus random (95%)": pd.Series(difference, dtype=object).where(summary["difference"].notna(), ""),
        "200 more (95%)": worth,
        "curve": summary["curve"],
    }
    return pd.DataFrame(cells)


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
