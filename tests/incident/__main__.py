"""``python -m tests.incident``: the founding incident from failure to report, live on a booted systemd (root, Debian).

    python -m tests.incident [--replay] [--brief] [--to DIR]      play it; without a booted systemd the recorded one is replayed
    python -m tests.incident --record                             record it anew: tests/incidents/founding
    python -m tests.incident --render                             write its report and its picture anew from what was recorded

The story goes to standard output, the talk to standard error. Exit codes: 0 all went as promised, 1 something did not, 3 it can
be recorded only where a systemd boots, 64 usage, 130 broken off. ``--brief`` waits as little as it can, for tests.
"""

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from publisher.embedded import NoServer
from qtops.cli.console import open_console
from tests.box.box import NoBox
from tests.incident.act import Story
from tests.incident.live import ROOT, live
from tests.incident.script import BRIEF, LIVE
from tests.incident.telling import Narrator

NOT_AS_PROMISED, NOT_HERE, USAGE, BROKEN_OFF = 1, 3, 64, 130
FLAGS: Final = frozenset({"--replay", "--brief", "--record", "--render"})


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; its exit code."""
    words = list(arguments)
    folder = Path(ROOT, "build", "incident", time.strftime("%Y%m%d_%H%M%S", time.gmtime()))
    if "--to" in words[:-1]:
        at = words.index("--to")
        folder = Path(words[at + 1]).resolve()
        del words[at : at + 2]
    if set(words) - FLAGS or len({"--replay", "--record", "--render"} & set(words)) > 1:
        print(__doc__, file=sys.stderr)
        return USAGE
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _broken_off)
    try:
        return _run(set(words), folder)
    except KeyboardInterrupt:
        _say("broken off; the box is gone, and everything in it")
        return BROKEN_OFF


def _run(flags: set[str], folder: Path) -> int:
    from tests.incident.recording import record, render  # what a usage error need not wait for
    from tests.incident.replay import replay

    if "--render" in flags:
        return _say(f"written anew: {', '.join(render())}")
    narrator = Narrator(open_console("auto"), open_console("auto", stderr=True))
    try:
        if "--record" in flags:
            return _exit(record(folder, narrator))
        if "--replay" not in flags:
            return _exit(live(BRIEF if "--brief" in flags else LIVE, folder, narrator))
    except (NoBox, NoServer) as why:
        _say(f"it cannot be played here: {why}")
        if "--record" in flags:
            return NOT_HERE
        _say("so here is the recorded incident, diagnosed and reported on anew")
    return _exit(replay(folder, narrator))


def _exit(story: Story) -> int:
    return 0 if story.is_as_promised else NOT_AS_PROMISED


def _broken_off(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> int:
    print(text, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
