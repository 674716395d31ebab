"""What doctor looked at in the box, one small bundle per scenario: tests diagnose it where nothing can be booted."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from qtops import bundle
from tests.scenarios.scenario import Scenario

FOLDER = Path(__file__).parents[1] / "data" / "bundles"


def path_of(scenario: Scenario) -> Path:
    """Where the recording of a scenario is kept."""
    return FOLDER / f"{scenario.name}.json.gz"


def record(recorded: Path, scenarios: Sequence[Scenario]) -> str:
    """Cut one bundle of them all into one per scenario; a sentence on what was written."""
    facts = bundle.load(recorded)
    services = {service.subject: service for service in facts.services}
    FOLDER.mkdir(parents=True, exist_ok=True)
    for each in scenarios:
        bundle.save(replace(facts, services=(services[each.service],)), path_of(each))
    size = sum(path_of(each).stat().st_size for each in scenarios)
    return f"{len(scenarios)} bundles, {size / 1024:.0f} KiB, in {FOLDER}"
