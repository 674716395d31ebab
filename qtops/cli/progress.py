"""Progress on standard error, for whatever takes longer than a second: a bar on a terminal, nothing elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

PATIENCE_S: Final = 1.0


class Tell(Protocol):
    """Takes what is being done, how much of it is done, and how much there is (0 where that is not known)."""

    def __call__(self, what: str, done: float, total: float, /) -> None:
        """Show it, or not."""


@contextmanager
def progress(console: Console, *, quiet: bool) -> Iterator[Tell]:
    """Show what the block tells, and nothing of it when the block is over."""
    if quiet or not console.is_terminal:
        yield lambda *_: None
        return
    started = time.monotonic()
    bar = Progress(
        MofNCompleteColumn(), BarColumn(), TextColumn("{task.description}", markup=False), console=console, transient=True
    )
    task = bar.add_task("", total=None)

    def tell(what: str, done: float, total: float) -> None:
        if time.monotonic() - started >= PATIENCE_S:
            bar.start()
            bar.update(task, description=what, completed=round(done), total=round(total) or None)

    try:
        yield tell
    finally:
        bar.stop()
