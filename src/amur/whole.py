"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import uuid4

from amur.errors import AmurError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def write_whole(path: Path, parts: Iterable[bytes], *, synced: bool = False) -> None:
    """Write a file that appears whole or not at all, or stays as it was, whatever stops the writing.

    The parts go to a file beside it that takes its name in the end. A process that is killed may leave that one,
    ``<name>.<a random word>.unfinished``; nothing reads it. Where it is ``synced``, it outlives a power cut as well.

    Raises:
        AmurError: the file cannot be written.
    """
    # a name of its own, for another run may be writing the same file
    unfinished = path.with_name(f"{path.name}.{uuid4().hex[:8]}.unfinished")
    try:
        with unfinished.open("xb") as file:
            file.writelines(parts)
            if synced:
                file.flush()
                os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror}; name another file, or make its folder writable"
        raise AmurError(msg) from error
    finally:
        if unfinished.is_file():  # asked first, for under a file in place of the folder there is nothing to remove
            unfinished.unlink()
