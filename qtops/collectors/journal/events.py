"""What systemd says of a unit, by MESSAGE_ID (sd-messages.h): those are the same in 252, 255 and 257, as its words are not."""

import signal
from typing import Final

from qtops.collectors.journal.entries import Entry
from qtops.facts.journal import Event, EventKind

KINDS: Final[dict[str, EventKind]] = {
    "7d4958e842da4a758f6c1cdc7b36dcc5": "starting",
    "39f53479d3a045ac8e11786248231fbf": "started",
    "de5b426a63be47a7b6ac3eaac82e2f6f": "stopping",
    "9d1aaa27d60140bd96365438aad20286": "stopped",
    "7ad2d189f7e94e70a38c781354912448": "deactivated",
    "98e322203f7a4ed290d09fe03c09fe15": "exited",
    "d9b373ed55a64feb8242e02dbe79a49c": "failed",
    "641257651c1b4ec9a8624d7a40a9e1e7": "spawn_failed",
    "be02cf6855d2428ba40df7e9d022f03d": "job_failed",
    "5eb03494b6584870a536b337290809b3": "restart_scheduled",
    "c772d24e9a884cbeb9ea12625c306c01": "unit_file",
    "fe6faa94e7774663a0da52717891d8ef": "oom",  # the kernel
    "d989611b15e44c9dbf31e3c81256e4ed": "oom",  # systemd-oomd
}
START_LIMIT: Final = "Start request repeated too quickly"


def event(entry: Entry) -> Event:
    """The event that an entry of systemd's tells."""
    facts = entry.facts
    return Event(
        at_s=entry.at_s,
        kind=_kind(entry),
        text=entry.text.replace("\n", " "),
        command=facts.get("COMMAND", ""),
        code=facts.get("EXIT_CODE", ""),
        status=_status(facts.get("EXIT_STATUS", "")),
        result=facts.get("UNIT_RESULT") or facts.get("JOB_RESULT", ""),
        errno=_number(facts.get("ERRNO", "")),
        path=facts.get("EXECUTABLE") or facts.get("CONFIG_FILE", ""),
        restarts=_number(facts.get("N_RESTARTS", "")),
        invocation=entry.invocation,
    )


def _kind(entry: Entry) -> EventKind:
    return KINDS.get(entry.message_id) or ("start_limit" if START_LIMIT in entry.text else "other")


def _number(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else None


def _status(word: str) -> int | None:
    """A status, or the number of a signal, which may be named."""
    named = signal.Signals.__members__.get(f"SIG{word.removeprefix('SIG')}")
    return named.value if named else _number(word)
