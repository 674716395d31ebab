"""What the last words of a program say about another start of it: an exception's last line, or what it said before it gave up."""

import re
from typing import Final

from qtops.checks.exception_remedies import REQUIRED_SETTING
from qtops.incidents import Nature

_PATTERNS: Final[tuple[tuple[str, Nature], ...]] = (
    # Whoever is refused by name is refused again.
    (r"^redis\.exceptions\.(?:Authentication|Authorization|NoPermission)", "deterministic"),
    (r"\b(?:NOAUTH|WRONGPASS|NOPERM|WRONGTYPE)\b", "deterministic"),
    (r"^redis\.exceptions\.ConnectionError: Error 13 ", "deterministic"),  # it may not open the socket
    # Somebody else did not answer, or takes nothing for the moment.
    (r"^redis\.exceptions\.(?:Connection|Timeout|BusyLoading|MasterNotFound|ClusterDown|ReadOnly|OutOfMemory)", "dependency"),
    (r"^[\w.]{0,80}?(?:Connect|Timeout|BrokenPipe)\w{0,40}(?:[: ]|$)", "dependency"),
    (r"gaierror|Name or service not known|Temporary failure in name resolution", "dependency"),
    (r"Connection refused|Connection reset|Network is unreachable|No route to host", "dependency"),
    # What a new process has anew, or somebody else may have given back by then.
    (r"^MemoryError|Cannot allocate memory|Too many open files|Resource temporarily unavailable", "transient"),
    (r"(?i:address already in use|port is already in use)|No space left on device", "transient"),
    # Files, rights and settings are the same for the next start.
    (r"^(?:ModuleNotFound|Import|Syntax|Indentation|Tab|FileNotFound|Permission|NotADirectory|IsADirectory)Error", "deterministic"),
    (r"^OSError: \[Errno (?:1|2|13|20|21|30|97|99)\]", "deterministic"),  # rights, paths, addresses that this host has not
    (r"^KeyError: '[A-Z][A-Z0-9]*_[A-Z0-9_]+'", "deterministic"),  # a variable, as they are written; BTCUSDT is none
    (r"can't open file|No module named|^(?i:usage): |: unrecognized arguments|: error: ", "deterministic"),
    (r"(?i)\bconfig(?:uration)? error\b|\b(?:is|are) not (?:set|configured)\b|\bno \w{1,40} configured\b", "deterministic"),
    (r"(?i)\bno such option\b|\binvalid (?:option|setting|configuration)\b|\bmissing (?:option|setting)\b", "deterministic"),
)  # fmt: skip
RULES: Final = tuple((re.compile(pattern), nature) for pattern, nature in _PATTERNS)
MOST: Final = 2_000  # characters: whatever says more says it before


def nature_of_words(text: str) -> Nature:
    """By the first rule that fits; ``unknown`` where none does: an error of the program's own may come back, or may not."""
    said = text[:MOST]
    if REQUIRED_SETTING.search(said):
        return "deterministic"
    return next((nature for pattern, nature in RULES if pattern.search(said)), "unknown")
