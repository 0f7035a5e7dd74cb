"""What the pages say, three ways, and that their numbers are those of the command line."""

import io
import json
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from fastapi.testclient import TestClient

import amur
from amur.balances import balances
from amur.confidence import confidence
from amur.web.data import Corpus, Filter
from amur.web.figures import by_source_and_theme, heatmap

ADDRESSES = (
    "/overview",
    "/statements",
    "/source?source=Harbour+Post",
    "/theme?theme=trade",
    "/article?document=a0",
    "/compare?first=Harbour+Post&second=Steppe+Times",
    "/charts/sources",
    "/charts/themes",
    "/charts/trend",
)


def _as(address: str, kind: str) -> str:
    path, _, query = address.partition("?")
    return f"{path}.{kind}?{query}"


def _table(client: TestClient, address: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(client.get(_as(address, "csv")).text), keep_default_na=True)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_there_three_ways_with_the_same_rows(client: TestClient, address: str) -> None:
    page, data, table = client.get(address), client.get(_as(address, "json")).json(), _table(client, address)
    assert page.status_code == 200
    assert "<h1>" in page.text or "<h2>" in page.text
    rows = data.get("statements") or data["balances"]
    assert len(table) == (data.get("total") or len(rows))
    assert set(table.columns) >= rows[0].keys() or set(table.columns) <= rows[0].keys() | {"source"}


def test_the_overview_has_the_numbers_of_amur_report(client: TestClient, statements: pd.DataFrame) -> None:
    expected = amur.report(statements, by=["source", "theme"])
    found = _table(client, "/overview")
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, atol=1e-9)


def test_the_trend_has_the_numbers_of_amur_report(client: TestClient, statements: pd.DataFrame) -> None:
    expected = amur.report(statements, by=["year"]).rename(columns={"year": "period"})
    found = _table(client, "/charts/trend?period=year")
    assert found["period"].tolist() == [2020, 2021, 2022, 2023]
    pd.testing.assert_frame_equal(
        found.drop(columns="period"), expected.drop(columns="period"), check_dtype=False, atol=1e-9
    )


def test_expected_balances_are_near_those_with_intervals(corpus: Corpus) -> None:
    quick, full = heatmap(corpus, Filter()).table, by_source_and_theme(corpus, Filter()).table
    assert (quick["balance"].isna() == full["balance"].isna()).all()
    assert (quick["balance"] - full["balance"]).abs().max() < 0.05


def test_a_filter_narrows_balances_as_narrowing_the_statements_would(
    client: TestClient, corpus: Corpus, statements: pd.DataFrame
) -> None:
    chosen = statements[(statements["date"] >= "2021-03") & (statements["date"] < "2023")]
    expected = balances(chosen, ["source"], errors=corpus.errors).set_index("source")
    found = _table(client, "/charts/sources?since=2021-03&until=2022").set_index("source")
    pd.testing.assert_frame_equal(found.loc[expected.index], expected, check_dtype=False, atol=1e-9)


def test_stance_and_confidence_choose_sentences_and_leave_balances_alone(
    client: TestClient, statements: pd.DataFrame
) -> None:
    plain = client.get("/charts/sources.json").json()
    assert client.get("/charts/sources.json?stance=friction&confidence=0.9").json() == plain
    found = client.get("/statements.json?stance=friction&confidence=0.9").json()
    sure = (statements["stance"] == "friction") & (confidence(statements) >= 0.9)
    assert found["total"] == sure.sum() > 0
    assert {row["stance"] for row in found["statements"]} == {"friction"}


def test_the_number_of_a_link_is_the_number_of_its_statements(client: TestClient) -> None:
    page = client.get("/overview?since=2021&stance=convergence").text
    cells = [line for line in page.split("\n") if 'title="' in line and "statements" in line]
    assert len(cells) == 3 * 4
    for cell in cells:
        href = unescape(cell.split('href="')[1].split('"')[0])
        said = int(cell.split('title="')[1].split('"')[0].rsplit(", ", 1)[1].split()[0])
        parts = urlsplit(href)
        assert parse_qs(parts.query)["stance"] == ["convergence"]
        assert client.get(f"{parts.path}.json?{parts.query}").json()["total"] == said


def test_headlines_say_what_the_charts_show(client: TestClient) -> None:
    sources = client.get("/charts/sources.json").json()["headline"]
    assert "Harbour Post leans to convergence" in sources
    assert "Steppe Times leans to friction" in sources
    assert client.get("/charts/trend.json?source=Old+Mill+%26+Sons&since=2030").json() == {
        "headline": "Too few dated statements for a trend",
        "balances": [],
    }


def test_the_headline_over_themes_names_the_ends_of_the_chart(client: TestClient) -> None:
    for asked in ("", "?source=Steppe+Times"):
        told = client.get(f"/charts/themes.json{asked}").json()
        balances = {row["theme"]: row["balance"] for row in told["balances"] if row["balance"] is not None}
        del balances["all"]
        most, least = max(balances, key=balances.__getitem__), min(balances, key=balances.__getitem__)
        assert told["headline"].startswith(f"Most convergence on {most} (")
        assert f"most friction on {least} (" in told["headline"]


def test_too_few_is_said_so(client: TestClient) -> None:
    page = client.get("/overview?since=2020-01&until=2020-01").text
    assert 'class="few"' in page
    assert client.get("/overview?since=2030").text.count("No statement is left") == 1


def test_statements_come_in_pages_the_surest_first(client: TestClient, corpus: Corpus) -> None:
    first, second = (client.get(f"/statements.json?page={page}").json() for page in (1, 2))
    assert first["total"] == len(corpus.statements)
    assert len(first["statements"]) == len(second["statements"]) == 50
    sure = [row["confidence"] for row in first["statements"] + second["statements"]]
    assert sure == sorted(sure, reverse=True)
    assert not {row["text"] for row in first["statements"]} & {row["text"] for row in second["statements"]}
    newest = client.get("/statements.json?order=newest").json()["statements"]
    assert newest[0]["date"] == corpus.statements["date"].max()


def test_an_article_marks_its_statements_in_place(client: TestClient) -> None:
    page = client.get("/article?document=a0").text
    assert "🚢" in page
    assert "source: Harbour Post" not in page  # front matter is no prose
    assert "<b>why</b>" not in page
    assert "Nobody knows &lt;b&gt;why&lt;/b&gt;." in page
    assert page.count('<p class="prose">') == 2
    assert "</span>&NoBreak;Beijing and Moscow signed.</mark>" in page


def test_an_article_without_its_text_shows_its_statements(client: TestClient) -> None:
    page = client.get("/article?document=a1").text
    assert page.count("of article 1.") == 8


def test_two_sources_side_by_side_differ(client: TestClient) -> None:
    answer = client.get("/compare.json?first=Harbour+Post&second=Steppe+Times&theme=trade").json()
    assert answer["difference"]["low"] > 0.5
    assert [row["source"] for row in answer["balances"]] == ["Harbour Post", "Steppe Times"]
    assert "the two differ" in client.get("/compare?first=Harbour+Post&second=Steppe+Times&theme=trade").text
    assert client.get("/compare?first=Harbour+Post&second=Harbour+Post").status_code == 200
    assert client.get("/compare?first=nobody").status_code == 404


def test_pictures_are_drawn_here(client: TestClient) -> None:
    svg = client.get("/charts/sources.svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert "Harbour Post" in svg.text
    png = client.get("/charts/heatmap.png?theme=trade").content
    assert png.startswith(b"\x89PNG")
    spec = client.get("/charts/trend.vl.json").json()
    assert "vega-lite" in spec["$schema"]
    assert "http" not in json.dumps(spec["layer"])
    assert client.get("/charts/nothing.svg").status_code == 404


def test_openapi_has_the_data_and_not_the_pages(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    paths = set(schema["paths"])
    assert {_as(address, "json").split("?")[0] for address in ADDRESSES} <= paths
    assert all(path.endswith((".json", ".csv", ".svg", ".png")) for path in paths)
    assert "Balances" in schema["components"]["schemas"]
