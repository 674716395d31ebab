"""The working directory does not exist.

What it is: WorkingDirectory= names a path that is not there, or that is a file.

Why it matters: systemd gives up with status=200/CHDIR before the program runs.

What to do: create the directory, correct the path, or write `WorkingDirectory=-/path` where it may be missing.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT104", "The working directory does not exist", Severity.CRITICAL, ("tree",))


def check(start: StartFacts) -> Iterator[Finding]:
    """At most one finding."""
    for path in start.paths:
        if (
            path.setting in {"WorkingDirectory", "--workdir"}
            and not path.made
            and path.state in {"missing", "broken_link", "file", "other"}
        ):
            trouble = "does not exist" if path.state in {"missing", "broken_link"} else "is no directory"
            evidence = [*filter(None, [path.detail]), *([f"did you mean {path.near}?"] if path.near else [])]
            evidence.append("systemd will say: status=200/CHDIR")
            remedy = f"Create {path.path}, or correct WorkingDirectory= at {path.where}"
            yield CHECK.finding(
                start.subject, f"the working directory {path.path} {trouble}", tuple(evidence), remedy, where=path.where
            )
