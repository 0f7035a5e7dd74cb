"""A made-up corpus whose figures are known, and clients that ask for its pages."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, sync_playwright

from amur.codebook import STANCES
from amur.resources import shipped
from amur.store import read_manifest
from amur.web.app import create_app
from amur.web.data import Corpus, make_corpus
from amur.web.jobs import Jobs
from amur.web.security import Access
from page.browsing import CHROMIUM, Visit

HOST = "http://localhost:8000"
TEXT = "---\nsource: Harbour Post\n---\n\nBeijing and Moscow signed. 🚢 Moscow waits for the money.\n\nNobody knows <b>why</b>."
"""An article whose three statements are the first three of ``made_up``."""


def made_up(articles: int = 60) -> pd.DataFrame:
    """Eight statements an article: the Harbour Post sees convergence, the Steppe Times friction, the Old Mill both."""
    generator = np.random.default_rng(1)
    odds = {"Harbour Post": (0.9, 0.05), "Steppe Times": (0.05, 0.9), "Old Mill & Sons": (0.5, 0.45)}
    rows = []
    for number in range(articles):
        source = list(odds)[number % 3]
        for at in range(8):
            answers = [generator.random() < chance for chance in odds[source]]
            stance = STANCES[(0 if answers[0] else 3) if not answers[1] else (2 if answers[0] else 1)]
            probabilities = [round(float(0.7 + 0.29 * generator.random()) if yes else 0.04, 4) for yes in answers]
            themes = [["trade"], ["trade", "energy"], [], ["far-east"]][at % 4]
            rows.append(
                (f"a{number}", source, f"Article {number}", f"20{20 + number % 4}-0{1 + number % 9}-15", "", at * 40,
                 at * 40 + 39, f"Statement {at} of article {number}.", *probabilities, stance, themes)
            )  # fmt: skip
    names = "document source title date url start end text convergence friction stance themes".split()
    table = pd.DataFrame(rows, columns=names)
    for row, text in enumerate(
        ("Beijing and Moscow signed.", "Moscow waits for the money.", "Nobody knows <b>why</b>.")
    ):
        start = TEXT.index(text)
        table.loc[row, "text"] = text
        table.loc[row, "start"] = start
        table.loc[row, "end"] = start + len(text)
    return table[~((table["document"] == "a0") & (table.index > 2))].reset_index(drop=True)


@pytest.fixture(scope="session")
def statements() -> pd.DataFrame:
    return made_up()


@pytest.fixture(scope="session")
def corpus(statements: pd.DataFrame) -> Corpus:
    return make_corpus(statements, read_manifest(shipped("model")).errors, {"a0": TEXT})


@pytest.fixture(scope="session")
def access() -> Access:
    return Access()


@pytest.fixture(scope="session")
def client(corpus: Corpus, access: Access) -> Iterator[TestClient]:
    """Asks for pages as a browser on this machine does."""
    with TestClient(create_app(corpus, access, Jobs()), base_url=HOST, raise_server_exceptions=False) as asking:
        yield asking


@pytest.fixture
def strangers(corpus: Corpus, access: Access) -> Iterator[TestClient]:
    """Asks a page that is bound beyond the loopback, so that it wants its token."""
    beyond = replace(access, host="0.0.0.0", token="open sesame")  # noqa: S104, S106 (nothing is bound)
    with TestClient(create_app(corpus, beyond, Jobs()), base_url="http://192.168.1.7:8000") as asking:
        yield asking


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


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
