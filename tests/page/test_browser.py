"""The pages in Debian's Chromium: they open, they are accessible, nothing leaves the machine, a filter filters."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from amur.web.app import create_app
from amur.web.data import Corpus
from amur.web.jobs import Jobs
from amur.web.security import Access
from page.browsing import CHROMIUM, DRAWN, PATIENCE, Visit, served

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
    "/model",
)
MOST_BYTES = 1_500_000


@pytest.fixture(scope="module")
def address(corpus: Corpus) -> Iterator[str]:
    """Where a real server serves the made-up corpus."""
    with served(create_app(corpus, Access(), Jobs())) as where:
        yield where


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_page_opens_accessible_and_asks_this_machine_alone(
    visit: Callable[..., Visit], address: str, width: int, scheme: str
) -> None:
    seen = visit(width, scheme)
    for path in PAGES:
        seen.open(address + path)
        assert seen.serious() == [], path
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert seen.complaints == []  # what the Content-Security-Policy forbids would be told here
    assert seen.hosts == {urlsplit(address).netloc}


def test_the_first_page_is_light(visit: Callable[..., Visit], address: str) -> None:
    seen = visit()
    seen.open(f"{address}/overview")
    assert seen.page.locator("figure svg").count() == 2
    assert 50_000 < seen.received < MOST_BYTES


def test_every_chart_has_its_files_and_every_page_its_data(visit: Callable[..., Visit], address: str) -> None:
    seen = visit()
    seen.open(f"{address}/overview?theme=trade")
    kinds = {"PNG": "image/png", "SVG": "image/svg+xml", "CSV": "text/csv", "JSON": "application/json"}
    for name, kind in kinds.items():
        links = seen.page.get_by_role("link", name=name, exact=True)
        assert links.count() == 3, name  # heat map, sources, trend
        for link in links.all():
            answer = seen.page.request.get(address + (link.get_attribute("href") or ""))
            assert (answer.status, answer.headers["content-type"].split(";")[0]) == (200, kind)
            assert len(answer.body()) > 500


def test_filters_stay_in_the_address_and_numbers_lead_to_sentences(visit: Callable[..., Visit], address: str) -> None:
    seen = visit()
    seen.open(f"{address}/overview")
    seen.page.locator("select[name=source]").select_option("Steppe Times")
    seen.page.locator("select[name=stance]").select_option("friction")
    seen.page.get_by_role("button", name="Apply").click()
    seen.page.wait_for_url(f"{address}/overview?source=Steppe+Times&stance=friction")
    seen.page.wait_for_function(DRAWN)
    expect(seen.page.locator(".heat tbody tr")).to_have_count(1)
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
    expect(seen.page).to_have_title("Classified · amur")
    marked = seen.page.locator("mark.convergence[id]").first.evaluate("mark => mark.lastChild.textContent")
    assert marked.lstrip("\u2060") == sentence
    assert seen.page.locator("mark.friction[id]").count() == 1
    assert seen.complaints == []


RUNNING = """<!doctype html><title>Classifying {done}</title><script src="/static/amur.js" defer></script>
<section class="chart" data-part="/gone"><a href="/gone">chart</a></section>
<div id="result" data-live><p role="status">{done} of 2</p><a href="/x{done}">read</a></div>"""


def test_a_running_classification_is_kept_up_to_date_where_nobody_reads_and_gone_it_is_told(
    visit: Callable[..., Visit], address: str
) -> None:
    page = visit().page
    state: dict[str, int | None] = {"done": 0}

    def answer(route: Route) -> None:
        if state["done"] is None:
            route.fulfill(status=404)
        else:
            route.fulfill(content_type="text/html", body=RUNNING.format_map(state))

    page.route("**/classify/made-up", answer)
    page.clock.install()
    page.goto(f"{address}/classify/made-up")
    expect(page.locator("section[data-part]")).not_to_have_attribute("aria-busy", "true")
    status, link = page.get_by_role("status"), page.locator("#result a")
    state["done"] = 1
    page.clock.run_for(1_000)
    expect(link).to_have_attribute("href", "/x1")
    link.focus()
    state["done"] = 2
    page.clock.run_for(1_000)
    expect(status).to_have_text("2 of 2")
    expect(page).to_have_title("Classifying 2")
    expect(link).to_have_attribute("href", "/x1")
    expect(link).to_be_focused()
    state["done"] = None
    for _ in range(5):
        with page.expect_response("**/classify/made-up"):
            page.clock.run_for(12_000)
    expect(page.get_by_role("alert")).to_contain_text("load the page again")
    expect(page).to_have_title("Classifying 2")
