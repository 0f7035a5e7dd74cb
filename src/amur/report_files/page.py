"""A report as a page that holds all it needs: no script, nothing fetched, dark on dark screens and never on paper."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from amur.output.tables import records
from amur.report_files.content import Content, gather
from amur.report_files.evidence import MOST, SIDED, anchor
from amur.web import charts
from amur.web.heat import Links, grid
from amur.web.palette import as_css
from amur.web.templating import templates

if TYPE_CHECKING:
    import pandas as pd

    from amur.report_files.findings import Findings

_STYLES = ("amur.css", "report.css")


def write(found: Findings) -> bytes:
    """The page, in UTF-8."""
    return as_html(gather(found)).encode()


def as_html(content: Content) -> str:
    """The page."""
    places = {source: f"#{anchor(at)}" for at, source in enumerate(content.shown)}
    drawn = [
        _part("Sources", "source", content.by_source.headline, content.by_source.table, places),
        _part("Over time", "period", content.by_period.headline, content.by_period.table, {}),
    ]
    style = as_css() + "".join((files("amur.web") / "static" / name).read_text(encoding="utf-8") for name in _STYLES)
    return templates.get_template("report.html").render(
        content=content,
        style=Markup(style),  # noqa: S704 (our own files)
        grid=_grid(content),
        charts=drawn,
        rows=records(content.balances),
        places=places,
        sided=SIDED,
        most=MOST,
    )


def _grid(content: Content) -> dict[str, Any]:
    """The heat map, whose cells and sources lead to their sentences."""
    sources = {source: at for at, source in enumerate(content.shown)}
    themes = {theme: at for at, theme in enumerate(content.themes)}
    links = Links(
        lambda source, theme: f"#{anchor(sources[source], themes[theme])}",
        lambda source: f"#{anchor(sources[source])}",
        lambda _: "",
    )
    table = content.balances
    table = table[table["source"].isin(content.shown)].assign(matching=table["statements"])
    return grid(table, content.themes[1:], len(content.shown), links)


def _part(title: str, by: str, headline: str, table: pd.DataFrame, places: dict[str, str]) -> dict[str, Any]:
    """A chart, drawn where there is a balance to draw, and its figures."""
    drawn = Markup(_drawn(by, table)) if table["balance"].notna().any() else ""  # noqa: S704 (vl-convert escapes texts)
    return {"title": title, "by": by, "headline": headline, "chart": drawn, "rows": records(table), "places": places}


def _drawn(by: str, table: pd.DataFrame) -> str:
    spec = charts.trend_chart(table, None) if by == "period" else charts.intervals_chart(table, None, by)
    return charts.as_svg(charts.sized(spec) | {"background": "transparent"}).decode()
