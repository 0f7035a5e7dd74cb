"""What is known of a model, as tables that each come with a sentence: from its manifest, and from its project."""

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd

from amur.codebook import QUESTIONS
from amur.details import CONFUSION, RELIABILITY
from amur.errors import AmurError
from amur.project import Project
from amur.store import Manifest
from amur.web.figures import Figure
from amur.web.templating import signed

CURVE = "learning-curve.json"
"""In a project's folder: what ``amur simulate`` wrote as JSON."""

_PARTS = ("held_out", "cross_validation")
_POINTS = ["strategy", "statements", "precision", "low", "high"]


@dataclass(frozen=True, slots=True)
class Known:
    """A model's name and manifest, and the part of the annotations on which it is looked at.

    ``part`` is ``held_out`` where the model was scored on documents held out from it, else ``cross_validation``; empty
    where it was scored on neither.
    """

    name: str
    manifest: Manifest
    part: str

    @property
    def on(self) -> str:
        """The part, for a sentence."""
        return {"held_out": "documents held out", "cross_validation": "cross-validation"}.get(self.part, "nothing")


def make_known(name: str, manifest: Manifest) -> Known:
    """A model with the best part to look at it on."""
    return Known(name, manifest, next((part for part in _PARTS if part in manifest.metrics), ""))


def scores(known: Known) -> Figure | None:
    """F1 and the rest by question and theme, their means first; None where the model was never scored."""
    if not known.part:
        return None
    table = known.manifest.metrics[known.part]
    means = table["answer"].isin(["stance", "themes"])
    table = pd.concat([table[means], table[~means]]).dropna(subset="f1").reset_index(drop=True)
    stance = _row(table, answer="stance")
    interval = f"95% interval {stance['low']:.2f} to {stance['high']:.2f}"
    where = f"on {stance['statements']:,} statements of {known.on}"
    return Figure(table, f"Mean F1 of convergence and friction {stance['f1']:.2f}, {interval}, {where}")


def confusion(known: Known) -> Figure | None:
    """Annotated stance by the stance given; None where the model does not tell."""
    table = _detail(known, CONFUSION)
    if table is None:
        return None
    right = int(table.loc[table["annotated"] == table["said"], "statements"].sum())
    wrong = table[table["annotated"] != table["said"]]
    if right == (of := int(table["statements"].sum())):
        return Figure(table, f"All {of:,} statements are given their stance")
    most = wrong.nlargest(1, "statements").iloc[0]
    mistaken = f"most often {most['annotated']} is taken for {most['said']} ({most['statements']:,} times)"
    return Figure(table, f"{right:,} of {of:,} statements are given their stance; {mistaken}")


def reliability(known: Known) -> Figure | None:
    """Bins of probability with their share of yes; None where the model does not tell."""
    table = _detail(known, RELIABILITY)
    if table is None:
        return None
    metrics = known.manifest.metrics[known.part]
    errors = [(question, _row(metrics, answer=question)["ece"]) for question in QUESTIONS]
    told = " and ".join(f"{error:.2f} for {question}" for question, error in errors)
    return Figure(table, f"Probabilities are off by {told}, on average")


def _detail(known: Known, name: str) -> pd.DataFrame | None:
    """A table of details on the part looked at."""
    table = known.manifest.details.get(name)
    if table is None or known.part not in set(table["part"]):
        return None
    return table[table["part"] == known.part].drop(columns="part").reset_index(drop=True)


def curve(project: Project | None) -> Figure | None:
    """The learning curves that a project keeps; None where it keeps none.

    Raises:
        AmurError: the file is not what ``amur simulate`` writes.
    """
    path = project.folder / CURVE if project else None
    if path is None or not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        points, base = pd.DataFrame(found["points"])[_POINTS], found["strategies"][0]
        worth = f"{signed(base['worth'], 3)} ({signed(base['worth_low'], 3)} to {signed(base['worth_high'], 3)})"
        told = f"{base['precision']:.2f} with {base['statements']:,} statements; another 200 would add {worth}"
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        msg = f"cannot read {path} ({error}); draw it anew: {curve_command()}"
        raise AmurError(msg) from error
    return Figure(points, f"Chosen at random, statements bring mean average precision to {told}")


def curve_command() -> str:
    """The command that draws a project's learning curves."""
    return f"amur simulate --format json --out {CURVE}"


def history(models: pd.DataFrame) -> Figure | None:
    """Scores of a project's models by the statements they learned from; None where they do not differ in that."""
    scored = models.dropna(subset=["f1", "statements"]).sort_values("statements")
    if scored["statements"].nunique() < 2:  # noqa: PLR2004 (a line needs two points)
        return None
    table = scored[["name", "statements", "f1", "low", "high"]].reset_index(drop=True)
    first, last = table.iloc[0], table.iloc[-1]
    told = [f"{row['f1']:.2f} with {row['statements']:,.0f} statements" for row in (first, last)]
    return Figure(table, f"Mean F1 went from {told[0]} to {told[1]}, each on what was held out then")


def _row(table: pd.DataFrame, **wanted: str) -> dict[Any, Any]:
    """The first row with some values."""
    return next(
        row for row in table.to_dict("records") if all(row.get(name) == value for name, value in wanted.items())
    )
