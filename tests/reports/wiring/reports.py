"""Reports of the map, of facts that a test has made sick."""

from qtops.facts.service import Facts
from qtops.facts.wiring import WiringFacts
from qtops.reports.wiring.report import MapReport, report
from qtops.settings import Settings
from tests.checks.wiring import founding
from tests.checks.wiring.maps import HEALTHY, NOW_S, SETTINGS, beside, off, reads, unit, unresolved, writes

SICK = beside(
    unit("model", reads("", "app:stream:features", group="model")),
    unit("exit", reads("", "app:stream:exec.result")),
    unit("bridge", writes("", "app:stream:exec.res")),
    unit("maker", writes("", "app:stream:jobs"), **off()),
    unit("worker", reads("", "app:stream:jobs")),
    unit("bus", unresolved=(unresolved("bus"),)),
    unit("status", writes("", "app:status", command="SET")),
)
HOSTILE = (
    'app:stream:"]-->x', "app:stream:end", "app:`tick`|bar", "app:@user #12 <script>alert(1)</script>", "app:\n```\nfence",
    "app:\x1b[31mred", "app:{x}[y](z)", 'app:\\N\\l\\"', "app:;%%{init: {}}%%", "[bold]app:rich", "app:é中🎉",
    "app:#35;quot;", "app:" + "x" * 500,
)  # fmt: skip


def made(facts: WiringFacts = SICK, settings: Settings = SETTINGS, **options) -> MapReport:
    """The report on these facts."""
    return report(Facts(host="vps", taken_at_s=NOW_S, wiring=facts, settings=settings), **options)


def healthy() -> MapReport:
    """Of the healthy fleet."""
    return made(HEALTHY)


def hostile() -> MapReport:
    """Each name read by one unit and written by another, whose names are no better."""
    units = [unit(f"u{number}{name}", writes("", name), reads("", f"{name}:answer")) for number, name in enumerate(HOSTILE)]
    return made(beside(*units))


def control_plane() -> MapReport:
    """Of the founding system."""
    return made(founding.founding(), founding.SETTINGS, control_plane=True)
