"""Cut an output to what matters, and say so. Pure."""

import re
from collections.abc import Iterator, Sequence

from rich.text import Text

from tests.incident.act import Played, shortened

CUT = "…"


def kept(output: str, patterns: Sequence[str]) -> tuple[Text, ...]:
    """The lines that a pattern finds, in their colours, each up to the end of what was found; all of them without patterns."""
    lines = [Text.from_ansi(line) for line in shortened(output).splitlines()]
    if not patterns:
        return tuple(line for line in lines if line.plain.strip())
    return tuple(_kept(lines, [re.compile(pattern) for pattern in patterns]))


def _kept(lines: Sequence[Text], patterns: Sequence[re.Pattern[str]]) -> Iterator[Text]:
    for line in lines:
        found = [match.end() for pattern in patterns if (match := pattern.search(line.plain))]
        if not found:
            continue
        end = max(found)
        line.rstrip()
        yield line if end >= len(line) else line[:end].append(f" {CUT}", "dim")


def matter(played: Played) -> tuple[Text, ...]:
    """What is told of an output: what matters of it, and all of what did not go as promised."""
    return kept(played.output, played.act.keep if played.is_as_promised else ())


def remark(played: Played) -> str:
    """What was left out, how it ended, and how long it took."""
    lines = [line for line in played.output.splitlines() if line.strip()]
    shown = matter(played)
    parts = [f"{len(shown)} of {len(lines)} lines"] if len(shown) < len(lines) else []
    if played.exit or not played.is_as_promised:
        parts.append(f"exit {played.exit}, as it should be" if played.is_as_promised else _broken(played))
    return " · ".join([*parts, f"{played.took_s:.1f} s"])


def _broken(played: Played) -> str:
    return f"exit {played.exit}, NOT AS PROMISED: that is {played.act.promised}"
