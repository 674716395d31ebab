"""Whether a restart can help against a cause: by its code, and for some codes by what the finding says.

A table that names every check on purpose. A code that is in none of it is of unknown nature: nobody restarts for what nobody
thought of.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from qtops.causes.agreement import STOPS_A_START
from qtops.checks.readiness import LISTEN
from qtops.findings import Condition, Finding
from qtops.incidents import Diagnosed, Nature
from qtops.policy.last_words import nature_of_words


class Row(NamedTuple):
    """Codes that are of one nature for one reason."""

    nature: Nature
    why: str
    codes: tuple[str, ...]


TABLE: Final = (
    Row("deterministic", "the next start finds the same code", ("IMPORT101", "IMPORT103", "CODE101", "CODE102")),
    Row(
        "deterministic", "the next start finds the same paths, accounts and rights",
        ("UNIT101", "UNIT102", "UNIT103", "UNIT104", "UNIT105", "UNIT106", "UNIT107", "UNIT108", "UNIT109", "UNIT115", "UNIT116",
         "UNIT117"),
    ),
    Row("deterministic", "a step of systemd's own fails the same way next time", ("UNIT209",)),
    Row("deterministic", "systemd does not start it while its unit is so", ("UNIT113", "UNIT206", "UNIT207", "UNIT218")),
    Row("deterministic", "no job can start a unit that is missing or masked, nor what requires it", ("UNIT111",)),
    Row("transient", "the next process has its memory anew", ("UNIT212",)),
    Row("transient", "it did not come up this time; a fault of the unit itself spends the budget and is given up", ("UNIT215",)),
    Row("transient", "the process is there and does nothing: only a new one, or SIGCONT, goes on", ("PROCESS201",)),
    Row("dependency", "it can run once that unit does", ("UNIT208",)),
    Row("unknown", "it ended by itself and did not say why", ("UNIT204",)),
    Row("unknown", "another program failed, which has a log of its own", ("UNIT210",)),
    Row("unknown", "somebody stopped it, or nobody has started it: what is wanted is a person's to say", ("UNIT205",)),
    Row("unknown", "a state or a consequence, and no cause", ("UNIT201", "UNIT202", "UNIT203", "UNIT217", "UNIT219", "UNIT220")),
    Row(
        "unknown", "of the unit and its surroundings, and nothing that ends a process",
        ("UNIT110", "UNIT112", "UNIT114", "UNIT216", "ENV101", "ENV102", "ENV103", "IMPORT102", "CODE201", "LOG202"),
    ),
    Row(
        "unknown", "what is written is wrong or old, which does not say why",
        ("KEYS201", *(f"PROPOSAL{number}" for number in range(101, 120)), *(f"CADENCE{number}" for number in range(101, 107))),
    ),
    Row("unknown", "of streams and of those who read them: a restart of the writer mends no reader",
        tuple(f"STREAM{number}" for number in range(101, 113))),
    Row("unknown", "of what somebody decided, for the whole system", tuple(f"EVENT{number}" for number in range(101, 106))),
    Row("unknown", "of how services are wired to each other, in code", tuple(f"WIRING{number}" for number in range(101, 113))),
)  # fmt: skip
REDIS_REFUSES: Final = ("wrong password", "no permission")
"""States of Redis that a setting of the service has to be corrected for; all others pass, or are mended there."""
SAME_AGAIN: Final = ("SIGSYS", "SIGILL")
"""Signals by which the kernel and the processor refuse a call or an instruction: they will again."""


def _of_exception(root: Finding) -> Nature:
    return nature_of_words(root.summary)


def _of_message(root: Finding) -> Nature:
    return nature_of_words(root.summary.partition(": ")[2])  # before it: that it gave up, and with which status


def _of_signal(root: Finding) -> Nature:
    return "deterministic" if root.summary.startswith(SAME_AGAIN) else "transient"


def _of_silence(root: Finding) -> Nature:
    return "deterministic" if root.remedy == LISTEN else "transient"  # systemd does not listen to it: a setting of the unit


def _of_redis(root: Finding) -> Nature:
    is_setting = root.summary.endswith(REDIS_REFUSES) or any("DB index" in line for line in root.evidence)
    return "deterministic" if is_setting else "dependency"


BY_WORDS: Final[dict[str, Callable[[Finding], Nature]]] = {
    "LOG201": _of_exception,
    "LOG203": _of_message,
    "UNIT211": _of_signal,
    "UNIT213": _of_silence,
    "UNIT214": _of_silence,
    "REDIS201": _of_redis,
}
BY_CODE: Final = {code: row for row in TABLE for code in row.codes}
CLASSIFIED: Final = frozenset(BY_CODE) | frozenset(BY_WORDS)
LATENT: Final = STOPS_A_START | {"UNIT206"}
"""Roots that would stop the next start, and do nothing to a service that runs."""
_UP: Final[frozenset[Condition]] = frozenset({"runs", "starts", "rests"})


def cause(diagnosed: Diagnosed) -> Finding | None:
    """The root, where it explains what is seen now: what would only stop the next start explains nothing of a service that runs.

    Nor do notes explain it, which stand first where nothing else is found.
    """
    root = diagnosed.root
    if root is None or diagnosed.condition not in _UP:
        return root
    if diagnosed.condition == "rests":
        return None
    bites = root.code in BY_WORDS or BY_CODE.get(root.code, _NONE).nature != "unknown"
    return root if bites and root.code not in LATENT else None


def nature_of(diagnosed: Diagnosed) -> Nature:
    """Whether a restart can help against the proven root; ``unknown`` without one."""
    root = cause(diagnosed)
    if root is None:
        return "unknown"
    if by_words := BY_WORDS.get(root.code):
        return by_words(root)
    return BY_CODE.get(root.code, _NONE).nature


def why_not(code: str) -> str:
    """Why a restart does not help against a cause of this code, in words."""
    return BY_CODE.get(code, _NONE).why


_NONE: Final = Row("unknown", "its last words say that it would be the same again", ())
