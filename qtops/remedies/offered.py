"""All remedies for what a diagnosis found, the smallest first. Pure: whether a remedy holds is tried elsewhere, on a patched copy.

What qtops never does by itself is told as well, with the reason: no remedy touches what the host's packages own, or a unit's own
file, and none starts a service that something else keeps from starting.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final, Literal, NamedTuple

from msgspec.structs import replace

from qtops.facts.service import Facts, ServiceFacts
from qtops.facts.text import printable
from qtops.findings import Diagnosis, Finding, Severity
from qtops.remedies import (
    broken_imports,
    by_hand,
    distributions,
    ended,
    limits,
    missing_paths,
    programs,
    reloading,
    rights,
    sandbox,
    starting,
)
from qtops.steps import DropIn, Remedy

Mend = Callable[[Finding, ServiceFacts, Facts], Iterator[Remedy]]


class Kind(NamedTuple):
    """Which findings a function knows remedies for."""

    code: str
    mend: Mend


KINDS: Final = (
    Kind("IMPORT101", broken_imports.remedies),
    Kind("IMPORT103", distributions.remedies),
    Kind("UNIT104", missing_paths.working_directory),
    Kind("UNIT106", missing_paths.environment_file),
    Kind("UNIT101", programs.executable),
    Kind("UNIT102", programs.first_line),
    Kind("ENV102", programs.carriage_returns),
    Kind("UNIT109", sandbox.remedies),
    Kind("UNIT110", limits.remedies),
    Kind("UNIT115", rights.remedies),
    Kind("UNIT116", rights.remedies),
    Kind("UNIT117", rights.remedies),
    Kind("UNIT205", starting.not_running),
    Kind("UNIT204", starting.ended_by_itself),
    Kind("LOG201", ended.remedies),
    Kind("UNIT216", reloading.reload_due),
    Kind("CODE201", reloading.code_changed),
    Kind("UNIT206", reloading.not_loaded),
    *(Kind(code, by_hand.remedies) for code in by_hand.WHY),
)
BESIDES: Final = frozenset({"UNIT110", "ENV102"})  # notes that stay when the service runs again
PACKAGED: Final = ("/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/boot/", "/proc/", "/sys/", "/dev/")
INSTALLED: Final = ("/site-packages/", "/dist-packages/")
VERBS: Final[dict[str, Literal["restart", "start", ""]]] = {
    "runs": "", "rests": "", "starts": "restart", "restarts": "restart", "failed": "start", "does not run": "start",
    "not loaded": "start", "unknown": "restart",
}  # fmt: skip
"""How a service in some condition is brought to run on what was mended, if only the next start is concerned."""


def remedies(diagnosis: Diagnosis, service: ServiceFacts, facts: Facts) -> tuple[tuple[Remedy, ...], ...]:
    """Those for the root, then those for each further fault that the next start would meet: one tuple for each finding."""
    return _all(diagnosis, service, facts)[0]


def besides(diagnosis: Diagnosis, service: ServiceFacts, facts: Facts) -> tuple[tuple[Remedy, ...], ...]:
    """Those for what is wrong and not the reason, as one tuple for each such note: part of no recovery that does not name them."""
    return _all(diagnosis, service, facts)[1]


Groups = tuple[tuple[Remedy, ...], ...]


def _all(diagnosis: Diagnosis, service: ServiceFacts, facts: Facts) -> tuple[Groups, Groups]:
    """Both, so that no name is given twice."""
    mended = (*((diagnosis.root,) if diagnosis.root else ()), *diagnosis.path)
    notes = [note for note in diagnosis.notes if note.code in BESIDES and note.severity is not Severity.INFO]
    groups = [_sorted(_sound(diagnosis, service, _of(finding, service, facts))) for finding in (*mended, *notes)]
    named = list(_named(groups))
    return _only_where_it_starts(tuple(named[: len(mended)])), tuple(group for group in named[len(mended) :] if group)


def _of(finding: Finding, service: ServiceFacts, facts: Facts) -> Iterable[Remedy]:
    return chain.from_iterable(kind.mend(finding, service, facts) for kind in KINDS if kind.code == finding.code)


def _sorted(found: Iterable[Remedy]) -> list[Remedy]:
    """What is carried out without being asked for by name comes first, and of that what changes least."""
    return sorted(found, key=lambda one: (bool(one.by_hand), bool(one.command), len(one.changes), one.verb == "restart"))


def _sound(diagnosis: Diagnosis, service: ServiceFacts, found: Iterable[Remedy]) -> Iterator[Remedy]:
    """With the verb that fits, fit for people, and by hand where it would touch what is not to be touched."""
    for remedy in found:
        verb = VERBS[diagnosis.condition] if remedy.verb == "start" else remedy.verb
        verb = "start" if verb == "restart" and VERBS[diagnosis.condition] == "start" else verb
        name = verb or remedy.name if remedy.name == "start" else remedy.name
        stays = remedy.by_hand or next(filter(None, (_taboo(path, service) for path in _touched(remedy))), "")
        yield replace(
            remedy,
            name=name,
            title=printable(remedy.title),
            why=printable(remedy.why),
            by_hand=printable(stays),
            changes=() if stays else remedy.changes,
            verb=verb,
        )


def _touched(remedy: Remedy) -> Iterator[str]:
    return (change.path for change in remedy.changes if not isinstance(change, DropIn))


def _taboo(path: str, service: ServiceFacts) -> str:
    """Why a file is not to be touched; empty where it may be."""
    unit = service.unit
    own = {service.start.unit_file if service.start else "", *((unit.fragment_path, *unit.drop_ins) if unit else ())}
    if path in own:
        return "a unit's own file is never edited"
    if any(folder in path for folder in INSTALLED):
        return f"{path} is of an installed distribution: the next installation would bring it back"
    if path.startswith(PACKAGED):
        return f"{path} belongs to the host's packages"
    return "" if path.startswith("/") and path.isprintable() else "its path cannot be written plainly"


def _named(groups: Iterable[list[Remedy]]) -> Iterator[tuple[Remedy, ...]]:
    """Every name once: the second of a name ends in -2."""
    taken = set[str]()
    for group in groups:
        named = []
        for remedy in group:
            name, number = printable(remedy.name), 2
            while name in taken:
                name, number = f"{remedy.name}-{number}", number + 1
            taken.add(name)
            named.append(replace(remedy, name=name))
        yield tuple(named)


def _only_where_it_starts(groups: Groups) -> Groups:
    """To start a service is no remedy as long as some other fault, which only a person can mend, would end that start."""
    if all(any(remedy.is_offered for remedy in group) for group in groups[1:]):
        return groups
    stays = "the next start would fail: mend first what else is found"
    first = tuple(replace(one, by_hand=stays) if one.is_offered and not one.changes and one.verb else one for one in groups[0])
    return first, *groups[1:]
