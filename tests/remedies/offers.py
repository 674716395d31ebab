"""What is offered for a sick service, and how its tree looks once that is done: a test looks again."""

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from qtops.causes.agreement import STOPS_A_START
from qtops.checks.registry import BY_CODE, judge
from qtops.collectors.preflight import Request, look_at
from qtops.facts.preflight import StartFacts
from qtops.facts.service import ServiceFacts
from qtops.findings import Diagnosis, Finding, Verdict
from qtops.remedies.offered import remedies
from qtops.steps import DropIn, MakeExecutable, Remedy, RemoveStatement, Shebang, UnixLineEnds
from tests.checks.services import down, host
from tests.collectors.units import FOLDER, lay

NAME = "app.service"


def diagnosed(*findings: Finding, **changes: Any) -> Diagnosis:
    """A service that failed: of the first of these, the others being what its next start would meet besides."""
    given = {"subject": NAME, "verdict": Verdict.CRITICAL, "condition": "failed", "state": "", "root": findings[0]}
    return Diagnosis(**{**given, "path": findings[1:], **changes})


def found(code: str, service: ServiceFacts) -> tuple[Finding, ...]:
    """What one check says of a service, or of its next start."""
    if BY_CODE[code].check.code in {"UNIT205", "UNIT204", "UNIT206", "UNIT216", "CODE201", "LOG201", "UNIT208"}:
        return tuple(BY_CODE[code].judge(service, host(service)))
    return tuple(finding for finding in judge(service.start) if finding.code == code)


def offered(code: str, service: ServiceFacts, condition: str = "failed") -> tuple[Remedy, ...]:
    """Remedies for the first finding of a check."""
    finding = found(code, service)[0]
    return remedies(diagnosed(finding, condition=condition), service, host(service))[0]


def named(offers: tuple[Remedy, ...]) -> list[tuple[str, bool]]:
    """Names, and whether each is carried out without being asked for."""
    return [(remedy.name, remedy.is_offered) for remedy in offers]


def seen(root: str) -> StartFacts:
    """The next start of the one service of a tree."""
    return look_at(Request(root=root, units=(f"{root}{FOLDER}/{NAME}",)), lambda *_: None).starts[0]


def sick(root: Path, text: str, files: dict[str, str] | None = None, **options: Any) -> ServiceFacts:
    """A service that failed, with its next start as a tree on disk has it."""
    return replace(down(), start=seen(lay(root, text, files, **options)))


def mended(root: Path, remedy: Remedy) -> list[str]:
    """Codes of what would still stop a start once a remedy has been carried out."""
    for change in remedy.changes:
        if isinstance(change, DropIn):
            place = root / f"{FOLDER}/{NAME}.d/90-qtops-{remedy.code}.conf".lstrip("/")
            place.parent.mkdir(exist_ok=True)
            place.write_text("\n".join([f"[{change.section}]", *change.lines, ""]), "utf-8")
            continue
        place = root / change.path.lstrip("/")
        lines = place.read_bytes().splitlines(keepends=True)
        match change:
            case RemoveStatement(line=line):
                del lines[line - 1]
            case UnixLineEnds():
                lines = [line.rstrip(b"\r\n") + b"\n" for line in lines]
            case Shebang(interpreter=interpreter):
                lines[0] = f"#!{interpreter}\n".encode()
            case MakeExecutable():
                place.chmod(0o755)
        place.write_bytes(b"".join(lines))
    return [finding.code for finding in judge(seen(str(root))) if finding.code in STOPS_A_START]
