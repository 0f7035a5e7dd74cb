"""Scores of models, models compared, learning curves; agreement of annotators and answers that may be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from amur.output.tables import json_bytes, list_as, records, table_as

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amur.learning_curves import Curve


def scores_as(kind: str, scores: pd.DataFrame) -> bytes:
    """Scores or agreement, see ``balances_as``; in JSON an object with the list ``scores``."""
    return list_as(kind, "scores", scores, _readable_scores)


def _readable_scores(scores: pd.DataFrame) -> pd.DataFrame:
    decimals = scores.select_dtypes("float").columns
    return scores.assign(**{name: scores[name].map("{:.2f}".format).replace("nan", "") for name in decimals})


def conflicts_as(kind: str, conflicts: pd.DataFrame) -> bytes:
    """Answers in which annotators differ, see ``balances_as``; in JSON an object with the list ``conflicts``."""
    return list_as(kind, "conflicts", conflicts, _readable_statements)


def likely_errors_as(kind: str, errors: pd.DataFrame) -> bytes:
    """Annotated answers, see ``balances_as``; in JSON an object with the list ``likely_errors``."""
    return list_as(kind, "likely_errors", errors, _readable_errors)


def _readable_statements(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(text=[" ".join(text.split()) for text in table["text"]])


def _readable_errors(errors: pd.DataFrame) -> pd.DataFrame:
    annotated = errors["annotated"].map({True: "yes", False: "no"})
    probability = errors["probability"].map("{:.2f}".format)
    return _readable_statements(errors).assign(annotated=annotated, probability=probability)


def models_as(kind: str, models: pd.DataFrame) -> bytes:
    """The models of a project, see ``balances_as``; in JSON an object with the list ``models``."""
    return list_as(kind, "models", models, _readable_models)


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


def model_differences_as(kind: str, differences: pd.DataFrame) -> bytes:
    """Two models compared, see ``balances_as``; in JSON an object with the list ``differences``."""
    return list_as(kind, "differences", differences, _readable_model_differences)


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


def curves_as(kind: str, curves: Mapping[str, Curve], baseline: str) -> bytes:
    """Learning curves: a summary as ``table`` or ``md``, the points as ``csv``, both as ``json``."""
    from amur.learning_curves import points, summary  # noqa: PLC0415

    if kind == "csv":
        return table_as(kind, points(curves), _readable_curves)
    strategies = summary(curves, baseline)
    if kind == "json":
        return json_bytes({"strategies": records(strategies), "points": records(points(curves))})
    return table_as(kind, strategies, _readable_curves)


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
