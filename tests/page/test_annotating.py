"""The page to annotate on: by keyboard alone, killed in the middle, by two at once, and what it tells programs."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect
from typer.testing import CliRunner, Result

from amur.annotating import Annotating
from amur.annotations import read_annotations
from amur.audit_files import write_audit
from amur.cli import app as commands
from amur.codebook import STANCES, read_codebook
from amur.project import Project
from amur.sampling import draw_audit
from amur.web.app import create_app
from amur.web.data import Corpus, read_to_annotate
from amur.web.jobs import Jobs
from amur.web.security import Access
from page.browsing import CHROMIUM, PATIENCE, Visit, served
from page.conftest import HOST

SOURCE = "source:Harbour Post"
in_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; apt-get install chromium")


@pytest.fixture
def annotating(new_project: Project, to_annotate: pd.DataFrame) -> Annotating:
    write_audit(new_project.folder / "audit.jsonl", draw_audit(to_annotate, 4))
    return Annotating(new_project, to_annotate)


@pytest.fixture
def asking(corpus: Corpus, access: Access, annotating: Annotating) -> Iterator[TestClient]:
    """Asks for pages as a browser on this machine does, of a server in a project."""
    with TestClient(create_app(corpus, access, Jobs(), annotating), base_url=HOST) as client:
        yield client


@pytest.fixture
def address(corpus: Corpus, annotating: Annotating) -> Iterator[str]:
    with served(create_app(corpus, Access(), Jobs(), annotating)) as where:
        yield where


def rows(project: Project, name: str) -> list[dict[str, object]]:
    file = project.annotations / f"{name}.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def press(page: Page, *keys: str, done: int) -> None:
    """Press keys, and wait until so many statements of the queue are done."""
    for key in keys:
        page.keyboard.press(key)
    expect(page.locator("aside h2").first).to_have_text(re.compile(f"^{done} of "), timeout=PATIENCE)


@contextmanager
def process(project: Project, *arguments: object) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """``amur annotate`` as a user starts it, and the address that it prints."""
    command = [sys.executable, "-m", "amur", "--project", project.folder, "annotate", "--no-open", "--port", "0"]
    with subprocess.Popen([*map(str, (*command, *arguments))], stderr=subprocess.PIPE, text=True) as server:
        overdue = threading.Timer(PATIENCE / 1000, server.kill)
        overdue.start()
        try:
            assert server.stderr
            found = re.search(r"http://\S+", server.stderr.readline())
            overdue.cancel()
            assert found
            yield found[0], server
        finally:
            server.kill()


@in_chromium
def test_thirty_statements_by_keyboard_alone_with_the_server_killed_in_the_middle(
    visit: Callable[..., Visit],
    new_project: Project,
    to_annotate: pd.DataFrame,
    tmp_path: Path,
    here: Callable[..., Result],
) -> None:
    to_annotate.to_parquet(tmp_path / "statements.parquet", index=False)
    given = (tmp_path / "statements.parquet", "--annotator", "kim", "--queue", SOURCE)
    page = visit().page
    with process(new_project, *given) as (where, server):
        page.goto(where)
        for at in range(17):
            press(page, str(1 + at % 2), STANCES[at % 4][0], done=at + 1)
            assert len(rows(new_project, "kim")) == at + 1  # before the next statement shows
        page.keyboard.press(STANCES[17 % 4][0])
        server.kill()
        server.wait()
    kept = len(rows(new_project, "kim"))
    assert kept in {17, 18}
    with process(new_project, *given) as (where, _):
        page.goto(where)
        expect(page.locator("aside h2").first).to_have_text(f"{kept} of 30", timeout=PATIENCE)
        for at in range(kept, 29):
            press(page, str(1 + at % 2), STANCES[at % 4][0], done=at + 1)
        page.keyboard.press("o")
        page.keyboard.type("cfmn, as written")
        page.keyboard.press("Escape")
        press(page, "2", STANCES[29 % 4][0], done=30)
        expect(page.get_by_role("heading", name="Done here")).to_be_visible()
    found = read_annotations(new_project.annotations, read_codebook(new_project.codebook))
    mine = to_annotate[to_annotate["source"] == "Harbour Post"]
    assert [(a.document, a.start, a.end, a.text) for a in found] == [
        (row.document, row.start, row.end, row.text) for row in mine.itertuples()
    ]
    assert [(a.convergence, a.friction) for a in found] == [
        (STANCES[at % 4] in {"convergence", "mixed"}, STANCES[at % 4] in {"friction", "mixed"}) for at in range(30)
    ]
    # what was pressed while the server died came without its theme
    assert [a.themes for at, a in enumerate(found) if at != 17] == [
        (("trade", "rivers")[at % 2],) for at in range(30) if at != 17
    ]
    assert found[29].note == "cfmn, as written"
    assert here(new_project, "check-annotations").exit_code == 0


@in_chromium
def test_undo_and_skip_by_key_and_no_guess_before_the_answer(
    visit: Callable[..., Visit], address: str, new_project: Project
) -> None:
    page = visit().page
    page.goto(f"{address}/annotate?annotator=kim&queue={SOURCE}")
    first = page.locator("#subject").inner_text()
    assert "The model says" not in page.content()
    press(page, "1", "f", done=1)
    expect(page.locator(".last")).to_contain_text(
        re.compile(r"You said .*friction on trade .*The model says", re.DOTALL)
    )
    press(page, "u", done=0)
    expect(page.locator("#subject")).to_have_text(re.compile(re.escape(first.split(":")[-1].strip())))
    expect(page.get_by_role("checkbox", name="trade")).to_be_checked()
    assert rows(new_project, "kim") == []
    page.keyboard.press("s")
    expect(page.locator("#subject")).not_to_have_text(re.compile(re.escape(first.split(":")[-1].strip())))
    page.goto(f"{address}/annotate?annotator=kim&queue={SOURCE}&guess=before")
    expect(page.locator(".guess")).to_contain_text("The model says")


@in_chromium
def test_without_single_keys_tab_and_enter_do(visit: Callable[..., Visit], address: str, new_project: Project) -> None:
    page = visit().page
    page.goto(f"{address}/annotate")
    page.get_by_role("combobox", name="Who annotates").fill("kim")
    page.get_by_role("combobox", name="Which statements").select_option(SOURCE)
    page.get_by_label("no single keys").check()
    page.keyboard.press("Enter")
    expect(page.locator("aside h2").first).to_have_text(re.compile("^0 of "), timeout=PATIENCE)
    page.keyboard.press("c")
    page.get_by_role("checkbox", name="rivers").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")  # in a box, answers nothing
    for name in ("Note", "convergence", "friction"):
        page.keyboard.press("Tab") if name != "Note" else page.get_by_label("Note").focus()
        expect(page.get_by_label("Note") if name == "Note" else page.get_by_role("button", name=name)).to_be_focused()
    press(page, "Enter", done=1)
    assert [(row["friction"], row["convergence"], row["themes"]) for row in rows(new_project, "kim")] == [
        (True, False, ["rivers"])
    ]


@in_chromium
def test_two_at_once_and_a_second_pass(visit: Callable[..., Visit], address: str, new_project: Project) -> None:
    pages = {name: visit().page for name in ("kim", "lee")}
    for name, page in pages.items():
        page.goto(f"{address}/annotate?annotator={name}&queue=source")
    for at in range(1, 9):
        for key, page in zip("fn", pages.values(), strict=True):
            page.keyboard.press(key)
        for name, page in pages.items():
            expect(page.locator("#answered")).to_have_text(str(at), timeout=PATIENCE)
            assert len(rows(new_project, name)) >= at
    places = [{(row["document"], row["start"]) for row in rows(new_project, name)} for name in pages]
    assert [len(place) for place in places] == [8, 8]
    assert not places[0] & places[1]
    lee = pages["lee"]
    lee.goto(f"{address}/annotate?annotator=lee&queue=second")
    assert lee.locator("#subject").inner_text().split(":")[-1].strip() == rows(new_project, "kim")[0]["text"]
    assert lee.get_by_role("heading", name="Agreement").count() == 0
    press(lee, "f", done=1)
    press(lee, "c", done=2)
    expect(lee.locator("tr", has=lee.get_by_role("rowheader", name="friction")).last).to_contain_text("50%")


@in_chromium
@pytest.mark.parametrize(("where", "takes_focus"), [(".exports a >> nth=0", True), (".who summary", False)])
def test_a_statement_comes_when_it_is_chosen_wherever_the_focus_is(
    visit: Callable[..., Visit],
    address: str,
    annotating: Annotating,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    *,
    takes_focus: bool,
) -> None:
    go, suggest = threading.Event(), annotating._suggestions._suggest

    def wait(*given: Any) -> pd.DataFrame:  # noqa: ANN401 (passed on)
        assert go.wait(PATIENCE / 1000)
        return suggest(*given)

    monkeypatch.setattr(annotating._suggestions, "_suggest", wait)
    page = visit().page
    page.goto(f"{address}/annotate?annotator=kim&queue=random")
    expect(page.get_by_role("status")).to_contain_text("This takes some seconds")
    page.locator(where).focus()
    go.set()
    expect(page.locator("#subject")).to_have_count(1, timeout=PATIENCE)
    expect(page).to_have_title(re.compile(r"^0 of [1-9]\d* annotated"))
    expect(page.locator("#subject" if takes_focus else where)).to_be_focused()
    press(page, "f", done=1)


@in_chromium
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_serious(visit: Callable[..., Visit], address: str, width: int, scheme: str) -> None:
    seen = visit(width, scheme)
    for query in ("", f"?annotator=kim&queue={SOURCE}&guess=before", "?annotator=kim&queue=second"):
        seen.open(f"{address}/annotate{query}")
        assert seen.serious() == [], query
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, query
        if SOURCE in query:
            press(seen.page, "c", done=1)
            assert seen.serious() == []
    assert seen.complaints == []


def test_programs_get_progress_and_distribution(asking: TestClient, access: Access) -> None:
    where = f"/annotate.json?annotator=kim&queue={SOURCE}"
    begun = asking.get(where).json()
    place = {name: begun["statement"][name] for name in ("document", "start", "end")}
    sent = {"csrf": access.csrf, "annotator": "kim", "queue": SOURCE, "do": "mixed", "themes": ["rivers"], **place}
    answer = asking.post("/annotate", data=sent, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/annotate?annotator=kim&queue=source%3AHarbour+Post",
    )
    told = asking.get(where).json()
    assert (told["state"], told["done"], told["answered"], told["total"]) == ("open", 1, 1, begun["total"])
    assert [row for row in told["distribution"] if row["all"]] == [
        {"answer": "mixed", "mine": 1, "all": 1},
        {"answer": "rivers", "mine": 1, "all": 1},
    ]
    assert told["agreement"] == []
    assert "guess" not in told["statement"]
    assert "rivers" in asking.get(where.replace(".json", ".csv")).text
    assert asking.post("/annotate", data=sent).status_code == 400  # it is answered already
    assert asking.get("/annotate.json").json()["state"] == "unnamed"
    assert asking.get("/annotate.json?annotator=../kim").json()["error"].startswith("'../kim' cannot name an annotator")


def test_an_answer_needs_the_token_of_a_page(asking: TestClient, new_project: Project) -> None:
    for csrf in ({}, {"csrf": "wrong"}):
        assert (
            asking.post("/annotate", data={"annotator": "kim", "queue": "source", "do": "undo", **csrf}).status_code
            == 403
        )
    assert rows(new_project, "kim") == []


def test_undo_takes_back_what_its_window_shows_and_nothing_else(
    asking: TestClient, access: Access, new_project: Project
) -> None:
    who = {"annotator": "kim", "queue": SOURCE}

    def answer(stance: str) -> str:
        place = asking.get("/annotate.json", params=who).json()["statement"]
        sent = {name: place[name] for name in ("document", "start", "end")}
        return asking.post("/annotate", data={"csrf": access.csrf, "do": stance, **who, **sent}).text

    windows = [answer("neutral"), answer("mixed")]
    forms = [re.search(r'<form id="undo".*?</form>', page, re.DOTALL) for page in windows]
    fields = [dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0])) if form else {} for form in forms]
    refused = asking.post("/annotate", data=fields[0] | {"do": "undo"})
    assert (refused.status_code, "no longer your last answer" in refused.text) == (400, True)
    assert len(rows(new_project, "kim")) == 2
    taken = asking.post("/annotate", data=fields[1] | {"do": "undo"})
    assert "Taken back: you had said" in taken.text
    assert [(row["convergence"], row["friction"]) for row in rows(new_project, "kim")] == [(False, False)]


def test_an_audit_never_shows_a_guess_beforehand(asking: TestClient, access: Access, new_project: Project) -> None:
    where = "annotate?annotator=kim&queue=audit&guess=before"
    assert "The model says" not in asking.get(f"/{where}").text
    place = asking.get(f"/{where.replace('?', '.json?')}").json()["statement"]
    sent = {"csrf": access.csrf, "annotator": "kim", "queue": "audit", "do": "neutral"}
    shown = asking.post("/annotate", data=sent | {name: place[name] for name in ("document", "start", "end")})
    assert "The model says" in shown.text
    assert json.loads((new_project.folder / "audit.jsonl").read_text().splitlines()[0])["annotator"] == "kim"


def test_outside_of_a_project_the_page_says_what_to_do(client: TestClient, tmp_path: Path) -> None:
    answer = client.get("/annotate.json")
    assert (answer.status_code, answer.json()["error"].split(";")[0]) == (404, "annotations need a project")
    done = CliRunner().invoke(commands, ["--project", str(tmp_path), "annotate", "--no-open"])
    assert "start one with `amur init`" in str(done.exception)


def test_articles_can_be_annotated_before_there_is_a_model(
    new_project: Project, access: Access, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("Beijing and Moscow opened a ferry. Nobody paid for the pier.")
    nothing, statements = read_to_annotate([tmp_path / "note.txt"], new_project, None)
    app = create_app(nothing, access, Jobs(), Annotating(new_project, statements))
    with TestClient(app, base_url=HOST) as asking:
        text = asking.get("/annotate?annotator=kim&queue=source&guess=before").text
        assert "Beijing and Moscow opened a ferry." in text
        assert "Nobody paid for the pier." in text
        assert "The model says" not in text
        for path in ("/overview", "/statements", "/overview.json", "/compare"):
            assert asking.get(path).status_code == 200
