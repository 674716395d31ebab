"""What a unit's own text tells: lines that systemd ignores, variables without their values, and how often it is started again."""

import re
from typing import Final, Literal

from qtops.facts.preflight import RestartFacts, SettingFact, VariableFact
from qtops.unitfile.diagnostics import Diagnostic, Effect, Origin
from qtops.unitfile.environment import Environment
from qtops.unitfile.service import ServiceUnit
from qtops.unitfile.values import INFINITY
from qtops.unitfile.variables import Variable, is_secret_like, oddities

Oddity = Literal["carriage return", "inline comment", "quotes", "trailing blank", "unexpanded variable"]
REFERENCE: Final = re.compile(r"\$\{?[A-Za-z_]")  # to systemd a dollar in a value is one
MOST_PASSED_OVER: Final = 50  # lines: a key that was pasted in has as many
ODDITIES: Final[tuple[tuple[str, Oddity], ...]] = (
    ("comment", "inline comment"),
    ("quotes", "quotes"),
    ("carriage return", "carriage return"),
    ("blanks", "trailing blank"),
)
EFFECTS: Final[dict[Effect, Literal["noted", "ignored", "cut", "refused"]]] = {
    Effect.NOTED: "noted",
    Effect.IGNORED: "ignored",
    Effect.CUT: "cut",
    Effect.REFUSED: "refused",
}


def variable_facts(unit: ServiceUnit, environment: Environment) -> tuple[VariableFact, ...]:
    """Every assignment of the unit and its files, in order; no value leaves this function."""
    own = {id(variable) for variable in unit.environment}
    before: dict[str, Variable] = {}
    facts = []
    for variable in environment.assignments:
        first, value = before.get(variable.name), variable.value.reveal()
        odd = tuple(kind for word, kind in ODDITIES if any(word in text for text in oddities(value)))
        odd += ("unexpanded variable",) if variable.name.endswith("PATH") and REFERENCE.search(value) else ()
        replaces = str(first.origin) if first is not None and first.value != variable.value else ""
        secret = bool(value) and is_secret_like(variable.name)
        facts.append(VariableFact(variable.name, str(variable.origin), id(variable) in own, odd, secret, replaces))
        before[variable.name] = variable
    return tuple(facts)


def setting_facts(unit: ServiceUnit, environment: Environment | None = None) -> tuple[SettingFact, ...]:
    """What systemd makes of the unit's lines other than what was meant, and which lines of its environment files it passes over.
    Remarks on values of variables are not among them.
    """
    variables = {(variable.origin, variable.name) for variable in unit.environment}
    own = [found for found in unit.diagnostics if found.effect in EFFECTS and not _is_of_a_value(found, variables)]
    files = [item.value.removeprefix("-") for item in unit.environment_files]
    passed_over = environment.diagnostics if environment else ()
    own += [found for found in passed_over if found.effect is Effect.IGNORED and found.origin.path in files][:MOST_PASSED_OVER]
    return tuple(SettingFact(str(found.origin), EFFECTS[found.effect], found.text) for found in own)


def log_facts(unit: ServiceUnit) -> tuple[str, str]:
    """The file that the service's own errors go to, and the setting that throws them away; empty where the journal has them."""
    setting, output = "StandardError", unit.standard_error
    if output.value == "inherit":
        setting, output = "StandardOutput", unit.standard_output
    kind, _, path = output.value.partition(":")
    if output.unknown:
        return "", ""
    return path if kind in {"file", "append", "truncate"} else "", f"{setting}=null" if kind == "null" else ""


def _is_of_a_value(found: Diagnostic, variables: set[tuple[Origin, str]]) -> bool:
    return found.effect is Effect.NOTED and (found.origin, found.text.partition(":")[0]) in variables


def restart_facts(unit: ServiceUnit) -> RestartFacts:
    """How often systemd starts it again. An interval or burst of zero, and one without end, count as no limit at all."""
    interval, burst, pause = unit.start_limit_interval_usec, unit.start_limit_burst, unit.restart_usec
    misplaced = next((str(found.origin) for found in unit.diagnostics if found.text.startswith("StartLimit")), "")
    stated = interval.origin or burst.origin
    return RestartFacts(
        restart=unit.restart.value,
        restart_s=pause.value / 1e6 if pause.value < INFINITY else None,
        interval_s=interval.value / 1e6 if interval.value < INFINITY else None,
        burst=burst.value,
        where=misplaced or str(stated or unit.restart.origin or ""),
        limit_stated=bool(stated) or bool(misplaced),
        misplaced=misplaced,
    )
