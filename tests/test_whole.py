"""A file appears whole or not at all, whatever stops the writing."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from amur.errors import AmurError
from amur.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENDLESS = """
import itertools, sys
from pathlib import Path
from amur.whole import write_whole

def parts():
    for n in itertools.count():
        if n == 1000:
            print("writing", flush=True)
        yield b"x" * 100

write_whole(Path(sys.argv[1]), parts())
"""


def test_a_file_is_replaced_at_once(tmp_path: Path) -> None:
    file = tmp_path / "file.txt"
    seen = []

    def parts() -> Iterator[bytes]:
        for part in (b"new, ", b"whole"):
            seen.append(file.read_bytes())
            yield part

    write_whole(file, [b"old"])
    write_whole(file, parts())
    assert seen == [b"old", b"old"]
    assert file.read_bytes() == b"new, whole"
    assert list(tmp_path.iterdir()) == [file]


def test_a_failure_half_way_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "file.txt"
    write_whole(file, [b"old"])

    def parts() -> Iterator[bytes]:
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(file, parts())
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("before", [None, b"old"])
def test_a_kill_between_two_bytes_leaves_what_was_there(tmp_path: Path, before: bytes | None) -> None:
    file = tmp_path / "file.txt"
    if before:
        file.write_bytes(before)
    process = subprocess.Popen([sys.executable, "-c", _ENDLESS, str(file)], stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"writing\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert (file.read_bytes() if file.exists() else None) == before
    write_whole(file, [b"new"])  # what the kill left behind is in nobody's way
    assert file.read_bytes() == b"new"


def test_two_writers_do_not_mix(tmp_path: Path) -> None:
    file = tmp_path / "file.txt"

    def parts() -> Iterator[bytes]:
        yield b"first, "
        write_whole(file, [b"second"])
        yield b"whole"

    write_whole(file, parts())
    assert file.read_bytes() == b"first, whole"


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "file").write_text("a file")
    for path in (tmp_path / "taken", tmp_path / "no" / "file", tmp_path / "file" / "file"):
        with pytest.raises(AmurError, match=f"cannot write {path}: .*; name another file"):
            write_whole(path, [b"new"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "taken"]
