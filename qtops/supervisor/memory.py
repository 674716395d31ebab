"""What the supervisor has seen last of each unit and of each Redis: what a decision is made of, besides what is on record."""

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Final

from qtops.collectors.watching.aliases import own_name
from qtops.incidents import Diagnosed, Died, Observation, Outcome, Reached, Stands
from qtops.settings import Service, Settings

DOWN: Final = frozenset({"failed", "inactive"})
_WILD: Final = frozenset("*?[")


def unit_of(name: str, settings: Settings) -> str:
    """The unit that a name of the configuration stands for; a unit's name, with or without its suffix, for itself.

    One unit goes by one name, else its faults were two: that of its service, or its own where it is none.
    """
    if known := next((service.unit for service in settings.services if service.name == name), ""):
        return known
    own = own_name(name if "." in name else f"{name}.service")
    return next((service.unit for service in settings.services if own_name(service.unit) == own), own)


def watched(settings: Settings) -> tuple[str, ...]:
    """Names and patterns of all units to watch: those of services, what they depend on, and what is watched besides."""
    own = [service.unit for service in settings.services]
    needed = [unit_of(name, settings) for service in settings.services for name in service.depends]
    besides = [name if set(name) & _WILD else unit_of(name, settings) for name in settings.supervise.watch]
    return tuple(dict.fromkeys([*own, *needed, *besides]))


@dataclass
class Memory:
    """All of it is lost with the process, and seen anew by the next one's first look."""

    settings: Settings
    stands: dict[str, Stands] = field(default_factory=dict)
    diagnosed: dict[str, Diagnosed] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    redis: dict[str, Reached] = field(default_factory=dict)
    deaths: Counter[str] = field(default_factory=Counter)
    needs: dict[str, tuple[str, ...]] = field(init=False)  # the units that each service depends on

    def __post_init__(self) -> None:
        self.needs = {one.unit: tuple(unit_of(name, self.settings) for name in one.depends) for one in self.settings.services}

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

    def forget_all_but(self, units: Container[str]) -> None:
        """Forget units that are no more: some come and go under ever new names."""
        for by_unit in (self.stands, self.diagnosed, self.deaths):
            for unit in [unit for unit in by_unit if unit not in units]:
                del by_unit[unit]

    def service(self, unit: str) -> Service | None:
        """What the configuration says of a unit."""
        return next((service for service in self.settings.services if service.unit == unit), None)

    def down(self, unit: str) -> tuple[str, ...]:
        """What it depends on, and is seen to be down or not to answer; but not what waits for it in turn."""
        down = [name for name in self.needs.get(unit, ()) if (one := self.stands.get(name)) and one.active_state in DOWN]
        units = [name for name in down if unit not in self._waits_for(name)]
        return (*units, *(one.redis for one in self.redis.values() if one.trouble and unit in one.units))

    def _waits_for(self, unit: str) -> set[str]:
        """All that it depends on, at whatever distance."""
        found, next_ = set[str](), [unit]
        while next_:
            new = set(self.needs.get(next_.pop(), ())) - found
            found |= new
            next_ += new
        return found
