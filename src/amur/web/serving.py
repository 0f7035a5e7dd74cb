"""Start the server: say where the page is, open it, serve until stopped."""

import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl

import uvicorn

from amur.annotating import Annotating
from amur.errors import AmurError
from amur.project import Project
from amur.web import assets, figures
from amur.web.app import create_app
from amur.web.data import Corpus, Filter
from amur.web.jobs import Jobs
from amur.web.model_work import ModelWork
from amur.web.security import Access
from amur.web.templating import link

_Tell = Callable[[str], object]


def address(access: Access, port: int, page: str = "/") -> str:
    """Where a browser on this machine finds a page.

    >>> address(Access("0.0.0.0", "secret"), 8000), address(Access("::1"), 8000)
    ('http://127.0.0.1:8000/?token=secret', 'http://[::1]:8000/')
    """
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(access.host, access.host)  # noqa: S104 (compared, not bound)
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    path, _, query = page.partition("?")
    return link(f"http://{host}:{port}{path}", **dict(parse_qsl(query)), token=access.token)


def serve(
    corpus: Corpus,
    access: Access,
    *,
    annotating: Annotating | None,
    page: str = "/",
    port: int,
    model: Path | None,
    opened: bool,
    tell: _Tell,
    project: Project | None = None,
    n_jobs: int = 1,
) -> None:
    """Serve a corpus until stopped.

    Args:
        corpus: what to show.
        access: who may use it, and the host it is bound to.
        annotating: what there is to annotate; None outside of a project.
        page: the page to begin with, with its query.
        port: the port to bind to; 0 for any free one.
        model: what classifies new articles; by default what the project uses at the time, or the shipped one.
        opened: open the page in a browser.
        tell: is told the address.
        project: whose models may be retrained and adopted there.
        n_jobs: joblib's number of parallel jobs for that.

    Raises:
        AmurError: the port cannot be had.
    """
    jobs = Jobs(model, project)
    app = create_app(corpus, access, jobs, annotating, work=ModelWork(project, n_jobs))
    listening = _listen(access.host, port)
    where = address(access, listening.getsockname()[1], page)
    tell(f"amur is at {where} (Ctrl+C stops it)")
    threading.Thread(target=warm, args=(corpus,), daemon=True).start()
    if opened:  # the socket listens already, so the browser waits until the server answers
        threading.Thread(target=webbrowser.open, args=(where,), daemon=True).start()
    with suppress(KeyboardInterrupt):
        uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False)).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        msg = f"cannot listen on {host}:{port}: {error.strerror or error}; name another with --host and --port"
        raise AmurError(msg) from error


def warm(corpus: Corpus) -> None:
    """Make beforehand what the first visit asks for."""
    everything = Filter()
    if corpus.statements.empty:
        return
    figures.heatmap(corpus, everything)
    assets.vega_bundle()
    figures.by_source(corpus, everything)
    figures.by_period(corpus, everything, None)
