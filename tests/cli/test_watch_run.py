"""The loop of ``qtops watch``: what cannot be looked at for a while ends nothing."""

import io

import pytest
from rich.console import Console

from qtops.cli.watch_record import Record
from qtops.cli.watch_run import _watch
from qtops.cli.watch_views import Lines
from qtops.cli.watch_what import Seen
from qtops.errors import Unavailable
from qtops.findings import Verdict
from qtops.reports.checked.changes import Answers


class Unreachable:
    """A look that cannot be made until the third time."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, tell) -> Seen:
        self.times += 1
        if self.times < 3:
            raise Unavailable("systemd: the bus is away\x1b[31m")
        return Seen(Verdict.OK, "1 service", Answers(0.0, ()), lambda _: "", lambda: "{}")


@pytest.mark.parametrize(("count", "verdict"), [(2, Verdict.UNKNOWN), (3, Verdict.OK)])
def test_what_cannot_be_looked_at_for_a_while_could_not_be_told_for_that_while(count, verdict):
    console = Console(file=io.StringIO(), width=100)
    options = {"every": 0.01, "count": count, "until_ok": False, "html": None}
    assert _watch(Unreachable(), Record("", 0.01), Lines(console, every_look=True), options) is verdict
    told = console.file.getvalue()
    assert told.count("could not look: systemd: the bus is away\\x1b[31m") == 2
    assert ("1 service" in told) is (count == 3)
