"""A browser for the tests: a real server, and what a page in Chromium asks for and complains of."""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium")
DRAWN = """() => !document.querySelector('[data-part]')
  && [...document.querySelectorAll('figure[data-spec]')].every((figure) => figure.querySelector('svg'))"""
PATIENCE = 300_000


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """A real server, and its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(30)
    listening.close()


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

    def serious(self) -> list[tuple[str, object]]:
        """What axe finds serious or critical."""
        found = Axe().run(self.page).response["violations"]
        return [(one["id"], one["nodes"][0]["target"]) for one in found if one["impact"] in {"serious", "critical"}]
