"""The report as a file: its numbers, its links, its sentences; hostile texts; in a browser, on paper; Word and sheets."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

import docx
import openpyxl
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from playwright.sync_api import expect, sync_playwright

from amur.articles import Article
from amur.characters import printable
from amur.errors import AmurError
from amur.report_files import report_file
from amur.report_files.evidence import MOST, SIDED
from amur.reports import audit, report
from amur.resources import shipped
from amur.store import HEADS, read_manifest
from amur.web.templating import signed

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    Run = Callable[..., subprocess.CompletedProcess[str]]

CHROMIUM = shutil.which("chromium")
HOSTILE = {
    "source": "<script>alert(1)</script>",
    "title": "\"><img src='https://example.com/x.png' onerror=alert(2)>",
    "text": "</section><style>*{display:none}</style> [link](javascript:alert(3)) \x08{{ 7 * 7 }}",
    "url": "javascript:alert(4)",
    "speaker": "<b onclick=alert(5)>Nobody</b>",
}
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK('https://example.com')", "https://example.com/page")


@pytest.fixture(scope="module")
def spoilt(statements: pd.DataFrame) -> pd.DataFrame:
    """The made-up statements, one article of which means harm, and one of which is like formulas."""
    table = statements.assign(voice="author", speaker="")
    bad = (table["document"] == "a3").to_numpy()
    for name, harm in HOSTILE.items():
        table.loc[bad, name] = harm
    table.loc[bad, "voice"] = "other"
    table = table.assign(
        stance=table["stance"].mask(bad, "convergence"),
        convergence=table["convergence"].mask(bad, 0.99),
        friction=table["friction"].mask(bad, 0.01),
    )
    like = table.index[(table["document"] == "a4").to_numpy()][: len(FORMULAS)]
    table.loc[like, "text"] = list(FORMULAS)
    table.loc[table["document"] == "a4", "title"] = "=2+2"
    table.loc[table["document"] == "a5", "url"] = "https://example.org/a?b=1&c=<d>"
    return table


@pytest.fixture(scope="module")
def balances(spoilt: pd.DataFrame) -> pd.DataFrame:
    return report(spoilt)


@pytest.fixture(scope="module")
def file(spoilt: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_bytes(report_file(spoilt, "html"))
    return path


@pytest.fixture(scope="module")
def page(file: Path) -> html.HtmlElement:
    return html.document_fromstring(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here; apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def _texts(element: html.HtmlElement, path: str) -> list[str]:
    return [" ".join(found.text_content().split()) for found in element.xpath(path)]


def test_the_numbers_are_those_of_the_table(page: html.HtmlElement, balances: pd.DataFrame) -> None:
    rows = [_texts(row, "./*") for row in page.xpath("//section[@id='balances']//tbody/tr")]
    assert len(rows) == len(balances)
    for row, told in zip(rows, balances.to_dict("records"), strict=True):
        interval = "" if pd.isna(told["low"]) else f"{signed(told['low'])} to {signed(told['high'])}"
        counts = [str(told[name]) for name in ("statements", *SIDED, "neutral")]
        assert row[:7] == [told["source"], told["theme"], *counts]
        assert row[8:10] == [signed(told["balance"]), interval]
    of_sources = {
        row[0]: row[1:3] for row in (_texts(row, "./*") for row in page.xpath("//section[@id='source']//tbody/tr"))
    }
    of_all = balances[balances["theme"] == "all"].set_index("source")
    assert of_sources.keys() == set(of_all.index)
    assert {name: row[0] for name, row in of_sources.items()} == {
        row["source"]: signed(row["balance"]) for row in of_all.reset_index().to_dict("records")
    }


def test_every_cell_of_the_heat_map_leads_to_its_sentences(page: html.HtmlElement, balances: pd.DataFrame) -> None:
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.xpath("//a/@href") if link.startswith("#")} <= set(ids)
    cells = page.xpath("//table[@class='heat']//td/a")
    assert len(cells) == len(balances)
    for cell in cells:
        section = page.get_element_by_id(cell.get("href")[1:])
        source, theme = cell.get("title").rpartition(":")[0].rsplit(", ", 1)
        assert _texts(section, "./h3") == ["On all themes together" if theme == "all" else theme]
        assert _texts(section, "../h2") == [source]


def test_the_surest_sentences_stand_there_and_what_is_left_out_is_counted(
    page: html.HtmlElement, balances: pd.DataFrame, spoilt: pd.DataFrame
) -> None:
    sections = page.xpath("//section[@class='source']/section")
    assert len(sections) == len(balances)
    for section in sections:
        counts, left = (dict.fromkeys(SIDED, 0) for _ in range(2))
        for quote in section.xpath(".//li"):
            counts[quote.get("class").split()[1]] += 1
        line = _texts(section, "./p[@class='fine']")[0]
        shown, _, hidden = line.partition("Not shown:")
        left |= {stance: int(count) for count, stance in re.findall(r"(\d+) of (\w+)", hidden)}
        for stance in SIDED:
            assert counts[stance] + left[stance] == int(re.search(rf"(\d+) {stance}", shown).group(1))  # type: ignore[union-attr]
            assert counts[stance] == MOST or not left[stance]
    friction = spoilt[(spoilt["source"] == "Steppe Times") & (spoilt["stance"] == "friction")]
    surest = friction.assign(sure=(1 - friction["convergence"]) * friction["friction"]).nlargest(MOST, "sure")
    source = next(s for s in page.xpath("//section[@class='source']") if _texts(s, "./h2") == ["Steppe Times"])
    quoted = _texts(source.xpath("./section")[0], ".//li[contains(@class, 'friction')]/p[@class='text']")
    assert quoted == surest["text"].tolist()


def test_the_file_holds_no_script_and_asks_for_nothing(file: Path, page: html.HtmlElement) -> None:
    assert not page.xpath(
        "//script | //img | //image | //link | //iframe | //object | //embed | //base | //@src | //@srcset"
    )
    assert not [name for element in page.iter("*") for name in element.attrib if name.startswith("on")]
    assert not re.search(r"url\(|@import|expression\(", " ".join(page.xpath("//style/text() | //@style")))
    outward = {link for link in page.xpath("//@href | //@*[local-name()='xlink:href']") if not link.startswith("#")}
    assert outward == {"https://example.org/a?b=1&c=<d>"}
    assert "<script" not in file.read_text(encoding="utf-8").lower()
    assert page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content") == [
        "default-src 'none'; style-src 'unsafe-inline'"
    ]


def test_hostile_texts_are_shown_as_they_are(page: html.HtmlElement) -> None:
    quote = next(li for li in page.xpath("//li") if "onerror" in li.text_content())
    assert _texts(quote, "./p[@class='text']") == [" ".join(printable(HOSTILE["text"]).split())]
    about = quote.xpath("./p[@class='about']")[0].text_content()
    for name in ("title", "url", "speaker"):
        assert HOSTILE[name] in about
    assert HOSTILE["source"] in _texts(page, "//section[@class='source']/h2")
    assert HOSTILE["source"] in page.xpath("//section[@id='source']//figure")[0].text_content()


def test_it_says_which_model_read_what_and_how_far_to_trust_it(page: html.HtmlElement, spoilt: pd.DataFrame) -> None:
    facts = dict(zip(_texts(page, "//dl//dt"), _texts(page, "//dl//dd"), strict=True))
    manifest = read_manifest(shipped("model"))
    assert manifest.created in facts["Model"]
    assert manifest.files[HEADS][:16] in facts["Model"]
    assert facts["Counted"].startswith(f"{len(spoilt)} statements of 60 articles by 4 sources, dated 2020-01-15 to")
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC, by amur", facts["Made"])
    caveats = " ".join(_texts(page, "//section[@id='trust']/p"))
    assert "95% interval carries" in caveats
    assert "One article says little" in caveats


def test_what_was_left_out_is_told(spoilt: pd.DataFrame) -> None:
    with pytest.warns(UserWarning, match="left out"):
        data = report_file(spoilt, "html", min_confidence=0.9)
    page = html.document_fromstring(data.decode())
    facts = dict(zip(_texts(page, "//dl//dt"), _texts(page, "//dl//dd"), strict=True))
    kept = int(facts["Counted"].split()[0])
    assert facts["Left out"] == f"{len(spoilt) - kept} of {len(spoilt)} statements"
    assert "confidence below 0.9 were left out" in " ".join(_texts(page, "//section[@id='trust']/p"))
    assert all(float(said) >= 0.9 for said in re.findall(r"confidence (\d\.\d\d)", page.text_content()))


def test_that_words_of_others_were_left_out_is_told(spoilt: pd.DataFrame) -> None:
    with pytest.warns(UserWarning, match="left out"):
        about = _about(report_file(spoilt, "xlsx", quotations=False))
    assert about["Left out"] == [f"8 of {len(spoilt)} statements"]
    assert "the authors’ own words alone" in about["Note"][-1]


def test_no_model_is_named_for_statements_classified_before(spoilt: pd.DataFrame, tmp_path: Path) -> None:
    beginning = read_manifest(shipped("model")).files[HEADS][:16]
    spoilt.to_parquet(tmp_path / "statements.parquet")
    for given in (spoilt, tmp_path / "statements.parquet", [tmp_path]):
        (told,) = _about(report_file(given, "xlsx"))["Model"]
        assert told.startswith("unknown: the statements were classified before")
        assert f"corrected as if by the shipped model, made {read_manifest(shipped('model')).created}" in told
        assert beginning in told
    (told,) = _about(report_file(Article("a", "Beijing and Moscow signed."), "xlsx"))["Model"]
    assert told.startswith("the shipped model, made")
    assert beginning in told


def test_an_audit_is_named_and_no_correction_for_the_classifier_claimed(spoilt: pd.DataFrame, tmp_path: Path) -> None:
    audit(spoilt, out=tmp_path / "audit.jsonl", size=40)
    rows = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    answered = "".join(json.dumps(row | {"convergence": True, "friction": False}) + "\n" for row in rows)
    (tmp_path / "audit.jsonl").write_text(answered)
    about = _about(report_file(spoilt, "xlsx", audit=tmp_path / "audit.jsonl"))
    assert about["Audit"] == ["audit.jsonl, 40 statements"]
    assert about["Model"] == ["unknown: the statements were classified before and do not tell by which model"]
    caveats = " ".join(about["Note"])
    assert "corrected by an audit" in caveats
    assert "classifier’s errors" not in caveats
    assert "“amur audit”" not in caveats


def _about(book: bytes) -> dict[str, list[str]]:
    """What the sheet of that name says, by name."""
    said: dict[str, list[str]] = {}
    for name, value in openpyxl.load_workbook(io.BytesIO(book))["about"].iter_rows(min_row=2, values_only=True):
        said.setdefault(str(name), []).append(str(value))
    return said


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_opens_from_disk_without_a_request_and_axe_finds_nothing(
    browser: Browser, file: Path, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    context.set_default_timeout(300_000)
    opened, asked, complaints = context.new_page(), [], []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("dialog", lambda dialog: complaints.append(dialog.message))
    opened.goto(file.as_uri())
    assert (asked, complaints) == ([file.as_uri()], [])
    assert Axe().run(opened).response["violations"] == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    cell = opened.locator(".heat td a").nth(2)
    target = opened.locator(str(cell.get_attribute("href")))
    cell.press("Enter")
    expect(target).to_be_in_viewport(timeout=300_000)
    context.close()


def test_paper_is_white_even_where_the_screen_is_dark(browser: Browser, file: Path) -> None:
    context = browser.new_context(color_scheme="dark")
    context.set_default_timeout(300_000)
    opened = context.new_page()
    opened.goto(file.as_uri())
    ground = "getComputedStyle(document.body).backgroundColor"
    assert opened.evaluate(ground) != "rgb(255, 255, 255)"
    opened.emulate_media(media="print")
    assert opened.evaluate(ground) == "rgb(255, 255, 255)"
    assert opened.evaluate("getComputedStyle(document.body).color") == "rgb(28, 27, 25)"
    breaks = "getComputedStyle(document.querySelector('#evidence')).breakBefore"
    assert opened.evaluate(breaks) == "page"
    context.close()


def test_sheets_hold_balances_and_statements_and_no_formula(spoilt: pd.DataFrame, balances: pd.DataFrame) -> None:
    book = openpyxl.load_workbook(io.BytesIO(report_file(spoilt, "xlsx")))
    assert book.sheetnames == ["balances", "statements", "about"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink]
    head, *rows = book["balances"].iter_rows(values_only=True)
    read = pd.DataFrame(rows, columns=head).astype(balances.dtypes.to_dict())
    pd.testing.assert_frame_equal(read, balances)
    head, *rows = book["statements"].iter_rows(values_only=True)
    read = pd.DataFrame(rows, columns=head)
    assert len(read) == len(spoilt)
    assert set(FORMULAS) <= set(read["text"])
    assert read["convergence"].tolist() == spoilt["convergence"].tolist()
    assert read["themes"].fillna("").tolist() == spoilt["themes"].map("; ".join).tolist()


def test_sheets_know_other_groupings(spoilt: pd.DataFrame) -> None:
    book = openpyxl.load_workbook(io.BytesIO(report_file(spoilt, "xlsx", by=["year"])))
    assert [cell.value for cell in book["balances"]["A"]] == ["year", "2020", "2021", "2022", "2023"]


def test_the_document_has_the_charts_the_table_and_the_sentences(spoilt: pd.DataFrame, balances: pd.DataFrame) -> None:
    page = docx.Document(io.BytesIO(report_file(spoilt, "docx")))
    described = [shape._inline.docPr.get("descr").partition(":")[0] for shape in page.inline_shapes]
    assert described == ["Sources and themes", "Sources", "Over time"]
    rows = [[cell.text for cell in row.cells] for row in page.tables[0].rows]
    assert len(rows) == len(balances) + 1
    at = rows[0].index("balance")
    said = balances["balance"].map("{:+.2f}".format).replace("+nan", "too few")
    assert [row[at] for row in rows[1:]] == said.tolist()
    text = "\n".join(paragraph.text for paragraph in page.paragraphs)
    assert HOSTILE["title"] in text
    assert "Article 5, " in text
    assert "https://example.org/a?b=1&c=<d>" in text
    assert read_manifest(shipped("model")).files[HEADS][:16] in text


@pytest.mark.parametrize("themes", [None, "energy;trade"])
def test_themes_that_are_no_list_do_no_harm(spoilt: pd.DataFrame, themes: object) -> None:
    odd = spoilt.assign(themes=pd.Series([themes, *spoilt["themes"][1:]], dtype=object))
    book = openpyxl.load_workbook(io.BytesIO(report_file(odd, "xlsx")))
    head, first, *_ = book["statements"].iter_rows(values_only=True)
    assert first[head.index("themes")] == (themes and "energy; trade")


@pytest.mark.parametrize(("kind", "wanted"), [("html", {"by": ["year"]}), ("docx", {"audit": "audit.jsonl"})])
def test_what_a_file_cannot_show_is_refused(spoilt: pd.DataFrame, kind: str, wanted: dict[str, Any]) -> None:
    with pytest.raises(AmurError, match="by source and theme, without an audit"):
        report_file(spoilt, kind, **wanted)


@pytest.mark.parametrize(("kind", "library", "extra"), [("xlsx", "xlsxwriter", "xlsx"), ("docx", "docx", "web")])
def test_a_missing_library_is_named_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, kind: str, library: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"amur.report_files.{'sheets' if kind == 'xlsx' else 'word'}", raising=False)
    with pytest.raises(AmurError, match=rf"needs {library}, .*amur\[{extra}\]"):
        report_file(["no such file"], kind)


def test_the_command_writes_files_of_statements_and_of_the_seeds(
    amur: Run, spoilt: pd.DataFrame, tmp_path: Path
) -> None:
    spoilt.to_parquet(tmp_path / "statements.parquet")
    done = amur("report", "statements.parquet", "--format", "xlsx", "--out", "report.xlsx")
    assert (done.returncode, done.stderr) == (0, "")
    facts = openpyxl.load_workbook(tmp_path / "report.xlsx")["about"].iter_rows(values_only=True)
    assert ("Read", "statements.parquet") in list(facts)
    done = amur("report", "--format", "html", "--out", "report.html")
    assert (done.returncode, done.stderr) == (0, "")
    page = html.document_fromstring((tmp_path / "report.html").read_text())
    assert "the five seeds" in page.xpath("//dl")[0].text_content()
    assert len(page.xpath("//section[@class='source']")) == 5
    assert page.xpath("//section[@class='source']//li")
