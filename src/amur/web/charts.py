"""Charts as Vega-Lite, for the browser and for files: SVG and PNG are drawn here, by vl-convert."""

from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from amur.web.data import Filter
from amur.web.palette import LIGHT

FILE_WIDTH = 760
LABEL = 190
"""The most pixels that a label beside an axis takes."""

_SIGNED = "+.2f"
_COLOURS = alt.Scale(domain=[-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1], range=list(LIGHT))
_TOO_FEW = "#8a8580"
Spec = dict[str, Any]


def heatmap_chart(table: pd.DataFrame) -> Spec:
    """Source by theme: colour is the balance, area the number of statements, a ring where there are too few."""
    rows = table[["source", "theme", "statements", "matching", "balance"]].assign(few=table["balance"].isna())
    order = list(dict.fromkeys(table["theme"]))
    base = alt.Chart(rows).encode(
        x=alt.X("theme:N", sort=order, title=None, axis=alt.Axis(orient="top", labelAngle=-40, domain=False)),
        y=alt.Y("source:N", title=None, axis=alt.Axis(labelLimit=LABEL, domain=False)),
        size=alt.Size("matching:Q", title="statements", scale=alt.Scale(range=[20, 500])),
    )
    told = base.transform_filter("!datum.few").mark_square(opacity=1).encode(color=_colour(legend=True))
    few = base.transform_filter("datum.few").mark_point(shape="square", color=_TOO_FEW, strokeDash=[2, 2])
    signs = (
        base.transform_filter("!datum.few")
        .mark_text(dy=17, fontSize=8)
        .encode(text=alt.Text("balance:Q", format="+.1f"), size=alt.value(8))
    )
    return finish(few + told + signs, width=56 * len(order), height=42 * table["source"].nunique())


def intervals_chart(table: pd.DataFrame, wanted: Filter | None, by: str) -> Spec:
    """Balance of each group, ``by`` source or theme, with its interval."""
    rows = _with_links(table.dropna(subset="balance"), wanted, by)
    base = alt.Chart(rows).encode(
        y=alt.Y(f"{by}:N", sort=list(rows[by]), title=None, axis=alt.Axis(labelLimit=LABEL, domain=False)),
        **_href(wanted),
    )
    bars = base.mark_rule(strokeWidth=2, color=_TOO_FEW, aria=False).encode(
        x=alt.X("low:Q", title="friction  ←  balance  →  convergence", scale=alt.Scale(domain=[-1, 1])), x2="high:Q"
    )
    dots = base.mark_circle(size=110, opacity=1, stroke=_TOO_FEW, strokeWidth=1).encode(
        x="balance:Q", color=_colour(legend=False), tooltip=_tooltip(by)
    )
    return finish(_nought("x") + bars + dots, height=22 * len(rows) + 10)


def trend_chart(table: pd.DataFrame, wanted: Filter | None) -> Spec:
    """Balance over time with its interval."""
    rows = _with_links(table.dropna(subset="balance"), wanted, "period")
    base = alt.Chart(rows).encode(
        x=alt.X("period:O", title=None, axis=alt.Axis(labelAngle=-40, labelOverlap=True)), **_href(wanted)
    )
    bars = base.mark_rule(strokeWidth=2, color=_TOO_FEW, aria=False).encode(
        y=alt.Y("low:Q", title="balance", scale=alt.Scale(domain=[-1, 1])), y2="high:Q"
    )
    line = base.mark_line(color=_TOO_FEW, strokeWidth=1, aria=False).encode(y="balance:Q")
    dots = base.mark_circle(size=110, opacity=1, stroke=_TOO_FEW, strokeWidth=1).encode(
        y="balance:Q", color=_colour(legend=False), tooltip=_tooltip("period")
    )
    return finish(_nought("y") + bars + line + dots, height=240)


def sized(spec: Spec) -> Spec:
    """A chart for a file: of a width of its own, on white, without links, which vl-convert would make Vega's own."""
    width = FILE_WIDTH if spec["width"] == "container" else spec["width"]
    plain = [layer | {"encoding": _without_link(layer["encoding"])} for layer in spec["layer"]]
    return spec | {"layer": plain, "width": width, "padding": 16, "background": "white"}


def _without_link(encoding: Spec) -> Spec:
    return {channel: of for channel, of in encoding.items() if channel != "href"}


def titled(spec: Spec, headline: str) -> Spec:
    """A chart for a file of its own, with its headline."""
    title = {"text": headline, "anchor": "start", "frame": "group", "fontSize": 15, "offset": 14}
    return sized(spec) | {"title": title}


def as_svg(spec: Spec) -> bytes:
    """A chart as SVG."""
    drawn: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    return drawn.encode()


def as_png(spec: Spec) -> bytes:
    """A chart as PNG, at twice the size."""
    drawn: bytes = vl_convert.vegalite_to_png(spec, scale=2, allowed_base_urls=[])
    return drawn


def _colour(*, legend: bool) -> alt.Color:
    shown = alt.Legend(format="+.1f", gradientLength=160) if legend else None
    return alt.Color("balance:Q", scale=_COLOURS, legend=shown)


def _nought(axis: str) -> alt.Chart:
    """The line of as much friction as convergence."""
    line: alt.Chart = alt.Chart(pd.DataFrame({"at": [0]})).mark_rule(strokeDash=[3, 3], color=_TOO_FEW, aria=False)
    return line.encode(**{axis: "at:Q"})


def _tooltip(name: str) -> list[alt.Tooltip]:
    numbers = [alt.Tooltip(f"{column}:Q", format=_SIGNED) for column in ("balance", "low", "high")]
    return [alt.Tooltip(f"{name}:N"), *numbers, alt.Tooltip("statements:Q", format=",")]


def _with_links(table: pd.DataFrame, wanted: Filter | None, by: str) -> pd.DataFrame:
    """The table's numbers, each with the address of its statements unless the chart leads nowhere."""
    rows = table[[by, "statements", "balance", "low", "high"]]
    return rows.assign(link=[statements_link(wanted, **{by: str(group)}) for group in rows[by]]) if wanted else rows


def _href(wanted: Filter | None) -> dict[str, str]:
    """What makes marks lead to their statements."""
    return {"href": "link:N"} if wanted else {}


def statements_link(wanted: Filter, *, source: str = "", theme: str = "", period: str = "") -> str:
    """The address of the statements behind a number."""
    changes: dict[str, object] = {}
    if source:
        changes["source"] = (source,)
    if theme and theme != "all":
        changes["theme"] = theme
    if period:
        since, until = _span(period)
        changes["since"] = max(since, wanted.since)
        changes["until"] = _earlier(until, wanted.until)
    return wanted.link("/statements", **changes)


def _earlier(end: str, other: str) -> str:
    """The earlier of two ends of a time, or the finer where one lies within the other.

    >>> [_earlier(*ends) for ends in (("2024-05", "2024"), ("2024", "2024-05-16"), ("2024", "2023-12"), ("2024", ""))]
    ['2024-05', '2024-05-16', '2023-12', '2024']
    """
    within = end.startswith(other) or other.startswith(end)
    return max(end, other, key=len) if within else min(end, other)


def _span(period: str) -> tuple[str, str]:
    """The first and the last month, or the year, of a period.

    >>> _span("2024"), _span("2024-05"), _span("2024-Q4")
    (('2024', '2024'), ('2024-05', '2024-05'), ('2024-10', '2024-12'))
    """
    year, _, quarter = period.partition("-Q")
    if not quarter:
        return period, period
    last = 3 * int(quarter)
    return f"{year}-{last - 2:02}", f"{year}-{last:02}"


def finish(chart: alt.LayerChart, *, height: int, width: int | str = "container") -> Spec:
    """A chart as Vega-Lite; heights and widths are pixels, ``container`` is as wide as there is room."""
    sized = chart.properties(width=width, height=height).configure_view(stroke=None)
    spec: Spec = sized.to_dict()
    return spec
