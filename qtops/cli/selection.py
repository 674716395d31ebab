"""What a command looks at: families of keys and their subjects, from the settings and the command line. Pure."""

from collections.abc import Sequence
from difflib import get_close_matches

import msgspec

from qtops.collectors.keys import Selection
from qtops.errors import UsageError
from qtops.settings import Family, Settings


def ad_hoc_family(
    pattern: str, kind: str, time_field: str | None, limit_s: float | None, critical_s: float | None, interval_s: float | None
) -> Family:
    """A family from the command line alone; its name is its pattern. Raises UsageError."""
    if limit_s is None:
        raise UsageError("--pattern wants --limit: how old its time field may be, such as 30s")
    if kind == "hash" and not time_field:
        raise UsageError("--pattern wants --time-field: which field of the hash is its time; or --kind string, --kind stream")
    interval_s = limit_s if interval_s is None else interval_s
    critical_s = limit_s if critical_s is None else critical_s
    if not interval_s <= limit_s <= critical_s:
        raise UsageError("wants --interval <= --limit <= --critical")
    times = {"field": time_field or "", "interval_s": interval_s, "warn_s": limit_s, "critical_s": critical_s}
    try:
        return msgspec.convert({"name": pattern, "pattern": pattern, "kind": kind, "times": [times]}, Family)
    except msgspec.ValidationError as error:
        raise UsageError(f"--pattern {pattern!a}: {error}") from None


def select(
    settings: Settings, symbols: Sequence[str], names: Sequence[str], ad_hoc: Family | None, *, scan: bool
) -> list[Selection]:
    """Families by name, or all of them; the ad-hoc family alone, or besides those that are named. Raises UsageError."""
    families = [_named(settings, name) for name in dict.fromkeys(names)]
    if ad_hoc is not None:
        families.append(ad_hoc)
    if not families:
        families = list(settings.families)
    if not all(symbols):
        raise UsageError("a symbol is empty")
    wanted = tuple(dict.fromkeys(symbols))
    selections = [Selection(family, _subjects(family, settings, wanted, scan and family is ad_hoc)) for family in families]
    if wanted and not names and ad_hoc is None:  # a key that belongs to no symbol is not asked for
        selections = [selection for selection in selections if "{symbol}" in selection.family.pattern]
    if not scan and not any(selection.subjects for selection in selections):
        raise UsageError("nothing is selected: name symbols, families or a --pattern, or configure some")
    return selections


def _named(settings: Settings, name: str) -> Family:
    for family in settings.families:
        if family.name == name:
            return family
    known = [family.name for family in settings.families]
    near = get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known) or 'none'}"
    raise UsageError(f"no family is called {name!a}; {hint}")


def _subjects(family: Family, settings: Settings, wanted: tuple[str, ...], only_found: bool) -> tuple[str, ...]:
    if "{symbol}" not in family.pattern:
        return ("",)
    if wanted or only_found:
        return wanted
    return settings.symbols if family.symbols is None else family.symbols
