"""What the pages say, three ways, and that their numbers are those of the command line."""

import io
import json
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from fastapi.testclient import TestClient

import amur
from amur.balances import balances
from amur.confidence import confidence
from amur.web.app import create_app
from amur.web.data import Corpus, Filter, make_corpus
from amur.web.figures import MOST_SOURCES, by_source, by_source_and_theme, heatmap
from amur.web.jobs import Jobs
from amur.web.security import Access
from page.conftest import HOST

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


def _linked(client: TestClient, href: str) -> int:
    """How many statements an address lists."""
    parts = urlsplit(unescape(href))
    found: int = client.get(f"{parts.path}.json?{parts.query}").json()["total"]
    return found


@pytest.mark.parametrize("name", ["sources?", "themes?", "trend?period=month", "trend?period=quarter"])
def test_the_numbers_of_charts_lead_to_as_many_statements(client: TestClient, name: str) -> None:
    asked = f"/charts/{name}&source=Old+Mill+%26+Sons&since=2021&until=2022&stance=friction&confidence=0.9"
    rows = client.get(asked).text.split('<th scope="row">')[1:]
    assert rows
    for row in rows:
        numbers = re.findall(r'<a href="([^"]+)">([\d,]+)</a>', row)
        assert [_linked(client, href) for href, _ in numbers] == [int(said) for _, said in numbers]
    spec = client.get(_as(asked, "vl.json")).json()
    points = [row for rows in spec["datasets"].values() for row in rows if "link" in row]
    assert points
    assert [_linked(client, row["link"]) for row in points] == [row["statements"] for row in points]


@pytest.mark.parametrize("address", ["/source?source=Harbour+Post", "/theme?theme=trade"])
def test_the_number_of_a_head_leads_to_as_many_statements(client: TestClient, address: str) -> None:
    head = re.search(r'<a href="([^"]+)">([\d,]+) statements</a>', client.get(f"{address}&stance=friction").text)
    assert head
    assert _linked(client, head[1]) == int(head[2])


@pytest.fixture(scope="module")
def carried(corpus: Corpus, access: Access, statements: pd.DataFrame) -> Iterator[TestClient]:
    """Asks for pages where two sources print every story of the Harbour Post again, a month later."""
    said = statements["text"] + " It was said at length in a hall above the river on that day."
    first = statements.assign(text=said)[statements["source"] == "Harbour Post"]
    again = [first.assign(source=name, document=first["document"] + name) for name in ("Echo", "Mirror")]
    printed = make_corpus(pd.concat([first, *again], ignore_index=True), corpus.errors)
    with TestClient(create_app(printed, access, Jobs()), base_url=HOST) as client:
        yield client


def test_what_is_printed_again_counts_once_over_sources_and_numbers_lead_to_as_many(carried: TestClient) -> None:
    every = carried.get("/statements.json").json()["total"]
    assert carried.get("/charts/themes.json").json()["balances"][0]["statements"] == every / 3
    for chart in ("themes", "trend?period=year", "sources"):
        page = carried.get(f"/charts/{chart}").text
        numbers = re.findall(r'<a href="([^"]+)">([\d,]+)</a>', page)
        assert len(numbers) > 4
        assert [_linked(carried, href) for href, _ in numbers] == [int(said) for _, said in numbers]
        points = carried.get(_as(f"/charts/{chart}", "vl.json")).json()["datasets"].values()
        links = [(row["link"], row["statements"]) for rows in points for row in rows if "link" in row]
        assert [_linked(carried, href) for href, _ in links] == [said for _, said in links] != []
        assert ("Not counted again" in page) == (chart != "sources")


@pytest.mark.parametrize("address", ["/statements?theme=trade", "/theme?theme=trade"])
def test_a_page_over_sources_says_how_many_statements_it_does_not_count_again(
    carried: TestClient, address: str
) -> None:
    page = carried.get(address).text
    head = re.search(r'<a href="([^"]+)">([\d,]+) statements</a>', page)
    assert head
    every, once = carried.get("/statements.json?theme=trade").json()["total"], int(head[2])
    assert _linked(carried, head[1]) == once == every / 3
    assert f"an earlier article has said the same: {every - once} statements" in page
    listed = carried.get(unescape(head[1])).text
    assert f"{once}  statements on trade, each story once" in listed
    assert "Not counted again" not in listed
    assert re.search(r'name="once" value="True" checked', listed)
    assert carried.get("/statements.json?source=Echo&once=true").json()["total"] == 0


def test_where_nothing_is_printed_again_there_is_no_choice_of_that(client: TestClient) -> None:
    for address in ("/statements", "/theme?theme=trade", "/charts/themes"):
        page = client.get(address).text
        assert "once" not in page
        assert "Not counted again" not in page


@pytest.mark.parametrize(
    ("time", "kept"),
    [
        (Filter(since="2024-01", until="2024-12"), ["2024", "2024-05", "2024-05-16"]),
        (Filter(since="2024-01-01", until="2024-12-31"), ["2024", "2024-05", "2024-05-16"]),
        (Filter(since="2024-06"), ["2024", "2025"]),
        (Filter(since="2024-05-10"), ["2024", "2024-05", "2024-05-16", "2025"]),
        (Filter(since="2024-05-01", until="2024-05-31"), ["2024-05", "2024-05-16"]),
        (Filter(since="2024-05", until="2024-05"), ["2024-05", "2024-05-16"]),
        (Filter(since="2024-06", until="2025"), ["2024", "2025"]),
    ],
)
def test_dates_without_day_or_month_are_kept_unless_the_time_is_a_part_of_them(
    corpus: Corpus, statements: pd.DataFrame, time: Filter, kept: list[str]
) -> None:
    dates = ["", "2023", "2024", "2024-05", "2024-05-16", "2025"]
    dated = make_corpus(statements.tail(len(dates)).assign(date=dates), corpus.errors)
    assert dated.statements["date"][dated.selected(time)].tolist() == kept


def test_a_date_that_is_none_is_no_date(corpus: Corpus, statements: pd.DataFrame) -> None:
    dates = ["May 2019", "3 March 2019", "2024-Q1", "2024-13-01", "2024-05-16T10:00", "20240516"]
    dated = make_corpus(statements.tail(len(dates)).assign(date=dates), corpus.errors)
    assert dated.statements["date"].tolist() == ["", "", "", "", "2024-05-16", "2024-05-16"]
    assert dated.selected(Filter(since="2019")).sum() == dated.selected(Filter(until="2024")).sum() == 2


def test_a_source_without_a_name_goes_by_its_document(corpus: Corpus, access: Access, statements: pd.DataFrame) -> None:
    nameless = statements["source"].where(statements["source"] != "Steppe Times", "")
    named = make_corpus(statements.assign(source=nameless), corpus.errors)
    with TestClient(create_app(named, access, Jobs()), base_url=HOST) as client:
        cell = re.search(r'<a href="([^"]+)" title="a1, all: [^"]*, (\d+) statements"', client.get("/overview").text)
        assert cell
        assert _linked(client, cell[1]) == int(cell[2]) == 8
        assert client.get("/source?source=a1").status_code == 200


def test_a_source_is_chosen_by_its_name_as_it_is_written(
    corpus: Corpus, access: Access, statements: pd.DataFrame
) -> None:
    spaced = make_corpus(statements.assign(source="Old  Mill"), corpus.errors)
    with TestClient(create_app(spaced, access, Jobs()), base_url=HOST) as client:
        assert '<option value="Old  Mill"' in client.get("/overview").text


def test_a_point_of_a_trend_leads_to_no_statement_dated_by_its_year_alone(
    corpus: Corpus, access: Access, statements: pd.DataFrame
) -> None:
    dates = statements["date"].where(statements.index % 3 > 0, statements["date"].str[:4])
    mixed = make_corpus(statements.assign(date=dates, document=statements["document"] + dates), corpus.errors)
    with TestClient(create_app(mixed, access, Jobs()), base_url=HOST) as client:
        spec = client.get("/charts/trend.vl.json?source=Old+Mill+%26+Sons&period=quarter&until=2022").json()
        points = [row for rows in spec["datasets"].values() for row in rows if "link" in row]
        assert [_linked(client, row["link"]) for row in points] == [row["statements"] for row in points] != []


def test_of_many_sources_charts_show_the_largest_and_files_have_all(
    corpus: Corpus, access: Access, statements: pd.DataFrame
) -> None:
    many = make_corpus(statements.assign(source=statements["document"]), corpus.errors)
    with TestClient(create_app(many, access, Jobs()), base_url=HOST) as client:
        for address in ("/charts/sources", "/theme?theme=trade"):
            told = client.get(_as(address, "json")).json()
            assert len(told["balances"]) == len(_table(client, address)) == 60
        table = by_source(many, Filter()).table
        doubtful = table["balance"].notna() & (table["low"] <= 0) & (table["high"] >= 0)
        assert f"{doubtful.sum()} could lean either way" in client.get("/charts/sources").text
        assert "20 more are in the files" in client.get("/charts/sources").text
        for name in ("heatmap", "sources"):
            data = client.get(f"/charts/{name}.vl.json").json()["datasets"].values()
            assert len({row["source"] for rows in data for row in rows if "source" in row}) <= MOST_SOURCES


def test_only_the_script_says_that_a_part_is_on_its_way(client: TestClient) -> None:
    page = client.get("/overview").text
    assert "data-part" in page
    assert "aria-busy" not in page


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
    assert "/statements" not in svg.text  # a link would be Vega's own, not this server's
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
