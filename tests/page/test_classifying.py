"""What a visitor brings is classified in the background by the shipped model, and its problems are told."""

import io
import time
from typing import Any

import docx
import pandas as pd
import pytest
from fastapi.testclient import TestClient

import amur
from amur.articles import Article
from amur.encoder import pack
from amur.errors import FAULT, AmurError
from amur.pipeline import classify_in_parts
from amur.resources import shipped
from amur.store import load_model
from amur.web.jobs import Job, Jobs
from amur.web.security import Access

ARTICLE = (
    "🚢 Beijing and Moscow signed a gas contract on Monday.\n\nThe price is still disputed, Russian officials said."
)
PATIENCE = 300


def done(client: TestClient, address: str) -> dict[str, Any]:
    """What a classification holds once it is done."""
    for _ in range(PATIENCE * 10):
        found: dict[str, Any] = client.get(address + ".json").json()
        if found["state"] == "done":
            return found
        time.sleep(0.1)
    pytest.fail(f"not done after {PATIENCE} s: {found}")


def test_texts_files_and_addresses_become_one_result(client: TestClient, access: Access) -> None:
    document = docx.Document()
    document.add_paragraph("Chinese banks closed the accounts of Russian firms, Moscow complained.")
    document.save(packed := io.BytesIO())
    files = [
        ("files", ("talks/../../note.docx", packed.getvalue())),
        ("files", ("note.txt", b"Russia and China trade more with each other every year, customs figures show.")),
        ("files", ("broken.pdf", b"no pdf")),
    ]
    form = {"csrf": access.csrf, "text": ARTICLE, "source": "Harbour Post", "title": "<i>Gas</i>"}
    sent = client.post("/classify", data=form, files=files, follow_redirects=False)
    assert sent.status_code == 303
    found = done(client, sent.headers["location"])
    assert [line.split(":")[0] for line in found["problems"]] == ["cannot read broken.pdf"]
    rows = found["statements"]
    assert [row["document"] for row in rows] == ["pasted", "pasted", "note", "note (2)"]
    assert [ARTICLE[row["start"] : row["end"]] for row in rows[:2]] == [row["text"] for row in rows[:2]]
    assert (rows[0]["source"], rows[0]["stance"], rows[2]["stance"]) == ("Harbour Post", "convergence", "friction")
    assert (found["done"], found["total"]) == (3, 3)
    page = client.get(sent.headers["location"]).text
    assert "data-live" not in page
    assert "&lt;i&gt;Gas&lt;/i&gt;" in page
    assert "</span>&NoBreak;🚢 Beijing and Moscow signed a gas contract on Monday.</mark>" in page
    assert client.get(sent.headers["location"] + ".csv").text.count("\n") == 5


def test_what_cannot_be_classified_is_told_on_the_page(client: TestClient, access: Access) -> None:
    header = {"x-csrf-token": access.csrf}
    sent = client.post("/classify.json", data={"text": "It rained.", "address": "http://localhost:80/"}, headers=header)
    assert sent.status_code == 202
    found = done(client, sent.json()["address"].removesuffix(".json"))
    assert found["statements"] == []
    assert "localhost is not on the public internet" in found["problems"][0]
    sent = client.post("/classify.json", data={"text": "It rained in London all day."}, headers=header)
    assert done(client, sent.json()["address"].removesuffix(".json"))["problems"] == [
        "pasted: never names both Beijing and Moscow; passed over"
    ]
    assert client.get("/classify/0123456789abcdef.json").status_code == 404


def finished(job: Job) -> Job:
    """A job once it is done."""
    for _ in range(PATIENCE * 10):
        if job.state == "done":
            return job
        time.sleep(0.1)
    pytest.fail(f"not done after {PATIENCE} s")


def test_a_fault_in_one_article_or_file_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(article: Article, *given: Any) -> Any:  # noqa: ANN401 (as the function it stands for)
        return broken() if article.id == "two" else classify_in_parts(article, *given)

    def broken() -> list[Article]:
        raise IndexError

    monkeypatch.setattr("amur.web.jobs.classify_in_parts", faulty)
    jobs = Jobs()
    try:
        job = finished(jobs.submit(broken, lambda: [Article(name, ARTICLE) for name in ("one", "two", "three")]))
    finally:
        jobs.close()
    assert job.problems == [FAULT, f"two: {FAULT}"]
    assert job.statements["document"].unique().tolist() == ["one", "three"]
    assert (job.done, list(job.balances)) == (3, ["one", "three"])
    assert job.balances["one"]["statements"] == 2


def test_many_articles_are_watched_without_working_their_balances_out_again(
    client: TestClient, statements: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = [rows for _, rows in statements.groupby("document", sort=False)]
    articles = [Article(rows["document"].iloc[0], "".join(f"{text:40}" for text in rows["text"])) for rows in tables]
    balance = {"balance": 0.25, "low": 0.0, "high": 0.5, "statements": 8}
    job = Job(state="classifying", articles=articles, tables=tables, done=len(tables) - 1)
    job.balances = {article.id: balance for article in articles[:-1]}
    monkeypatch.setitem(client.app.state.jobs._jobs, job.id, job)  # type: ignore[attr-defined]
    page = client.get(f"/classify/{job.id}").text
    assert page.count("<article>") == page.count("+0.25") == 10
    assert "59 of 60 articles done" in page
    assert "50 more show here when all are done" in page
    assert len(client.get(f"/classify/{job.id}.json").json()["statements"]) == len(statements)
    job.state = "done"
    page = client.get(f"/classify/{job.id}").text
    assert (page.count("<article>"), page.count("+0.25")) == (60, 59)
    assert "more show" not in page


def test_only_so_many_may_wait() -> None:
    def slow() -> list[Article]:
        time.sleep(0.2)
        return []

    jobs = Jobs()
    try:
        for _ in range(10):
            jobs.submit(slow)
        with pytest.raises(AmurError, match="10 classifications are waiting"):
            jobs.submit(list)
    finally:
        jobs.close()


def test_parts_of_an_article_are_what_the_whole_is() -> None:
    text = (shipped("seeds") / "the-diplomat.md").read_text(encoding="utf-8")
    text = text[: text.index("\n\n", 3500)]
    article = Article("seed", text)
    whole = amur.classify(article)
    parts = list(classify_in_parts(article, load_model(), size=8))
    assert 1 < len(parts) < len(whole)
    assert min(len(part) for part in parts[:-1]) >= 8
    joined = [row for part in parts for row in part.to_dict("records")]
    assert [row["start"] for row in joined] == whole["start"].tolist()
    assert abs(whole["convergence"] - [row["convergence"] for row in joined]).max() < 1e-3


def test_parts_end_where_windows_do_so_that_none_is_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    article = Article("seed", (shipped("seeds") / "the-diplomat.md").read_text(encoding="utf-8")[:5000])
    read: list[int] = []

    def counting(*laid: Any) -> Any:  # noqa: ANN401 (as the function it stands for)
        read.append(len(laid[1]))
        return pack(*laid)

    monkeypatch.setattr("amur.encoder.pack", counting)
    whole = amur.classify(article)
    windows_of_the_whole = sum(read)
    read.clear()
    assert sum(map(len, classify_in_parts(article, load_model(), size=5))) == len(whole)
    assert sum(read) == windows_of_the_whole > 1
