"""What a change makes of a start: the findings that it clears, those that it leaves, those that it brings, and what cannot be told.

A change holds where nothing is left that stops the start, nothing new is wrong, and nothing has become untellable that was told.
Lines move when a file is changed: a finding is the one that was there before where check, file and words are the same, numbers of
lines aside.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final, Literal

import msgspec

from qtops.checks import guarded_import_fails
from qtops.checks.starts import judge
from qtops.facts.preflight import GuardedImport, ImportFacts, StartFacts
from qtops.findings import Finding, Severity

_LINE: Final = re.compile(r"(:|\bline )\d+\b")


class Remains(msgspec.Struct, frozen=True, kw_only=True):
    """How a start after a change compares with the start before it."""

    cleared: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()  # they stop the start, whether or not they are new
    new: tuple[Finding, ...] = ()  # wrong, and not before; without those that are ``left``
    reached: tuple[Finding, ...] = ()  # seen for the first time, since the start gets further; or for information only
    kept: tuple[Finding, ...] = ()  # were to be mended, and are still there
    doubts: tuple[str, ...] = ()  # what cannot be told of the start after the change, and could be before
    doubts_before: tuple[str, ...] = ()  # what could not be told before either
    imports_resolve: bool | None = None  # None: could not be told, or nothing is imported
    is_judged: bool = True  # False: nothing of it can be seen in files

    @classmethod
    def untouched(cls) -> "Remains":
        """Of what changes no file that a start rests on."""
        return cls(is_judged=False)

    @property
    def verdict(self) -> Literal["holds", "does not hold", "could not tell"]:
        """Whether the change does what it is for."""
        if self.left or self.new or self.imports_resolve is False or (self.kept and not self.cleared):
            return "does not hold"
        return "could not tell" if self.doubts else "holds"

    @property
    def holds(self) -> bool:
        """Whether the change may be made."""
        return self.verdict == "holds"

    @property
    def why(self) -> str:
        """What speaks against the change, in one line; empty where it holds."""
        if self.left:
            return f"the start would still be stopped: {_told(self.left[0])}"
        if self.new:
            return f"it would bring something new: {_told(self.new[0])}"
        if self.imports_resolve is False:
            return "an import of the start would still break"
        if self.kept and not self.cleared:
            return f"it would change nothing of it: {_told(self.kept[0])}"
        return f"it cannot be told whether the service would start: {self.doubts[0]}" if self.doubts else ""

    @property
    def told(self) -> tuple[str, ...]:
        """What is worth knowing although the change holds."""
        return (
            *(["every import of the start resolves"] if self.imports_resolve else []),
            *(f"would still be there: {_told(finding)}" for finding in self.kept),
            *(f"would be reached: {_told(finding)}" for finding in self.reached),
            *(f"could not be told, as before: {doubt}" for doubt in self.doubts_before),
        )


def remains(before: StartFacts, after: StartFacts, mended: Collection[str], stops: Collection[str]) -> Remains:
    """Compare a start with what it would be. ``mended``: codes of what the change is for; ``stops``: codes of checks whose findings
    stop a start (where they are critical, or were not there before).
    """
    was, is_now = judge(before), judge(after)
    cleared, came = _without(was, is_now), _without(is_now, was)
    left = tuple(f for f in is_now if f.code in stops and (f.severity is Severity.CRITICAL or (f in came and _is_wrong(f))))
    others = tuple(finding for finding in came if finding not in left)
    harmless = tuple(finding for finding in others if not _is_wrong(finding) or _is_revealed(finding, before, after))
    doubts, known = tuple(_doubts(after)), {_unlined(doubt) for doubt in _doubts(before)}
    return Remains(
        cleared=cleared,
        left=left,
        new=tuple(finding for finding in others if finding not in harmless),
        reached=harmless,
        kept=tuple(f for f in is_now if f.code in mended and f not in came and f not in left and _is_wrong(f)),
        doubts=(*(doubt for doubt in doubts if _unlined(doubt) not in known), *_lost(before, after)),
        doubts_before=tuple(doubt for doubt in doubts if _unlined(doubt) in known),
        imports_resolve=_resolve(after.imports),
    )


def _resolve(imports: ImportFacts | None) -> bool | None:
    if imports is None or (imports.unknown and not imports.failures):
        return None
    return not (imports.failures or imports.script_missing)


def _doubts(start: StartFacts) -> Iterator[str]:
    """What could not be told of a start."""
    yield from start.missing
    if start.imports is not None and start.imports.unknown:
        yield f"whether every import resolves: {start.imports.unknown}"
    if not start.loads:
        yield f"what it does: {'; '.join(start.outside) or 'systemd knows no file of it'}"


def _lost(before: StartFacts, after: StartFacts) -> Iterator[str]:
    """What was seen before, and cannot be compared since it is not there any more."""
    if before.imports is not None and after.imports is None and after.loads and not after.missing:
        yield "whether every import resolves: it would not be seen to start a Python program any more"


def _without(findings: tuple[Finding, ...], others: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those that are not among the others, each as many times as it is there too often."""
    too_many = Counter(map(_identity, findings)) - Counter(map(_identity, others))
    kept = []
    for finding in reversed(findings):
        if too_many[_identity(finding)] > 0:
            too_many[_identity(finding)] -= 1
            kept.append(finding)
    return tuple(reversed(kept))


def _identity(finding: Finding) -> tuple[str, str, str]:
    return finding.code, _unlined(finding.where), _unlined(finding.summary)


def _unlined(text: str) -> str:
    return _LINE.sub(r"\1N", text)


def _is_wrong(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO


def _is_revealed(finding: Finding, before: StartFacts, after: StartFacts) -> bool:
    """Whether a guarded import fails that was not come to before, since the program ended earlier; and not for want of a directory
    that the change takes off sys.path.
    """
    if finding.code != guarded_import_fails.CHECK.code or before.imports is None or not before.imports.failures:
        return False
    guarded = [one for one in (after.imports.guarded if after.imports else ()) if one.where == finding.where]
    return not any(_served(one, before.imports, after.imports) for one in guarded)


def _served(guarded: GuardedImport, before: ImportFacts, after: ImportFacts | None) -> bool:
    """Whether a directory that was on sys.path, and would not be any more, has the module."""
    kept = {entry.entry for entry in (after.path if after else ())}
    module = guarded.module.replace(".", "/")
    lost = [posixpath.join(entry.entry, module) for entry in before.path if entry.entry not in kept]
    return any(path in guarded.would_serve for place in lost for path in (f"{place}.py", f"{place}/__init__.py"))


def _told(finding: Finding) -> str:
    return f"{finding.code} {finding.summary}"
