"""Words that every verdict uses."""

from enum import StrEnum

from qtops.errors import Exit


class Verdict(StrEnum):
    """The outcome of looking at one thing. ``OK`` is a positive observation; what could not be looked at is ``UNKNOWN``."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"

    @property
    def exit_code(self) -> Exit:
        """What a command that checks tells its caller."""
        return Exit[self.name]


_BY_GRAVITY = (Verdict.OK, Verdict.UNKNOWN, Verdict.WARNING, Verdict.CRITICAL)


def worst(verdicts: "list[Verdict]") -> Verdict:
    """The worst finding wins; "could not tell" where nothing worse is known; nothing looked at is "could not tell" as well."""
    return max(verdicts, key=_BY_GRAVITY.index, default=Verdict.UNKNOWN)
