"""Suggestions made in the background while somebody annotates, a few ahead of what is annotated."""

from __future__ import annotations

import logging
import warnings
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeAlias

from amur.annotation_tasks import Key
from amur.errors import FAULT, AmurError, InputWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import pandas as pd

    Suggest: TypeAlias = "Callable[[str, Collection[Key]], pd.DataFrame]"

_log = logging.getLogger(__name__)


class Suggestions:
    """What has been suggested for each queue so far, in order, and why.

    Parameters:
        suggest: what ``amur.learning.suggest`` returns for a queue, besides some statements.
    """

    def __init__(self, suggest: Suggest) -> None:
        self._suggest = suggest
        self._found: dict[str, dict[Key, str]] = defaultdict(dict)
        self._running: dict[str, Future[pd.DataFrame]] = {}
        self._refused: dict[str, str] = {}
        self._thread = ThreadPoolExecutor(1, "suggest")

    def so_far(self, queue: str) -> dict[Key, str]:
        """The reason for each statement that a queue has been given."""
        running = self._running.get(queue)
        if running and running.done():
            del self._running[queue]
            self._collect(queue, running)
        return self._found[queue]

    def ask(self, queue: str) -> None:
        """Look for more, unless that is under way, or was refused and nobody has heard why yet."""
        if queue not in self._running and queue not in self._refused:
            self._running[queue] = self._thread.submit(self._quietly, queue, set(self._found[queue]))

    def is_running(self, queue: str) -> bool:
        """Whether more is looked for."""
        return queue in self._running

    def refusal(self, queue: str) -> str:
        """Why there is no more; it is told once, then one may ask again."""
        return self._refused.pop(queue, "")

    def close(self) -> None:
        """Look for no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _quietly(self, queue: str, besides: Collection[Key]) -> pd.DataFrame:
        with warnings.catch_warnings():  # what is wrong with files, the page says
            warnings.simplefilter("ignore", InputWarning)
            return self._suggest(queue, besides)

    def _collect(self, queue: str, done: Future[pd.DataFrame]) -> None:
        try:
            columns = (done.result()[name].tolist() for name in ("document", "start", "end", "reason"))
            self._found[queue] |= {Key(*place): reason for *place, reason in zip(*columns, strict=True)}
        except AmurError as error:
            self._refused[queue] = str(error)
        except Exception:  # noqa: BLE001 (whoever annotates must hear of it, and go on with another queue)
            _log.exception("no suggestions could be made")
            self._refused[queue] = FAULT
