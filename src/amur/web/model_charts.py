"""Charts of a model as Vega-Lite: its scores, its errors, its probabilities, and how it grew.

Everything that a colour tells, a shape or a dash tells as well. The colours stand on light and on dark.
"""

import altair as alt
import pandas as pd

from amur.codebook import QUESTIONS, STANCES
from amur.web.charts import LABEL, Spec, finish

_BLUE, _ORANGE, _GREY = "#3b75ab", "#c9622b", "#8a8580"
_TWO = alt.Scale(domain=list(QUESTIONS), range=[_BLUE, _ORANGE])
_FIGURE = ".2f"


def scores_chart(table: pd.DataFrame) -> Spec:
    """F1 of each answer with its interval; ``answer, statements, precision, recall, f1, low, high``."""
    base = alt.Chart(table).encode(
        y=alt.Y("answer:N", sort=list(table["answer"]), title=None, axis=alt.Axis(labelLimit=LABEL, domain=False))
    )
    bars = base.mark_rule(strokeWidth=2, color=_GREY, aria=False).encode(
        x=alt.X("low:Q", title="F1", scale=alt.Scale(domain=[0, 1])), x2="high:Q"
    )
    figures = [alt.Tooltip(f"{name}:Q", format=_FIGURE) for name in ("f1", "low", "high", "precision", "recall")]
    dots = base.mark_circle(size=110, opacity=1, color=_BLUE).encode(
        x="f1:Q", tooltip=[alt.Tooltip("answer:N"), *figures, alt.Tooltip("statements:Q", format=",")]
    )
    return finish(bars + dots, height=22 * len(table) + 10)


def confusion_chart(table: pd.DataFrame) -> Spec:
    """Annotated stance by the stance given: area is the number of statements; ``annotated, said, statements``."""
    base = alt.Chart(table).encode(
        x=alt.X("said:N", sort=list(STANCES), title="said by the model", axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("annotated:N", sort=list(STANCES), title="annotated"),
    )
    right = alt.datum.said == alt.datum.annotated
    squares = base.mark_square(opacity=1).encode(
        size=alt.Size("statements:Q", scale=alt.Scale(range=[0, 1800]), legend=None),
        color=alt.condition(right, alt.value(_BLUE), alt.value(_ORANGE)),
    )
    counts = base.mark_text(dy=30, fontSize=11).encode(text=alt.Text("statements:Q", format=","))
    return finish(squares + counts, height=300)


def reliability_chart(table: pd.DataFrame) -> Spec:
    """Share of yes against the mean probability of a bin; ``answer, statements, probability, yes``."""
    scale = alt.Scale(domain=[0, 1])
    ends = pd.DataFrame({"at": [0, 1]})
    even = alt.Chart(ends).mark_line(color=_GREY, strokeDash=[4, 4], aria=False).encode(x="at:Q", y="at:Q")
    base = alt.Chart(table).encode(
        x=alt.X("probability:Q", scale=scale, title="probability of yes (mean of a bin)"),
        y=alt.Y("yes:Q", scale=scale, title="share that is yes"),
        color=alt.Color("answer:N", scale=_TWO, title=None),
    )
    lines = base.mark_line(strokeWidth=1.5).encode(strokeDash=alt.StrokeDash("answer:N", legend=None))
    numbers = [alt.Tooltip(f"{name}:Q", format=_FIGURE) for name in ("probability", "yes")]
    dots = base.mark_point(size=70, filled=True, opacity=1).encode(
        shape=alt.Shape("answer:N", scale=alt.Scale(domain=list(QUESTIONS), range=["circle", "triangle-up"])),
        tooltip=[alt.Tooltip("answer:N"), *numbers, alt.Tooltip("statements:Q", format=",")],
    )
    return finish(even + lines + dots, height=320)


def curve_chart(table: pd.DataFrame) -> Spec:
    """Mean average precision by statements annotated; ``strategy, statements, precision, low, high``."""
    base = alt.Chart(table).encode(
        x=alt.X("statements:Q", title="statements annotated", scale=alt.Scale(zero=False)),
        y=alt.Y("precision:Q", title="mean average precision", scale=alt.Scale(zero=False)),
        color=alt.Color("strategy:N", title=None, sort=None),
    )
    lines = base.mark_line(strokeWidth=1.5).encode(strokeDash=alt.StrokeDash("strategy:N", legend=None))
    figures = [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("precision", "low", "high")]
    dots = base.mark_point(size=40, filled=True, opacity=1).encode(
        shape=alt.Shape("strategy:N", sort=None),
        tooltip=[alt.Tooltip("strategy:N"), alt.Tooltip("statements:Q", format=","), *figures],
    )
    return finish(lines + dots, height=280)


def history_chart(table: pd.DataFrame) -> Spec:
    """Mean F1 of a project's models by the statements they learned from; ``name, statements, f1, low, high``."""
    base = alt.Chart(table).encode(
        x=alt.X("statements:Q", title="statements learned from", scale=alt.Scale(zero=False), axis=alt.Axis(format=","))
    )
    bars = base.mark_rule(strokeWidth=2, color=_GREY, aria=False).encode(
        y=alt.Y("low:Q", title="mean F1", scale=alt.Scale(domain=[0, 1])), y2="high:Q"
    )
    line = base.mark_line(color=_GREY, strokeWidth=1, aria=False).encode(y="f1:Q")
    figures = [alt.Tooltip(f"{name}:Q", format=_FIGURE) for name in ("f1", "low", "high")]
    dots = base.mark_circle(size=110, opacity=1, color=_BLUE).encode(
        y="f1:Q", tooltip=[alt.Tooltip("name:N"), alt.Tooltip("statements:Q", format=","), *figures]
    )
    return finish(bars + line + dots, height=240)
