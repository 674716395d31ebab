"""The directory of a log file does not exist.

What it is: StandardOutput= or StandardError= with append:, file: or truncate: names a file in a directory that is not
there. systemd creates the file, and no directory.

Why it matters: systemd gives up with status=209/STDOUT (or 222/STDERR) before the program runs.

What to do: create the directory with tmpfiles.d (`d /var/log/app 0750 app app -`), or log to the journal, which needs
none.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT107", "The directory of a log file does not exist", Severity.CRITICAL, ("tree",))
STATUS = {"StandardOutput": "209/STDOUT", "StandardError": "222/STDERR"}


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per output."""
    for path in start.paths:
        if path.setting in STATUS and path.state in {"missing", "broken_link", "file", "other"}:
            late = "systemd makes this directory itself, but 252 opens the file before it does" if path.made else ""
            evidence = (*filter(None, [path.detail, late]), f"systemd will say: status={STATUS[path.setting]}")
            severity = Severity.WARNING if path.made else Severity.CRITICAL
            remedy = f"Create {path.path} (tmpfiles.d), or log to the journal; {path.setting}= at {path.where}"
            yield CHECK.finding(
                start.subject,
                f"the log directory {path.path} does not exist",
                evidence,
                remedy,
                where=path.where,
                severity=severity,
            )
