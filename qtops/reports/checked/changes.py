"""What one look says that the look before did not: what was found, what was cleared, and since when. Pure.

A finding is cleared by a look that could have found it. Where Redis is away, or a check says that it could not tell, what was found
before still stands: three answers, never two.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from qtops.facts.times import span
from qtops.findings import Verdict
from qtops.reports.checked.report import Checked, by_code

RECENT: Final = 100  # changes that are remembered
Key = tuple[str, str, bool]  # code, subject, and whether it is a doubt


class Trouble(NamedTuple):
    """A finding, or something that could not be told (``UNKNOWN``)."""

    code: str
    subject: str
    summary: str
    verdict: Verdict

    @property
    def key(self) -> Key:
        """What makes it the same one in the next look, whatever age or number its summary tells."""
        return self.code, self.subject, self.verdict is Verdict.UNKNOWN


class Answers(NamedTuple):
    """What one look says. ``untold`` is whether a trouble that is not in it may be there nevertheless."""

    at_s: float
    troubles: tuple[Trouble, ...]
    untold: Callable[[Trouble], bool] = lambda _: False


class Change(NamedTuple):
    """A trouble that came, or went after ``lasted_s``."""

    at_s: float
    trouble: Trouble
    lasted_s: float | None = None

    @property
    def words(self) -> str:
        """In one line, without the time of day."""
        trouble, doubt = self.trouble, self.trouble.verdict is Verdict.UNKNOWN
        what = "".join(f" {part}" for part in (trouble.code, trouble.subject) if part)
        if self.lasted_s is not None:
            return f"{'can tell again' if doubt else 'cleared'}{what} after {span(self.lasted_s)}"
        return f"{'cannot tell' if doubt else 'found'}{what}: {trouble.summary}"


class Changes:
    """Follows the troubles from look to look. Its memory is that of the newest look, and of some recent changes."""

    def __init__(self) -> None:
        self.recent: deque[Change] = deque(maxlen=RECENT)  # oldest first
        self._standing: Mapping[Key, tuple[Trouble, float]] = {}

    def follow(self, answers: Answers) -> list[Change]:
        """Take the next look; what came and what went. In the first look everything comes."""
        now = {trouble.key: trouble for trouble in reversed(answers.troubles)}  # of several with one key the first counts
        standing, changes = dict[Key, tuple[Trouble, float]](), list[Change]()
        for key, (trouble, since_s) in self._standing.items():
            if key in now or answers.untold(trouble):
                standing[key] = (now.get(key, trouble), since_s)
            else:
                changes.append(Change(answers.at_s, trouble, max(answers.at_s - since_s, 0.0)))
        for key in reversed(now):
            if key not in standing:
                standing[key] = (now[key], answers.at_s)
                changes.append(Change(answers.at_s, now[key]))
        self._standing = standing
        self.recent.extend(changes)
        return changes


def answers(report: Checked) -> Answers:
    """What a report says. Redis being away is a trouble like others."""
    server = report.server
    findings = (one for group in by_code(report.judged.findings).values() for one in group)
    troubles = [Trouble(one.code, one.subject, one.summary, one.severity.verdict) for one in findings]
    troubles += [Trouble(one.code, one.subject, one.why, Verdict.UNKNOWN) for one in report.judged.doubts]
    troubles += [Trouble("", "", line, Verdict.UNKNOWN) for line in report.missing[:1]]
    away = server is not None and server.state != "ok"
    if server is not None and away:
        troubles.insert(0, Trouble("Redis", server.url, f"{server.state}: {server.detail}", Verdict.UNKNOWN))
    doubted = {(one.code, one.subject) for one in report.judged.doubts}
    looked_at = {subject.name for subject in report.subjects}

    def untold(trouble: Trouble) -> bool:
        if trouble.verdict is Verdict.UNKNOWN:
            return False
        lost = bool(report.missing) and trouble.subject not in looked_at
        return away or lost or (trouble.code, trouble.subject) in doubted

    return Answers(report.taken_at_s, tuple(troubles), untold)
