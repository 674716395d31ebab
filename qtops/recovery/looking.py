"""Look at the one service that is to be recovered, with the collectors and the checks of ``qtops doctor``."""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from qtops.collectors.doctor import Request, look_at
from qtops.diagnose import diagnose
from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Diagnosis
from qtops.settings import Service, Settings

Tell = Callable[[str, float, float], None]


@dataclass(frozen=True)
class Looked:
    """One service as it was, what is wrong with it, and how to look again."""

    request: Request
    facts: Facts
    diagnosis: Diagnosis

    @property
    def service(self) -> ServiceFacts:
        """The facts of the service alone."""
        return self.facts.services[0]

    @property
    def unit(self) -> str:
        """The full name of its unit."""
        return self.service.subject

    @property
    def configured(self) -> Service | None:
        """What the configuration says of it."""
        return configured(self.facts.settings, self.unit)

    @property
    def auto_recover(self) -> tuple[str, ...]:
        """Codes of roots that it may be recovered from although nobody asks for it."""
        return self.configured.auto_recover if self.configured is not None else ()


def look(name: str, settings: Settings, tell: Tell, *, redis_given: bool = False, source: str = "") -> Looked:
    """Read everything of one service once. Raises BadName for a name that no service can have."""
    return again(Request(names=(name,), settings=settings, redis_given=redis_given, source=source), tell)


def again(request: Request, tell: Tell) -> Looked:
    """Look with a request that was used before; by the unit's full name, so that it cannot come to mean another one."""
    facts = look_at(request, tell)
    known = replace(request, names=tuple(service.subject for service in facts.services))
    return Looked(known, facts, diagnose(facts)[0])


def configured(settings: Settings, unit: str) -> Service | None:
    """What the configuration says of a unit."""
    return next((service for service in settings.services if service.unit == unit), None)
