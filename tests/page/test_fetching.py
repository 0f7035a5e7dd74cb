"""Only what is public is fetched, from the address that was checked; a server of the test stands for the internet."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from amur.errors import AmurError
from amur.web import fetching
from amur.web.fetching import fetch

PUBLIC = "93.184.215.14"
PAGES = {
    "/news/gas.html": (200, {"Content-Type": "text/html; charset=utf-8"}, b"<p>Gas.</p>"),
    "/note": (200, {"Content-Type": "text/plain"}, b"Gas."),
    "/moved": (302, {"Location": "/note"}, b""),
    "/inside": (302, {"Location": "http://router.example/"}, b""),
    "/metadata": (301, {"Location": "http://169.254.169.254/latest/"}, b""),
    "/file": (302, {"Location": "file:///etc/passwd"}, b""),
    "/loop": (302, {"Location": "/loop"}, b""),
    "/picture": (200, {"Content-Type": "image/png"}, b"PNG"),
    "/large": (200, {"Content-Type": "text/plain"}, b"x" * 200_000),
    "/%D0%B3%D0%B0%D0%B7": (200, {"Content-Type": "text/plain"}, b"Gas."),
    "/away": (302, {"Location": "/газ?über=ja nein".encode().decode("latin-1")}, b""),
    "/broken": (302, {"Location": "http://[::1/"}, b""),
    "/gone": (410, {"Content-Type": "text/plain"}, b""),
}


class Handler(BaseHTTPRequestHandler):
    """Answers what ``PAGES`` says."""

    def do_GET(self) -> None:
        """Answer."""
        status, headers, body = PAGES[self.path.partition("?")[0]]
        self.server.hosts.append(self.headers["Host"])  # type: ignore[attr-defined]
        self.server.paths.append(self.path)  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Internet:
    """A name server and a network of one machine, which note what they are asked."""

    def __init__(self, port: int, names: dict[str, list[list[str]]]) -> None:
        self.port, self.names = port, names
        self.asked: list[str] = []
        self.connected: list[tuple[str, int]] = []

    def resolve(self, host: str, _port: int) -> list[str]:
        """The next answer that is prepared for a name; an address is its own."""
        self.asked.append(host)
        if host not in self.names:
            return [host]
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect(self, address: str, port: int, timeout: float) -> socket.socket:
        """The server of the test, whatever the address."""
        self.connected.append((address, port))
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def fetch(self, url: str) -> fetching.Fetched:
        """Fetch over this network."""
        return fetch(url, resolve=self.resolve, connect=self.connect)


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving.hosts, serving.paths = [], []  # type: ignore[attr-defined]
    threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield serving
    serving.shutdown()
    serving.server_close()


@pytest.fixture
def internet(server: ThreadingHTTPServer) -> Callable[..., Internet]:
    def make(**names: list[list[str]]) -> Internet:
        return Internet(server.server_port, {f"{name}.example": answers for name, answers in names.items()})

    return make


def test_a_public_page_is_fetched_from_the_address_that_was_checked(
    internet: Callable[..., Internet], server: ThreadingHTTPServer
) -> None:
    net = internet(news=[[PUBLIC], ["127.0.0.1"]])  # a second answer would be another
    page = net.fetch("http://news.example/news/gas.html?x=1#top")
    assert (page.data, page.name) == (b"<p>Gas.</p>", "gas.html")
    assert net.asked == ["news.example"]
    assert net.connected == [(PUBLIC, 80)]
    assert server.hosts == ["news.example"]  # type: ignore[attr-defined]


def test_redirects_are_followed_by_the_same_rules(internet: Callable[..., Internet]) -> None:
    net = internet(news=[[PUBLIC]], router=[["192.168.1.1"]])
    page = net.fetch("http://news.example/moved")
    assert (page.data, page.url, page.name) == (b"Gas.", "http://news.example/note", "note.txt")
    for path, why in (
        ("inside", "router.example is not on"),
        ("metadata", "169.254.169.254 is not on"),
        ("file", "no public http"),
    ):
        with pytest.raises(AmurError, match=why):
            net.fetch(f"http://news.example/{path}")
    assert {address for address, _ in net.connected} == {PUBLIC}


@pytest.mark.parametrize("path", ["газ?über=ja nein", "%D0%B3%D0%B0%D0%B7?%C3%BCber=ja%20nein", "away"])
def test_letters_beyond_ascii_and_spaces_are_quoted(
    internet: Callable[..., Internet], server: ThreadingHTTPServer, path: str
) -> None:
    assert internet(news=[[PUBLIC]]).fetch(f"http://news.example/{path}").data == b"Gas."
    assert server.paths[-1] == "/%D0%B3%D0%B0%D0%B7?%C3%BCber=ja%20nein"  # type: ignore[attr-defined]


def test_a_host_beyond_ascii_is_asked_for_by_its_registered_name(
    internet: Callable[..., Internet], server: ThreadingHTTPServer
) -> None:
    net = internet()
    net.names["xn--b1amnebsh.xn--p1ai"] = [[PUBLIC]]
    for port in ("", ":80"):
        assert net.fetch(f"http://новости.рф{port}/note").data == b"Gas."
        assert server.hosts[-1] == f"xn--b1amnebsh.xn--p1ai{port}"  # type: ignore[attr-defined]


def test_dns_rebinding_between_redirects_is_refused(internet: Callable[..., Internet]) -> None:
    net = internet(news=[[PUBLIC], ["127.0.0.1"]])
    with pytest.raises(AmurError, match="not on the public internet"):
        net.fetch("http://news.example/moved")
    assert net.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "0.0.0.0",  # noqa: S104 (nothing is bound)
    "100.64.0.1", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:a00:1::", "ff02::1",
])  # fmt: skip
def test_a_name_that_leads_inside_is_refused_even_beside_a_public_address(
    internet: Callable[..., Internet], address: str
) -> None:
    for answers in ([address], [PUBLIC, address]):
        net = internet(news=[answers])
        with pytest.raises(AmurError, match="not on the public internet"):
            net.fetch("http://news.example/note")
        assert net.connected == []


@pytest.mark.parametrize("url", [
    "ftp://news.example/note", "file:///etc/passwd", "news.example", "http://", "http://user:word@news.example/",
    "http://news.example:22/", "http://news.example:99999/", "http://[::1/", "javascript:alert(1)", "http://\u2024/",
])  # fmt: skip
def test_other_addresses_are_refused_unasked(internet: Callable[..., Internet], url: str) -> None:
    net = internet(news=[[PUBLIC]])
    with pytest.raises(AmurError):
        net.fetch(url)
    assert net.connected == []


def test_what_is_no_article_is_refused(internet: Callable[..., Internet], monkeypatch: pytest.MonkeyPatch) -> None:
    net = internet(news=[[PUBLIC]])
    monkeypatch.setattr(fetching, "MAX_BYTES", 100_000)
    reasons = {
        "picture": "image/png",
        "large": "larger than",
        "gone": "answers 410",
        "loop": "redirects again",
        "broken": "cannot",
    }
    for path, why in reasons.items():
        with pytest.raises(AmurError, match=why):
            net.fetch(f"http://news.example/{path}")


@pytest.mark.parametrize(("opening", "drip"), [
    (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    (b"HTTP/1.1 200 OK\r\n", b"X"),
    (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 999\r\n\r\n", b"x"),
])  # fmt: skip
def test_a_server_that_spins_out_its_answer_is_left_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch, opening: bytes, drip: bytes
) -> None:
    monkeypatch.setattr(fetching, "MAX_SECONDS", 0.5)
    listening = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError), listening.accept()[0] as visitor:
            visitor.sendall(opening)
            while not stopped.wait(0.02):
                visitor.sendall(drip)

    serving = threading.Thread(target=serve)
    serving.start()
    net = Internet(listening.getsockname()[1], {"news.example": [[PUBLIC]]})
    fetched: list[object] = []

    def visit() -> None:
        try:
            fetched.append(net.fetch("http://news.example/note"))
        except AmurError as error:
            fetched.append(str(error))

    visiting = threading.Thread(target=visit, daemon=True)
    visiting.start()
    visiting.join(5)
    stopped.set()
    serving.join()
    listening.close()
    assert fetched == ["http://news.example/note is larger than 10 MB or too slow; paste its text"]


def test_this_machine_is_refused_with_the_real_name_server() -> None:
    with pytest.raises(AmurError, match="localhost is not on the public internet"):
        fetch("http://localhost/")
