"""What was classified is kept among what the pages show and, in a project, in its folder of articles."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from amur.api import init_project
from amur.articles import Article, read_articles
from amur.cli import app
from amur.errors import AmurError
from amur.project import Project
from amur.web import data, figures
from amur.web.app import create_app
from amur.web.data import Corpus, make_corpus
from amur.web.jobs import Job, Jobs
from amur.web.keeping import articles_of, keep
from amur.web.security import Access
from amur.web.templating import link

HOST = "http://localhost:8000"
ARTICLE = Article("a0", "Beijing and Moscow signed. 🚢 Nobody knows why.", "Harbour Post", "Gas", "2024-05-16")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return init_project(tmp_path / "project")


@pytest.fixture
def job(statements: pd.DataFrame) -> Job:
    """A classification of one article, whose id the corpus has already, that is done."""
    found = statements.head(1).assign(
        **{name: getattr(ARTICLE, name) for name in ("source", "title", "date")}, document=ARTICLE.id, start=0, end=26
    )
    return Job(state="done", articles=[ARTICLE], tables=[found], done=1)


@pytest.fixture
def pages(corpus: Corpus, job: Job, project: Project) -> Iterator[TestClient]:
    """Pages that have the classification among theirs."""
    jobs = Jobs(project=project)
    jobs._jobs[job.id] = job
    with TestClient(create_app(corpus, Access(csrf="sesame"), jobs), base_url=HOST) as client:
        yield client


def test_a_kept_article_is_shown_with_the_others_under_a_name_of_its_own(corpus: Corpus, job: Job) -> None:
    both, (kept,) = keep(corpus, job, None)
    assert kept.id == "a0 (2)"
    assert len(both.statements) == len(corpus.statements) + 1
    assert both.texts == {**corpus.texts, "a0 (2)": ARTICLE.text}
    assert both.articles.iloc[-1]["statements"] == 1
    with pytest.raises(AmurError, match="kept already"):
        keep(both, job, None)


def test_in_a_project_its_text_is_written_first_and_shown_from_then_on(
    corpus: Corpus, job: Job, project: Project
) -> None:
    assert articles_of(project) == []
    folder = project.folder / "articles"
    folder.mkdir()
    (folder / "kept.jsonl").write_text(json.dumps({"id": "cut", "text": "Beijing."}))  # no line end
    _, kept = keep(corpus, job, project)
    assert articles_of(project) == [folder]
    assert [article.id for article in read_articles(articles_of(project))] == ["cut", "a0 (2)"]
    assert list(read_articles([folder]))[1] == kept[0]


def test_an_id_is_given_once_whatever_later_servers_show(
    corpus: Corpus, statements: pd.DataFrame, job: Job, project: Project
) -> None:
    file = project.folder / "articles" / "kept.jsonl"
    file.parent.mkdir()
    file.touch()
    others = make_corpus(statements[statements["document"] != "a0"], corpus.errors)
    for shown in (others, others, corpus):
        keep(shown, replace(job, kept=False), project)
    assert [json.loads(line)["id"] for line in file.read_text().splitlines()] == ["a0", "a0 (2)", "a0 (3)"]


def test_where_it_cannot_be_written_nothing_is_kept(corpus: Corpus, job: Job, project: Project) -> None:
    (project.folder / "articles").write_text("a file in its place")
    with pytest.raises(AmurError, match="cannot write"):
        keep(corpus, job, project)
    assert not job.kept


def test_what_is_not_done_is_not_kept(corpus: Corpus, job: Job) -> None:
    job.state = "classifying"
    with pytest.raises(AmurError, match="not done yet"):
        keep(corpus, job, None)


def test_a_kept_article_is_read_in_place_where_others_have_no_places(
    corpus: Corpus, statements: pd.DataFrame, job: Job
) -> None:
    for lacking in (statements.drop(columns=["start", "end"]), statements.assign(start=statements["start"][1:])):
        both, (article,) = keep(make_corpus(lacking, corpus.errors), replace(job, kept=False), None)
        with TestClient(create_app(both, Access(), Jobs()), base_url=HOST) as client:
            where = link("/article", document=article.id)
            assert "Beijing and Moscow signed.</mark>" in client.get(where).text
            assert client.get(where.replace("?", ".json?")).json()["statements"][0]["end"] == 26
            assert ",0,26,Beijing and Moscow signed.," in client.get(where.replace("?", ".csv?")).text
            assert client.get("/article?document=a1").status_code == 200


def test_what_was_shown_before_is_forgotten(pages: TestClient, job: Job) -> None:
    for path in ("/overview", "/charts/themes"):
        assert pages.get(path).status_code == 200
    assert figures.heatmap.cache_info().currsize > 0
    pages.post(f"/classify/{job.id}/keep", data={"csrf": "sesame"}, follow_redirects=False)
    kept = (figures.heatmap, figures.by_theme, figures.by_source, figures.by_source_and_theme, figures.by_period)
    assert [figure.cache_info().currsize for figure in kept] == [0] * 5


def test_the_button_keeps_and_leads_to_the_article(pages: TestClient, job: Job) -> None:
    address = f"/classify/{job.id}"
    assert "Keep</button>" in pages.get(address).text
    assert pages.post(f"{address}/keep").status_code == 403
    sent = pages.post(f"{address}/keep", data={"csrf": "sesame"}, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/article?document=a0+%282%29")
    assert "Beijing and Moscow signed." in pages.get(sent.headers["location"]).text
    again = pages.get(address).text
    assert "Keep</button>" not in again
    assert "Kept: it is shown with the others." in again
    assert pages.post("/classify/gone/keep", data={"csrf": "sesame"}).status_code == 404


def test_themes_lead_to_their_pages_where_there_are_such(pages: TestClient, job: Job) -> None:
    job.tables[0]["themes"] = [["trade", "space"]]
    address = f"/classify/{job.id}"
    trade, space = ('<a class="theme" href="/theme?theme=' + name for name in ("trade", "space"))
    before = pages.get(address).text
    assert trade in before
    assert space not in before
    assert '<span class="theme">space</span>' in before
    pages.post(f"{address}/keep", data={"csrf": "sesame"})
    assert space in pages.get(address).text


@pytest.mark.parametrize("command", ["serve", "annotate"])
def test_without_paths_the_projects_articles_are_shown_and_annotated(
    command: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[list[Path]] = []

    def stop(paths: list[Path], *_: object, **__: object) -> None:
        given.append(paths)
        raise AmurError

    for name in ("read_corpus", "read_to_annotate"):
        monkeypatch.setattr(data, name, stop)
    CliRunner().invoke(app, ["--project", str(project.folder), command, "--no-open"])
    (project.folder / "articles").mkdir()
    CliRunner().invoke(app, ["--project", str(project.folder), command, "--no-open"])
    assert given == [[], [project.folder / "articles"]]
    said = CliRunner().invoke(app, [command, "--help"]).output
    assert "without one, the project's articles/, or the five seeds" in " ".join(said.replace("│", " ").split())
