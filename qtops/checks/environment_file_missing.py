"""A required environment file does not exist.

What it is: EnvironmentFile= without a leading `-` names a file that is not there.

Why it matters: the start fails with Result=resources before any process exists: there is no exit status, and
systemd's message does not name the file. ExecStartPre= cannot create it, since it is read before that as well.

What to do: deploy the file, correct the path, or write `EnvironmentFile=-/path` where the service can do without.
"""

from collections.abc import Iterator

from qtops.facts.preflight import StartFacts
from qtops.findings import Check, Finding, Severity

CHECK = Check("UNIT106", "A required environment file does not exist", Severity.CRITICAL, ("tree",))


def check(start: StartFacts) -> Iterator[Finding]:
    """One finding per file."""
    for path in start.paths:
        if path.setting == "EnvironmentFile" and path.state in {"missing", "broken_link", "directory", "other"}:
            trouble = "does not exist" if path.state in {"missing", "broken_link"} else "is no regular file"
            evidence = [*filter(None, [path.detail]), *([f"did you mean {path.near}?"] if path.near else [])]
            evidence.append("systemd will say: Failed to load environment files; Result=resources")
            remedy = f"Deploy {path.path}, or write EnvironmentFile=-{path.path} at {path.where} if the service can do without"
            yield CHECK.finding(
                start.subject, f"the environment file {path.path} {trouble}", tuple(evidence), remedy, where=path.where
            )
