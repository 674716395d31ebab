"""Names in the configuration that lead nowhere: asked when all layers are laid, since one may name what another defines."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Final

from qtops.errors import ConfigError
from qtops.settings import PHASES, Settings

DEFAULT: Final = "default"


def refuse_lost(settings: Settings, origins: Mapping[str, str]) -> None:
    """Raise ConfigError for the first of them, with what was probably meant."""
    _refuse_lost_families(settings, origins)
    _refuse_lost_codes(settings, origins)
    _refuse_lost_phases(settings, origins)


def unknown(name: str, known: Iterable[str], kind: str) -> str:
    """That there is no such thing, and what was probably meant."""
    near = difflib.get_close_matches(name, known, 1)
    return f"unknown {kind}; did you mean {near[0]}?" if near else f"unknown {kind}; there are: {', '.join(known)}"


def _refuse_lost_families(settings: Settings, origins: Mapping[str, str]) -> None:
    """A service may name a family of any layer, so that is looked at when all are laid."""
    known = [family.name for family in settings.families]
    for service in settings.services:
        for lost in (family for family in service.families if family not in known):
            near = difflib.get_close_matches(lost, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
            name = f"services.{service.name}"
            raise ConfigError(f"{origins[name]}: {name}: no family is called {lost!a}; {hint}")


def _refuse_lost_codes(settings: Settings, origins: Mapping[str, str]) -> None:
    """A code of which there is no check would never be recovered from, and nobody would know why."""
    for service in settings.services:
        for code in service.auto_recover:
            from qtops.checks.registry import BY_CODE  # here: most configurations name none

            if code not in BY_CODE:
                name = f"services.{service.name}"
                raise ConfigError(f"{origins[name]}: {name}: auto_recover: {code}: {unknown(code, BY_CODE, 'check')}")


def _refuse_lost_phases(settings: Settings, origins: Mapping[str, str]) -> None:
    """A criterion may name a check, and a phase another one: what there is none of would never be seen to hold."""
    numbers = [phase.number for phase in settings.phases]
    for phase in settings.phases:
        name = f"phases.{phase.number}"
        if origins[name] == DEFAULT and numbers == [known.number for known in PHASES]:
            continue
        for lost in (number for number in phase.depends if number not in numbers):
            raise ConfigError(
                f"{origins[name]}: {name}: depends: there is no phase {lost}; there are: {', '.join(map(str, numbers))}"
            )
        for code in (code for criterion in phase.criteria for code in criterion.clear):
            from qtops.checks.registry import BY_CODE  # here: most configurations leave the plan alone

            if code not in BY_CODE:
                raise ConfigError(f"{origins[name]}: {name}: {code}: {unknown(code, BY_CODE, 'check')}")
