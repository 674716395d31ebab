"""What to do about a sandbox that hides what the service needs."""

from collections.abc import Iterator

from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Finding
from qtops.steps import DropIn, Remedy


def remedies(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """UNIT109: homes that are hidden can be shown without being writable; the rest was named by somebody, path by path."""
    start = service.start
    if start is None:
        return
    if start.protect_home in {"yes", "tmpfs"} and finding.summary.startswith("ProtectHome="):
        yield Remedy(
            name="show-homes-read-only",
            code=finding.code,
            title=f"ProtectHome=read-only in place of {start.protect_home}, set at {start.protect_home_where}",
            why="what the service needs lies below a home; read-only still keeps every home from being written. "
            "Better in the long run: move it to /opt or /srv",
            changes=(DropIn(service.subject, "Service", ("ProtectHome=read-only",)),),
            verb="start",
        )
        return
    stays = "somebody hid that path on purpose: what is to be shown of it is theirs to say"
    yield Remedy(name="show-path", code=finding.code, title=finding.remedy, why=finding.summary, by_hand=stays, verb="start")
