"""The progress bar of the commands; imported when one is shown, for Rich is slow to import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Task


class TimeLeft(TimeRemainingColumn):
    """The time left, where it is known how much there is to do."""

    def render(self, task: Task) -> Text:
        """What the column shows."""
        return Text("") if task.total is None else super().render(task).append(" left")


class Bar(Progress):
    """A bar for one stretch of work after another; call it with the number of items done since the last call."""

    def __init__(self, what: str, console: Console, *, hidden: bool) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeLeft())
        super().__init__(*columns, console=console, transient=True, disable=hidden)
        self.begin(what)

    def begin(self, what: str, total: int | None = None) -> None:
        """Show another stretch of work, from nothing done."""
        for task in self.task_ids:
            self.remove_task(task)
        self.add_task(what, total=total)

    def __call__(self, done: int) -> None:
        """Show that more is done."""
        self.advance(self.task_ids[0], done)
