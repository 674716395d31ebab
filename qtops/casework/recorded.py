"""Cases from what was recorded: bundles that ``--save`` wrote, or the evidence of an earlier report."""

import stat
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from qtops import bundle
from qtops.bundle.evidence import read_evidence
from qtops.bundle.writing import BundleError, complaint
from qtops.casework.redacting import redacted
from qtops.collectors.redact import Redactor
from qtops.errors import UsageError
from qtops.evidence.case import Case, Kind
from qtops.evidence.records import FOLDER, EvidenceError
from qtops.evidence.splitting import joined
from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.text import printable
from qtops.phases.plan import chosen
from qtops.settings import Service, Settings

LOOKS: Final[Mapping[int, tuple[str, ...]]] = {1: ("now",), 2: ("before", "after"), 3: ("before", "after", "now")}
"""What so many bundles of an incident are, the oldest first."""
NAMED_AT_MOST: Final = 10


def read_case(sources: Sequence[Path], kind: Kind, settings: Settings, name: str = "") -> Case:
    """A case of this kind, from the folder of a report or of its evidence, or from bundles. ``name``: of a service, or the number
    of a phase.

    Raises UsageError, BundleError, NotPermitted, Unavailable.
    """
    folders = [source for source in sources if _is_folder(source)]
    if not folders:
        return from_bundles(sources, kind, settings, name)
    if len(sources) > 1:
        raise UsageError(f"{folders[0]}: the evidence of one report is all that it is written from: name it alone")
    case = from_evidence(folders[0])
    wanted = f"phase {name}" if kind == "phase" else name and _unit(name, case.now.settings if case.now else settings)
    if case.kind != kind or (wanted and case.subject != wanted):
        raise UsageError(f"{folders[0]}: is about {_told(case.kind, case.subject)}, not about {_told(kind, wanted)}")
    return case


def _is_folder(path: Path) -> bool:
    """Raises BundleError, NotPermitted, Unavailable where nobody can tell; what is not there is none."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise complaint(path, "cannot be read", error) from None


def _told(kind: Kind, subject: str) -> str:
    """What a report is about, in words."""
    return printable(subject) if kind == "phase" else f"the incident of {printable(subject)}" if subject else "an incident"


def from_bundles(paths: Sequence[Path], kind: Kind, settings: Settings, name: str = "") -> Case:
    """A case from bundles of one host: of an incident one (how it is now), two (before and after) or three, in whatever order; of a
    phase one. The plan of phases is that of ``settings``: it is what is asked, not what was seen.

    Raises UsageError for bundles of several hosts, and where it is not said which service is meant; else as ``bundle.load`` does.
    """
    most = 1 if kind == "phase" else max(LOOKS)
    if not 1 <= len(paths) <= most:
        raise UsageError(f"{len(paths)} bundles: a report on {'a phase' if kind == 'phase' else 'an incident'} takes up to {most}")
    looks = sorted(((bundle.load(path), path) for path in paths), key=lambda look: look[0].taken_at_s)
    _refuse_hosts(looks)
    facts = [replace(look, settings=replace(look.settings, phases=settings.phases)) for look, _ in looks]
    made_at_s = max(time.time(), facts[-1].taken_at_s)  # a clock that was ahead makes no age negative
    if kind == "phase":
        number = chosen(settings, _number(name)).number
        case = Case(kind=kind, host=facts[0].host, subject=f"phase {number}", made_at_s=made_at_s, now=facts[0])
        return redacted(case, Redactor())
    unit = _meant([service for look in facts for service in look.services], _unit(name, settings) if name else "", paths)
    own: dict[str, Any] = dict(
        zip(LOOKS[len(facts)], (_only(look, unit, path) for look, (_, path) in zip(facts, looks, strict=True)), strict=True)
    )
    return redacted(Case(kind=kind, host=facts[0].host, subject=unit, made_at_s=made_at_s, **own), Redactor())


def from_evidence(folder: Path) -> Case:
    """The case that a report was written from, by the folder of the report or of its evidence.

    Raises BundleError where a record is not as it was written: a report on it would pass for one; NotPermitted, Unavailable.
    """
    place = folder / FOLDER if _is_folder(folder / FOLDER) else folder
    found = read_evidence(place)
    if found.objections:
        more = f", and {len(found.objections) - 1} more" if found.objections[1:] else ""
        raise BundleError(f"{place}: {found.objections[0].text}{more}: nothing is written from altered evidence")
    try:
        return joined({record.name: found.contents[record.file] for record in found.index.records})
    except EvidenceError as error:
        raise BundleError(f"{place}: {error}") from None


def _refuse_hosts(looks: Sequence[tuple[Facts, Path]]) -> None:
    hosts = {look.host: path for look, path in looks}
    if len(hosts) > 1:
        (first, one), (second, another), *_ = hosts.items()
        raise UsageError(
            f"{one} is of host {printable(first)}, {another} of {printable(second)}: a report is about one host at a time"
        )


def _meant(services: Sequence[ServiceFacts], unit: str, paths: Sequence[Path]) -> str:
    """The full name of the unit that the report is about. Raises UsageError."""
    known = tuple(dict.fromkeys(service.subject for service in services))
    shown = printable(", ".join(known[:NAMED_AT_MOST])) + (", …" if known[NAMED_AT_MOST:] else "")
    if not known:
        raise UsageError(f"{paths[0]}: holds no look at a service; one is made with `qtops doctor SERVICE --save FILE`")
    if unit and unit not in known:
        raise UsageError(f"{paths[0]}: has no {printable(unit)}; it has {shown}")
    if not unit and len(known) > 1:
        raise UsageError(f"{paths[0]}: has several services ({shown}): name the one that the report is to be about")
    return unit or known[0]


def _only(facts: Facts, unit: str, path: Path) -> Facts:
    """The look at one service alone."""
    own = tuple(service for service in facts.services if service.subject == unit)
    if not own:
        raise UsageError(f"{path}: has no {printable(unit)}, which the report is about")
    return replace(facts, services=own)


def _unit(name: str, settings: Settings) -> str:
    """The full name of the unit that an operator's word stands for."""
    services: dict[str, Service] = {service.name: service for service in settings.services}
    return services[name].unit if name in services else name if name.endswith(".service") else f"{name}.service"


def _number(name: str) -> int:
    if not name.isdecimal():
        raise UsageError(f"{printable(name)[:64] or 'nothing'} is no number of a phase")
    return int(name)
