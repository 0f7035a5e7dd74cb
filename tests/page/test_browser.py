"""The pages in Debian's Chromium: they open, they are accessible, nothing leaves the machine, a filter filters."""

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from amur.web.app import create_app
from amur.web.data import Corpus
from amur.web.jobs import Jobs
from amur.web.security import Access

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; apt-get install chromium")

PAGES = (
    "/overview",
    "/statements?theme=trade",
    "/source?source=Old+Mill+%26+Sons",
    "/theme?theme=trade",
    "/article?document=a0",
    "/compare?first=Harbour+Post&second=Steppe+Times",
    "/charts/trend",
    "/classify",
)
DRAWN = """() => !document.querySelector('[data-part]')
  && [...document.querySelectorAll('figure[data-spec]')].every((figure) => figure.querySelector('svg'))"""
PATIENCE = 300_000
MOST_BYTES = 1_500_000


@pytest.fixture(scope="module")
def address(corpus: Corpus) -> Iterator[str]:
    """Where a real server serves the made-up corpus."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(corpus, Access(), Jobs()), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(30)
    listening.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@dataclass
class Visit:
    """A page in a browser, and what it asked for and complained of."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    received: int = 0

    def __post_init__(self) -> None:
        """Listen."""
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda event: self._count(event["encodedDataLength"]))

    def _count(self, length: float) -> None:
        self.received += int(length)

    def open(self, url: str) -> None:
        """Open a page and wait until its charts are drawn."""
        self.page.goto(url)
        self.page.wait_for_function(DRAWN)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens a browser window of a size and colour scheme."""
    contexts = []

    def make(width: int = 1280, scheme: str = "light") -> Visit:
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme))  # type: ignore[arg-type]
        return Visit(contexts[-1].new_page())

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_page_opens_accessible_and_asks_this_machine_alone(
    visit: Callable[..., Visit], address: str, width: int, scheme: str
) -> None:
    seen = visit(width, scheme)
    for path in PAGES:
        seen.open(address + path)
        found = Axe().run(seen.page).response["violations"]
        serious = [(one["id"], one["nodes"][0]["target"]) for one in found if one["impact"] in {"serious", "critical"}]
        assert serious == [], path
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert seen.complaints == []  # what the Content-Security-Policy forbids would be told here
    assert seen.hosts == {urlsplit(address).netloc}


def test_the_first_page_is_light(visit: Callable[..., Visit], address: str) -> None:
    seen = visit()
    seen.open(f"{address}/overview")
    assert seen.page.locator("figure svg").count() == 2
    assert 50_000 < seen.received < MOST_BYTES


def test_filters_stay_in_the_address_and_numbers_lead_to_sentences(visit: Callable[..., Visit], address: str) -> None:
    seen = visit()
    seen.open(f"{address}/overview")
    seen.page.locator("select[name=source]").select_option("Steppe Times")
    seen.page.locator("select[name=stance]").select_option("friction")
    seen.page.get_by_role("button", name="Apply").click()
    seen.page.wait_for_function(DRAWN)
    assert seen.page.url.endswith("/overview?source=Steppe+Times&stance=friction")
    rows = seen.page.locator(".heat tbody tr")
    assert rows.count() == 1
    said = seen.page.locator(".heat tbody td a").first.get_attribute("title") or ""
    seen.page.locator(".heat tbody td a").first.click()
    count = said.split(", ")[-1].split()[0]
    expect(seen.page.locator("h1")).to_contain_text(f"{count} friction statements", timeout=PATIENCE)
    expect(seen.page.locator(".quote.friction")).to_have_count(50)
    seen.page.locator(".quote .text a").first.click()
    expect(seen.page.locator("mark.friction:target")).to_have_count(1, timeout=PATIENCE)


def test_a_pasted_article_is_classified_and_marked_in_place(visit: Callable[..., Visit], address: str) -> None:
    seen = visit()
    seen.open(f"{address}/classify")
    sentence = "🚢 Beijing and Moscow signed a gas contract on Monday."
    seen.page.locator("textarea[name=text]").fill(
        f"{sentence}\n\nChinese banks refused payments from Russia, and Moscow complained."
    )
    seen.page.get_by_role("button", name="Classify").click()
    seen.page.wait_for_selector("h1:text-is('Classified')")
    marked = seen.page.locator("mark.convergence[id]").first.evaluate("mark => mark.lastChild.textContent")
    assert marked.lstrip("\u2060") == sentence
    assert seen.page.locator("mark.friction[id]").count() == 1
    assert seen.complaints == []
