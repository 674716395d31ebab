"""The plan: which phase is meant, and which units its services are."""

from qtops.errors import UsageError
from qtops.settings import Phase, Settings


def chosen(settings: Settings, number: int) -> Phase:
    """The phase of that number. Raises UsageError naming those that there are."""
    phases = planned(settings)
    phase = next((phase for phase in phases if phase.number == number), None)
    if phase is None:
        there = ", ".join(f"{phase.number} ({phase.title})" for phase in phases)
        raise UsageError(f"the plan has no phase {number}; there are: {there}")
    return phase


def planned(settings: Settings) -> tuple[Phase, ...]:
    """All phases. Raises UsageError where the plan is empty."""
    if not settings.phases:
        raise UsageError("the plan is empty: the configuration leaves no [[phases]]; take `phases = []` out of it, or add your own")
    return settings.phases


def unit_of(name: str, settings: Settings) -> str:
    """The full name of the unit of a service, by the name that operators use or by its own."""
    named = (service.unit for service in settings.services if service.name == name)
    return next(named, name if "." in name else f"{name}.service")


def units_of(phase: Phase, settings: Settings) -> tuple[str, ...]:
    """The units of all services that a phase names, each once."""
    named = (*phase.services, *(name for criterion in phase.criteria for name in criterion.services))
    return tuple(dict.fromkeys(unit_of(name, settings) for name in named))
