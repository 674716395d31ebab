"""What the supervisor has seen last of each unit and of each Redis: what a decision is made of, besides what is on record."""

from collections import Counter
from dataclasses import dataclass, field

from qtops.incidents import Diagnosed, Died, Observation, Outcome, Reached, Stands
from qtops.settings import Service, Settings


def unit_of(name: str, settings: Settings) -> str:
    """The unit that a name of the configuration stands for; a unit's own name, with or without its suffix, for itself."""
    known = next((service.unit for service in settings.services if service.name == name), "")
    return known or (name if "." in name else f"{name}.service")


def watched(settings: Settings) -> tuple[str, ...]:
    """Names and patterns of all units to watch: those of services, what they depend on, and what is watched besides."""
    own = [service.unit for service in settings.services]
    needed = [unit_of(name, settings) for service in settings.services for name in service.depends]
    return tuple(dict.fromkeys([*own, *needed, *settings.supervise.watch]))


@dataclass
class Memory:
    """All of it is lost with the process, and seen anew by the next one's first look."""

    settings: Settings
    stands: dict[str, Stands] = field(default_factory=dict)
    diagnosed: dict[str, Diagnosed] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    redis: dict[str, Reached] = field(default_factory=dict)
    deaths: Counter[str] = field(default_factory=Counter)

    def see(self, seen: Observation) -> None:
        """Remember it in place of what was seen before."""
        match seen:
            case Stands():
                self.stands[seen.unit] = seen
            case Diagnosed():
                self.diagnosed[seen.unit] = seen
            case Outcome():
                self.outcomes[seen.unit] = seen
            case Reached():
                self.redis[seen.redis] = seen
            case Died():
                self.deaths[seen.unit] += 1

    def service(self, unit: str) -> Service | None:
        """What the configuration says of a unit."""
        return next((service for service in self.settings.services if service.unit == unit), None)

    def down(self, unit: str) -> tuple[str, ...]:
        """What it depends on, and is seen to be down or not to answer."""
        service = self.service(unit)
        needed = [unit_of(name, self.settings) for name in service.depends] if service else []
        units = [name for name in needed if (known := self.stands.get(name)) and known.active_state in {"failed", "inactive"}]
        return (*units, *(one.redis for one in self.redis.values() if one.trouble and unit in one.units))
