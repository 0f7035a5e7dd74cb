"""``amur serve`` as a user starts it."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from amur.cli import app
from amur.errors import AmurError
from amur.web.data import read_corpus

PATIENCE = 300


@pytest.fixture
def written(statements: pd.DataFrame, tmp_path: Path) -> Path:
    statements.to_parquet(tmp_path / "statements.parquet", index=False)
    return tmp_path / "statements.parquet"


@contextmanager
def served(*arguments: object) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server in a process of its own, and the address that it prints."""
    command = [sys.executable, "-m", "amur", "serve", "--no-open", "--port", "0", *map(str, arguments)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        overdue = threading.Timer(PATIENCE, server.kill)
        overdue.start()
        try:
            assert server.stderr
            line = server.stderr.readline()
            found = re.search(r"http://\S+", line)
            assert found, line
            yield found[0], server
        finally:
            overdue.cancel()
            server.kill()


def test_it_says_where_it_is_serves_and_stops_at_once(written: Path) -> None:
    with served(written) as (address, server):
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address + "charts/sources.json", timeout=PATIENCE) as answer:  # noqa: S310 (our own)
            sources = [row["source"] for row in json.load(answer)["balances"]]
        assert sources == ["Harbour Post", "Old Mill & Sons", "Steppe Times"]
        server.send_signal(signal.SIGINT)
        assert server.wait(PATIENCE) == 0


def test_a_given_token_stands_in_the_address_and_is_asked_for(written: Path) -> None:
    with served(written, "--token", "open sesame") as (address, _):
        assert address.endswith("/?token=open+sesame")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(address.split("?")[0], timeout=PATIENCE)  # noqa: S310 (our own)


def test_a_taken_port_is_told(written: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = CliRunner().invoke(app, ["serve", str(written), "--no-open", "--port", str(port)])
    assert isinstance(done.exception, AmurError)
    assert f"cannot listen on 127.0.0.1:{port}" in str(done.exception)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastapi", None)
    for name in [name for name in sys.modules if name.startswith("amur.web")]:
        monkeypatch.delitem(sys.modules, name)
    done = CliRunner().invoke(app, ["serve", "--no-open"])
    assert str(done.exception) == "the page needs fastapi, which is not installed; pip install 'amur[web]'"


def test_articles_keep_their_texts_and_statements_are_taken_as_they_are(written: Path, tmp_path: Path) -> None:
    assert len(read_corpus([written]).statements) == 475
    (tmp_path / "note.txt").write_text("Beijing and Moscow signed a gas contract.")
    assert read_corpus([tmp_path / "note.txt"]).texts == {"note": "Beijing and Moscow signed a gas contract."}
    with pytest.raises(AmurError, match="give one kind at a time"):
        read_corpus([written, tmp_path / "note.txt"])
    with pytest.raises(AmurError, match="no such file"):
        read_corpus([tmp_path / "absent.txt"])
