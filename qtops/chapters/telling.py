"""How chapters tell things: sentences with the records that bear them, and what nothing bears, always in the same words."""

from collections.abc import Iterable
from typing import Final, Literal

from qtops.evidence.document import Cites, Claim, Listed, Verbatim, code, words
from qtops.facts.text import printable

UNTOLD: Final = "could not tell: "  # how every claim begins that no record bears
LONGEST: Final = 500  # characters of one line: what is longer is no line that a person reads
MOST_LINES: Final = 400  # of a text in a report; its record holds all of it
Language = Literal["text", "diff", "ini", "json", "console", "python"]


def cited(*groups: Iterable[str]) -> Cites:
    """Ids of several groups of records, each once, in this order."""
    return tuple(dict.fromkeys(one for group in groups for one in group))


def said(text: str, *groups: Iterable[str]) -> Claim:
    """A sentence, with the records that bear it."""
    return Claim(printable(text), cited(*groups))


def untold(what: str, why: str, command: str = "", evidence: Cites = ()) -> Claim:
    """What nobody could tell, why, and the command that would tell it. ``evidence``: the record that says why, if there is one."""
    return Claim(printable(f"{UNTOLD}{what}: {why}") + (f" ({code(command)} would tell)" if command else ""), evidence)


def sentence(text: str) -> str:
    """Words from elsewhere as the beginning of a sentence."""
    shown = words(text)
    return shown[:1].upper() + shown[1:]


def listed(claims: Iterable[Claim]) -> tuple[Listed, ...]:
    """Claims as one list; no list where there are none."""
    known = tuple(claims)
    return (Listed(known),) if known else ()


def verbatim(lines: Iterable[str], evidence: Cites, caption: str, language: Language = "text") -> Verbatim:
    """Lines as they were, each of them printable and on one line; what is too long is cut, and that is said."""
    every = list(lines)
    shown = [cut(line) for line in every[:MOST_LINES]]
    shown += [f"… and {len(every) - MOST_LINES} more lines"] if len(every) > MOST_LINES else []
    return Verbatim("\n".join(shown), evidence, language, caption)


def text(content: str, evidence: Cites, caption: str, language: Language = "text") -> Verbatim:
    """A file or a diff as it was."""
    return verbatim(content.removesuffix("\n").split("\n"), evidence, caption, language)


def cut(line: str) -> str:
    """One line, printable, and no longer than a person reads."""
    shown = printable(line.expandtabs(4))
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}… ({len(shown) - LONGEST} more characters)"


def counted(number: int, noun: str) -> str:
    """``1 key``, ``3 keys``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def size(count: int) -> str:
    """Bytes for people, in powers of 1024: ``32.3 MiB``."""
    amount, unit = float(count), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if abs(amount) < 1024 or unit == "TiB":
            break
        amount /= 1024
    return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"
