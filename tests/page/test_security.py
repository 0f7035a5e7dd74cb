"""Who is let in, and what every answer says to the browser."""

import re

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from amur.web import security
from amur.web.headers import HEADERS
from amur.web.security import Access, Guard, make_access


def test_every_answer_has_the_headers_even_errors_and_files(client: TestClient) -> None:
    for path in ("/overview", "/nowhere", "/overview.json", "/static/amur.js", "/source?source=nobody"):
        answer = client.get(path)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_no_page_has_script_or_style_in_it(client: TestClient) -> None:
    pages = "/overview /statements /classify /model /compare /charts/sources /article?document=a0 /source?source=Harbour+Post"
    for path in pages.split():
        text = client.get(path).text
        assert " style=" not in text
        assert "<style" not in text
        assert text.count("<script") == text.count('<script type="module" src="/static/amur.js">') == 1
        assert " onclick" not in text


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "192.168.1.7",
        "",
        "[",
        "127.0.0.1@evil.example",
        "evil.example@localhost",
        "localhost/x",
        "localhost?x",
        "localhost#x",
        "localhost\\x",
    ],
)
def test_another_name_for_this_machine_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/overview.json", headers={"host": host})
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_beyond_the_loopback_there_is_always_a_token() -> None:
    assert make_access("127.0.0.1").token is None
    assert make_access("localhost", "mine").token == "mine"  # noqa: S105
    made = {make_access(host).token for host in ("0.0.0.0", "192.168.1.7", "::", "amur.example")}  # noqa: S104
    assert len(made) == 4
    assert all(token and len(token) >= 32 for token in made)


def test_the_token_opens_the_page_once_and_for_all(strangers: TestClient) -> None:
    assert strangers.get("/overview").status_code == 401
    assert strangers.get("/static/amur.js").status_code == 401
    assert strangers.get("/overview?token=wrong").status_code == 401
    answer = strangers.get("/overview?token=open+sesame&theme=trade", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/overview?theme=trade")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert strangers.get("/overview").status_code == 200


def test_the_page_that_asks_for_the_token_has_its_style_and_nothing_else(strangers: TestClient) -> None:
    page = strangers.get("/overview")
    assert page.status_code == 401
    asked = re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]+)"', page.text)
    assert {path: strangers.get(path).status_code for path in asked} == {
        "/assets/palette.css": 200,
        "/static/amur.css": 200,
        "/static/icon.svg": 200,
    }
    assert "csrf" not in page.text
    assert "Harbour Post" not in page.text
    for path in ("/assets/vega.js", "//static/amur.css", "/static/../static/amur.js", "/static/amur.css/../amur.js"):
        assert strangers.get(path).status_code == 401
    for path in asked:  # a wrong token must not be answered with the right one
        assert "set-cookie" not in strangers.get(f"{path}?token=wrong", follow_redirects=False).headers
    assert strangers.get("/overview").status_code == 401
    elsewhere = strangers.get("/static/amur.css", headers={"host": "evil.example"})
    assert elsewhere.status_code == 400


def test_a_name_with_a_path_in_it_opens_no_page(strangers: TestClient) -> None:
    host = "192.168.1.7:8000/static/amur.css?"
    assert strangers.get("/overview", headers={"host": host}).status_code == 400
    asked = {
        "type": "http",
        "method": "GET",
        "path": "/overview",
        "query_string": b"",
        "headers": [(b"host", host.encode())],
    }
    guard = Guard(strangers.app, Access("0.0.0.0", "open sesame"))  # noqa: S104 (nothing is bound)
    assert guard._guards(Request(asked))


def test_programs_bear_the_token(strangers: TestClient) -> None:
    bearer = {"authorization": "Bearer open sesame"}
    assert strangers.get("/statements.json", headers=bearer).status_code == 200
    answer = strangers.post("/classify.json", headers=bearer)
    assert answer.json() == {
        "status": 400,
        "error": "nothing to classify; paste a text, choose files or give an address",
    }


def test_whatever_changes_something_needs_the_token_of_a_page(client: TestClient, access: Access) -> None:
    schema = client.get("/openapi.json").json()["paths"]
    unsafe = {path for path, methods in schema.items() if methods.keys() - {"get"}}
    assert unsafe == {"/classify.json"}
    for path in (*unsafe, "/classify"):
        assert client.post(path, data={"text": "x"}).status_code == 403
        assert client.post(path, data={"text": "x", "csrf": "wrong"}).status_code == 403
        foreign = client.post(path, data={"csrf": access.csrf}, headers={"origin": "https://evil.example"})
        assert foreign.status_code == 403
        own = client.post(path, data={"csrf": access.csrf}, headers={"origin": "http://localhost:8000"})
        assert own.status_code == 400  # let in, and there was nothing to classify
        assert client.post(path, headers={"x-csrf-token": access.csrf}).status_code == 400
    assert access.csrf in client.get("/classify").text


@pytest.mark.parametrize(("mode", "part_of_a_page"), [
    ("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe"), ("navigate", "embed"),
])  # fmt: skip
def test_another_site_may_link_to_a_page_and_not_make_it_part_of_its_own(
    client: TestClient, mode: str, part_of_a_page: str
) -> None:
    asked = {"sec-fetch-mode": mode, "sec-fetch-dest": part_of_a_page}
    for path in ("/annotate?annotator=x", "/explanation?document=a0&start=0", "/overview.json"):
        answer = client.get(path, headers={"sec-fetch-site": "cross-site", **asked})
        assert (answer.status_code, "another site" in answer.text) == (403, True)
    linked = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.get("/overview", headers=linked).status_code == 200
    for own in ("same-origin", "none"):
        assert client.get("/overview.json", headers={"sec-fetch-site": own, **asked}).status_code == 200


@pytest.mark.parametrize(("header", "value", "status"), [
    ("origin", "http://[", 403), ("origin", "null", 403),
    ("content-length", "9" * 5000, 413), ("content-length", "²", 413), ("content-length", "-1", 413),
])  # fmt: skip
def test_odd_headers_are_refused_and_break_nothing(
    client: TestClient, access: Access, header: str, value: str, status: int
) -> None:
    headers = [(header.encode(), value.encode("latin-1")), (b"x-csrf-token", access.csrf.encode())]
    assert client.post("/classify.json", headers=headers).status_code == status


def test_a_large_body_is_refused_whether_declared_or_not(
    client: TestClient, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "MAX_BODY", 10_000)
    headers = {"x-csrf-token": access.csrf, "content-type": "application/x-www-form-urlencoded"}
    assert client.post("/classify.json", content=b"text=" + b"x" * 20_000, headers=headers).status_code == 413
    pieces = (b"text=" + b"x" * 3_000 for _ in range(5))
    answer = client.post("/classify.json", content=pieces, headers=headers)  # sent in chunks, without a length
    assert (answer.status_code, answer.json()["status"]) == (413, 413)
    assert client.get("/overview", headers={"content-length": "what"}).status_code == 413


def test_errors_have_one_shape(client: TestClient) -> None:
    answer = client.get("/nowhere.json")
    assert answer.json() == {"status": 404, "error": "Not Found"}
    assert client.get("/nowhere", headers={"accept": "application/json"}).json() == answer.json()
    assert "<h1>Not Found</h1>" in client.get("/nowhere").text
    wrong = client.get("/statements.json?since=yesterday").json()
    assert wrong["status"] == 422
    assert wrong["error"].startswith("since: ")
    assert client.get("/source.csv?source=nobody").json()["error"].startswith("no source is called nobody")


def test_a_fault_tells_the_visitor_nothing_of_the_inside(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(*_, "secret")

    monkeypatch.setattr("amur.web.figures.heatmap", broken)
    answer = client.get("/overview")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_what_a_visitor_types_is_escaped(client: TestClient) -> None:
    text = client.get("/nowhere/<script>alert(1)</script>").text + client.get("/statements?theme=<script>x").text
    assert "<script>alert" not in text
    assert "<script>x" not in text
