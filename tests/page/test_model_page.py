"""The model page: what it tells of a model, and the project's models retrained, compared, adopted and restored there."""

import io
import json
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import expect
from typer.testing import CliRunner

import amur
from amur import api
from amur.annotations import part
from amur.cli import app as commands
from amur.project import Project, get_project
from amur.project_models import model_in_use
from amur.resources import shipped
from amur.retraining import Retrained
from amur.store import MANIFEST, save_model
from amur.web.app import create_app
from amur.web.data import Corpus
from amur.web.jobs import Jobs
from amur.web.model_work import ModelWork, Work
from amur.web.security import Access
from page.browsing import CHROMIUM, PATIENCE, Visit, served
from page.conftest import HOST
from page.small_project import write_encoder, write_project

TEXT = "Ankara and Athens signed and agreed on trade.\n\nAnkara refused, and Athens delayed the talks."


@pytest.fixture(scope="session")
def trained_small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project in which one model was trained, in seconds."""
    folder = tmp_path_factory.mktemp("small")
    project = write_project(folder / "project")
    api.retrain(project, encoder=write_encoder(folder / "encoder"), n_jobs=1)
    return project.folder


@pytest.fixture
def project(trained_small: Path, tmp_path: Path) -> Project:
    """A copy of it to work in."""
    return get_project(shutil.copytree(trained_small, tmp_path / "project"))


@contextmanager
def visited(corpus: Corpus, access: Access, project: Project) -> Iterator[TestClient]:
    app = create_app(corpus, access, Jobs(project=project), work=ModelWork(project))
    with TestClient(app, base_url=HOST) as asking:
        yield asking


@pytest.fixture
def here(corpus: Corpus, access: Access, project: Project) -> Iterator[TestClient]:
    """Asks for the pages of a server in that project."""
    with visited(corpus, access, project) as asking:
        yield asking


@pytest.fixture
def post(here: TestClient, access: Access) -> Callable[..., dict[str, Any]]:
    """Begins work on models and tells what came of it."""

    def posting(what: str, **form: str) -> dict[str, Any]:
        sent = here.post(f"/model/{what}", data={"csrf": access.csrf, **form}, follow_redirects=False)
        assert sent.status_code == 303, sent.text
        return done(here, sent.headers["location"])

    return posting


def done(client: TestClient, address: str) -> dict[str, Any]:
    """What a piece of work tells once it is over."""
    for _ in range(PATIENCE // 100):
        found: dict[str, Any] = client.get(address + ".json").json()
        if found["state"] != "running":
            return found
        time.sleep(0.1)
    pytest.fail(f"not done: {found}")


def add_deaf_model(project: Project, name: str = "deaf") -> None:
    """A model that answers no to everything, so that it is worse than any other."""
    model = amur.load_model(api.default_model(project))
    model.thresholds_ = np.full_like(model.thresholds_, 2.0)
    save_model(model, project.models / name, created="2099-01-01", training={"statements": 7}, metrics={})


def snapshot(project: Project) -> dict[str, bytes]:
    files = [path for path in project.folder.rglob("*") if path.is_file() and project.cache not in path.parents]
    return {str(path): path.read_bytes() for path in files}


# --- what it tells ---


def test_the_scores_are_those_of_the_manifest(here: TestClient, project: Project) -> None:
    name = str(model_in_use(project))
    row = json.loads((project.models / name / MANIFEST).read_text())
    data = here.get("/model.json").json()
    assert (data["model"], data["part"]) == (name, "held_out")
    assert sorted(data["scores"], key=str) == sorted(row["metrics"]["held_out"], key=str)
    assert [one["answer"] for one in data["scores"]][:3] == ["stance", "themes", "convergence"]
    stance = data["scores"][0]
    assert f"{stance['f1']:.2f}, 95% interval {stance['low']:.2f} to {stance['high']:.2f}" in data["headline"]
    assert sum(one["statements"] for one in data["confusion"]) == stance["statements"] == 72
    assert {one["answer"] for one in data["reliability"]} == {"convergence", "friction"}
    assert len(pd.read_csv(io.StringIO(here.get("/model.csv").text))) == len(data["scores"])
    page = here.get("/model").text
    assert data["headline"] in page
    assert page.count('class="right"') == 4
    assert page.count('class="wrong"') == 12


def test_each_chart_has_its_files(here: TestClient, project: Project) -> None:
    curve = {"strategy": "random", "statements": 40, "precision": 0.5, "worth": 0.01, "worth_low": 0, "worth_high": 0.1}
    points = [{"strategy": "random", "statements": n, "precision": n / 100, "low": 0, "high": 1} for n in (20, 40)]
    (project.folder / "learning-curve.json").write_text(json.dumps({"strategies": [curve], "points": points}))
    for chart in ("scores", "confusion", "reliability", "curve"):
        assert here.get(f"/model/charts/{chart}.png").content.startswith(b"\x89PNG")
        assert "<svg" in here.get(f"/model/charts/{chart}.svg").text
        assert len(pd.read_csv(io.StringIO(here.get(f"/model/charts/{chart}.csv").text))) > 1
        assert "http" not in json.dumps(here.get(f"/model/charts/{chart}.vl.json").json()["layer"])
    page = here.get("/model").text
    assert "another 200 would add +0.010" in page
    assert here.get("/model/charts/history.svg").status_code == 404
    assert here.get("/model/charts/nothing.svg").status_code == 404


def test_what_simulate_writes_is_what_the_page_reads(here: TestClient, project: Project) -> None:
    assert "amur simulate --format json --out learning-curve.json" in here.get("/model").text
    out = project.folder / "learning-curve.json"
    arguments = [
        "simulate",
        "--strategy",
        "random",
        "--batch",
        "10",
        "--n",
        "60",
        "--format",
        "json",
        "--out",
        str(out),
    ]
    encoder = api.default_model(project) / "encoder"
    wrote = CliRunner().invoke(commands, ["--project", str(project.folder), *arguments, "--encoder", str(encoder)])
    assert wrote.exit_code == 0, wrote.exception
    table = pd.read_csv(io.StringIO(here.get("/model/charts/curve.csv").text))
    assert table["statements"].tolist() == [10, 20, 30, 40, 50, 60]
    assert "Chosen at random, statements bring mean average precision to" in here.get("/model").text
    out.write_text("{}")
    page = here.get("/model")
    assert page.status_code == 200
    assert "draw it anew: amur simulate" in page.text


def test_models_of_other_sizes_draw_a_curve_of_their_own(here: TestClient, project: Project) -> None:
    name = str(model_in_use(project))
    shutil.copytree(project.models / name, project.models / "larger")
    path = project.models / "larger" / MANIFEST
    row = json.loads(path.read_text())
    path.write_text(json.dumps(row | {"training": row["training"] | {"statements": 999}, "created": "2099-01-01"}))
    table = pd.read_csv(io.StringIO(here.get("/model/charts/history.csv").text))
    assert table["statements"].tolist() == [120, 999]
    assert "with 999 statements" in here.get("/model").text


def test_a_model_from_before_does_not_tell_and_that_is_said(here: TestClient, project: Project) -> None:
    path = api.default_model(project) / MANIFEST
    row = json.loads(path.read_text())
    del row["details"]
    path.write_text(json.dumps(row))
    page = here.get("/model").text
    assert page.count("The model does not tell") == 2
    assert here.get("/model.json").json()["confusion"] is None
    assert here.get("/model/charts/confusion.svg").status_code == 404
    path.write_text(json.dumps(row | {"metrics": {}}))
    assert "This model was never scored" in here.get("/model").text


def test_without_a_project_the_shipped_model_is_shown(client: TestClient, access: Access) -> None:
    data = client.get("/model.json").json()
    scored = json.loads((shipped("model") / MANIFEST).read_text())["metrics"]["held_out"]
    assert (data["model"], data["models"]) == ("shipped", [])
    assert {row["answer"]: row["f1"] for row in data["scores"]} == {row["answer"]: row["f1"] for row in scored}
    page = client.get("/model").text
    assert "its heads learned from" in page
    assert "amur init" in page
    assert "<form" not in page
    refused = client.post("/model/retrain", data={"csrf": access.csrf})
    assert (refused.status_code, "start one with `amur init`" in refused.text) == (400, True)
    assert client.get("/model?model=other").status_code == 404


def test_a_project_without_a_model_has_the_button_to_train_one(
    corpus: Corpus, access: Access, new_project: Project
) -> None:
    with visited(corpus, access, new_project) as asking:
        page = asking.get("/model")
        assert page.status_code == 200
        assert "There is no model yet" in page.text
        assert "run `amur train` first" in page.text
        assert '<form class="act" action="/model/retrain"' in page.text
        assert "does not tell" not in page.text
        told = asking.get("/model.json").json()
        assert (told["model"], told["scores"], told["models"]) == ("", [], [])
        assert asking.get("/model.csv").status_code == 200
        assert asking.get("/model/charts/scores.svg").status_code == 404
        assert asking.get("/model?model=other").status_code == 400


def test_a_model_that_no_longer_fits_the_codebook_can_be_replaced(here: TestClient, project: Project) -> None:
    project.codebook.write_text(project.codebook.read_text().replace("`trade`", "`ferries`"))
    page = here.get("/model")
    assert page.status_code == 200
    assert "was trained with other themes or sides" in page.text
    assert '<form class="act" action="/model/retrain"' in page.text


# --- work on models ---


def test_a_retrained_model_is_compared_adopted_and_restored_and_classifies(
    here: TestClient, post: Callable[..., dict[str, Any]], project: Project, access: Access
) -> None:
    first = str(model_in_use(project))
    found = post("retrain")
    second = str(model_in_use(project))
    assert found["state"] == "done"
    assert found["models"] == [first, second]
    assert found["outcome"].startswith(f"{second} adopted: not worse than {first}")
    assert {row["answer"] for row in found["differences"]} == {"convergence", "friction", "stance", "themes"}
    assert [row["adopted"] for row in here.get("/model.json").json()["models"]] == [False, True]
    compared = post("compare", first=first, second=second)
    assert compared["differences"] == found["differences"]
    assert model_in_use(project) == second
    assert post("restore", model=first)["state"] == "done"
    assert model_in_use(project) == first
    assert post("adopt", model=second)["outcome"].startswith(f"{second} adopted")
    assert model_in_use(project) == second
    stances = classified(here, access)
    assert stances == ["convergence", "friction"]
    add_deaf_model(project)
    refused = post("adopt", model="deaf")
    assert refused["state"] == "failed"
    assert "deaf is worse than" in refused["outcome"]
    assert "Use deaf all the same" in here.get(f"/model/work/{refused['id']}").text
    assert classified(here, access) == stances
    assert post("restore", model="deaf")["state"] == "done"
    assert classified(here, access) == ["neutral", "neutral"]  # the server answers with the new model at once


def classified(client: TestClient, access: Access) -> list[str]:
    """The stances that the server gives the two statements of ``TEXT``."""
    sent = client.post("/classify.json", data={"text": TEXT}, headers={"x-csrf-token": access.csrf})
    address = sent.json()["address"]
    for _ in range(PATIENCE // 100):
        found = client.get(address).json()
        if found["state"] == "done":
            assert found["problems"] == []
            return [row["stance"] for row in found["statements"]]
        time.sleep(0.1)
    pytest.fail("not classified")


def test_a_failure_is_one_line_and_leaves_everything_as_it_was(
    post: Callable[..., dict[str, Any]], here: TestClient, project: Project
) -> None:
    for file in project.annotations.glob("*.jsonl"):
        if part(file.stem) == "calibration":
            file.unlink()
    before = snapshot(project)
    found = post("retrain")
    assert found["state"] == "failed"
    assert "belong to the fixed test part; annotate more" in found["outcome"]
    page = here.get(f"/model/work/{found['id']}").text
    assert "annotate more" in page
    assert "data-live" not in page
    assert snapshot(project) == before
    assert here.get("/model/work/0123456789abcdef.json").status_code == 404


def test_a_fault_is_not_told_in_detail(post: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret")  # noqa: EM101 (made up)

    monkeypatch.setattr(api, "retrain", broken)
    found = post("retrain")
    assert (found["state"], "secret" in found["outcome"]) == ("failed", False)
    assert "a fault of amur's" in found["outcome"]


class Held:
    """A retraining that waits at its first statements until it is let go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.go = threading.Event(), threading.Event()
        real = api.retrain

        def slow(*given: object, progress: Callable[[int], object], **options: Any) -> Retrained:  # noqa: ANN401
            def wait(done: int) -> None:
                self.reached.set()
                assert self.go.wait(PATIENCE / 1000)
                progress(done)

            return real(*given, progress=wait, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(api, "retrain", slow)


def test_meanwhile_pages_answer_and_a_second_retraining_is_refused(
    here: TestClient, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    form = {"csrf": access.csrf}
    sent = here.post("/model/retrain", data=form, follow_redirects=False)
    assert held.reached.wait(PATIENCE / 1000)
    begun = time.monotonic()
    assert here.get("/overview").status_code == 200
    assert "is going on" in here.get("/model").text
    assert time.monotonic() - begun < 10
    again = here.post("/model/retrain", data=form, headers={"accept": "application/json"})
    assert (again.status_code, again.json()["error"]) == (
        400,
        "retraining is not done yet; wait for it, then ask again",
    )
    told = here.get(sent.headers["location"] + ".json").json()
    assert (told["state"], told["stage"], told["total"]) == ("running", "statements encoded", 120)
    held.go.set()
    assert done(here, sent.headers["location"])["state"] == "done"
    assert done(here, here.post("/model/retrain", data=form, follow_redirects=False).headers["location"])["outcome"]


def test_the_end_of_the_server_stops_a_retraining_and_nothing_of_it_is_kept(
    corpus: Corpus, access: Access, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, before = Held(monkeypatch), snapshot(project)
    with visited(corpus, access, project) as asking:
        sent = asking.post("/model/retrain", data={"csrf": access.csrf}, follow_redirects=False)
        work = asking.app.state.work.get(sent.headers["location"].rsplit("/", 1)[1])  # type: ignore[attr-defined]
        assert held.reached.wait(PATIENCE / 1000)
        threading.Timer(0.2, held.go.set).start()
    assert (work.state, work.outcome) == ("failed", "stopped with the server; everything is as it was")
    assert snapshot(project) == before
    assert {path.name for path in project.cache.iterdir()} == {"vectors"}


def test_the_time_left_follows_the_pace() -> None:
    work = Work("retrain")
    assert work.seconds_left is None
    work.begin("statements encoded", 100)
    work.done, work.since = 25, time.monotonic() - 10
    assert work.seconds_left == pytest.approx(30, abs=1)


def test_work_needs_the_token_of_a_page(here: TestClient, project: Project) -> None:
    before = snapshot(project)
    for what in ("retrain", "compare", "adopt", "restore"):
        form = {"model": "x", "first": "x", "second": "x"}
        assert here.post(f"/model/{what}", data=form).status_code == 403
        assert here.post(f"/model/{what}", data=form | {"csrf": "wrong"}).status_code == 403
    assert snapshot(project) == before


def test_a_server_keeps_to_the_model_that_it_is_told(
    project: Project, statements: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr("amur.web.serving.serve", lambda *_, **options: told.append(options))
    statements.to_parquet(tmp_path / "statements.parquet", index=False)
    for named in ([], ["--model", str(shipped("model"))]):
        arguments = ["serve", str(tmp_path / "statements.parquet"), "--no-open", *named]
        done = CliRunner().invoke(commands, ["--project", str(project.folder), *arguments])
        assert done.exit_code == 0, done.exception
    assert [options["model"] for options in told] == [None, shipped("model")]
    assert [options["project"] for options in told] == [project, project]
    assert Jobs(None, project).folder == api.default_model(project)
    assert Jobs(shipped("model"), project).folder == shipped("model")


# --- the words that moved a statement ---


def test_the_words_of_a_statement_are_those_of_amur_explain(
    here: TestClient, access: Access, project: Project, tmp_path: Path
) -> None:
    sent = here.post("/classify.json", data={"text": TEXT}, headers={"x-csrf-token": access.csrf}).json()
    address = sent["address"].removesuffix(".json")
    while here.get(f"{address}.json").json()["state"] != "done":
        time.sleep(0.1)
    page = here.get(address).text
    links = re.findall(r'class="why" href="([^"]+)"', page)
    assert len(links) == 2
    path, query = links[1].replace("&amp;", "&").split("?")
    assert path == f"{address}/explanation"
    found = here.get(f"{path}.json?{query}").json()
    (tmp_path / "pasted.txt").write_text(TEXT)
    wrote = CliRunner().invoke(
        commands,
        [
            "--project",
            str(project.folder),
            "explain",
            str(tmp_path / "pasted.txt"),
            "--statement",
            "2",
            "--format",
            "json",
        ],
    )
    assert found == json.loads(wrote.stdout)["explanations"][0]
    assert TEXT[found["start"] : found["end"]] == found["text"]
    word = max(found["answers"][1]["words"], key=lambda one: one["change"])
    assert word["word"] in {"refused", "delayed"}
    assert TEXT[word["word_start"] : word["word_end"]] == word["word"]
    shown = here.get(f"{path}?{query}").text
    assert f'<span class="for">{word["word"]}<sub>+' in shown
    assert " style=" not in shown
    table = pd.read_csv(io.StringIO(here.get(f"{path}.csv?{query}").text))
    assert table["word"].tolist() == [one["word"] for answer in found["answers"] for one in answer["words"]]


def test_the_words_of_a_statement_on_an_article_page(here: TestClient, corpus: Corpus) -> None:
    page = here.get("/article?document=a0").text
    links = [link.replace("&amp;", "&") for link in re.findall(r'class="why" href="([^"]+)"', page)]
    sided = corpus.statements.query("document == 'a0' and stance != 'neutral'")
    assert links == [f"/explanation?document=a0&start={start}" for start in sided["start"]]
    found = here.get(links[0].replace("?", ".json?")).json()
    assert found["text"] == sided["text"].iloc[0]
    assert [answer["answer"] for answer in found["answers"]] == ["convergence", "friction"]
    for wrong in ("document=a0&start=1", "document=nobody&start=0"):
        assert here.get(f"/explanation.json?{wrong}").json()["status"] == 404
    assert here.get("/classify/0123456789abcdef/explanation.json?document=a&start=0").status_code == 404


# --- in the browser ---


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; apt-get install chromium")
def test_retrain_compare_adopt_and_restore_in_the_browser(
    corpus: Corpus, project: Project, visit: Callable[..., Visit]
) -> None:
    first = str(model_in_use(project))
    with served(create_app(corpus, Access(), Jobs(project=project), work=ModelWork(project))) as address:
        seen = visit()
        seen.open(f"{address}/model")
        assert seen.serious() == []
        heading = seen.page.get_by_role("heading", level=1)
        seen.page.get_by_role("button", name="Retrain").click()
        expect(heading).to_have_text("Retraining: done", timeout=PATIENCE)
        second = str(model_in_use(project))
        expect(seen.page.get_by_role("status")).to_contain_text(f"{second} adopted: not worse than {first}")
        expect(seen.page.locator("table.figures tbody tr")).to_have_count(4)
        assert seen.serious() == []
        seen.page.get_by_role("link", name="To the models").click()
        seen.page.locator("select[name=first]").select_option(first)
        seen.page.get_by_role("button", name="Compare", exact=True).click()
        expect(heading).to_have_text("Comparing: done", timeout=PATIENCE)
        seen.page.get_by_role("link", name="To the models").click()
        seen.page.get_by_role("button", name=f"Restore {first}").press("Enter")  # by keyboard
        expect(heading).to_have_text("Restoring: done", timeout=PATIENCE)
        assert model_in_use(project) == first
        seen.page.get_by_role("link", name="To the models").click()
        seen.page.get_by_role("button", name=f"Adopt {second}").click()
        expect(heading).to_have_text("Adopting: done", timeout=PATIENCE)
        assert model_in_use(project) == second
        small = visit(390, "dark")
        small.open(f"{address}/model")
        assert small.serious() == []
        assert small.page.evaluate("document.documentElement.scrollWidth") <= 390
        for window in (seen, small):
            assert window.complaints == []
            assert window.hosts == {urlsplit(address).netloc}


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; apt-get install chromium")
def test_words_appear_below_their_statement_when_asked_for(
    corpus: Corpus, project: Project, visit: Callable[..., Visit]
) -> None:
    with served(create_app(corpus, Access(), Jobs(project=project))) as address:
        seen = visit(390, "dark")
        seen.open(f"{address}/article?document=a0")
        expect(seen.page.locator("section.words")).to_have_count(0)
        asked = seen.page.locator("a.why").first
        asked.focus()
        asked.press("Enter")
        words = seen.page.locator(".notes li section.words")
        expect(words).to_have_count(1, timeout=PATIENCE)
        expect(words).to_be_focused()
        expect(words.locator("h2")).to_have_count(2)
        expect(words.locator(".for sub").first).to_contain_text("+")
        assert seen.serious() == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
        seen.open(f"{address}/explanation?document=a0&start={corpus.statements['start'].iloc[0]}")
        assert seen.serious() == []
        assert seen.complaints == []
        assert seen.hosts == {urlsplit(address).netloc}


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; apt-get install chromium")
def test_the_page_that_asks_for_a_token_is_styled(corpus: Corpus, visit: Callable[..., Visit]) -> None:
    with served(create_app(corpus, Access(token="open sesame"), Jobs())) as address:  # noqa: S106 (made up)
        seen = visit()
        seen.page.goto(f"{address}/overview")
        expect(seen.page.get_by_role("heading", level=1)).to_have_text("Unauthorized")
        font = seen.page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily")
        assert "Palatino" in font
        assert [line for line in seen.complaints if "401" not in line] == []
        assert len(seen.complaints) == 1  # the page itself, and nothing that it asks for
        assert seen.serious() == []
