"""For people: sections of one line per row, the sickest first, as many of each as there is room for.

Texts pass as printable ``rich.text.Text`` only: nothing in them is obeyed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from rich.console import Group, RenderableType
from rich.text import Text

from qtops.checks.freshness import State
from qtops.facts.text import printable
from qtops.facts.times import span, utc
from qtops.findings import Verdict
from qtops.reports.doctor.human import STYLES
from qtops.reports.proposals.report import plain
from qtops.reports.top.levels import Level
from qtops.reports.top.report import GroupRow, HoldRow, IncidentRow, KeyRow, Report, StreamRow
from qtops.reports.top.rows import Column, Rows
from qtops.reports.top.services import ServiceRow

MOST: Final = 500  # rows of one section, where the room is unlimited: a program reads JSON
WORST_FIRST: Final = (Verdict.CRITICAL, Verdict.WARNING, Verdict.UNKNOWN, Verdict.OK)
MARKS: Final = {Verdict.OK: " ", Verdict.WARNING: "!", Verdict.CRITICAL: "✗", Verdict.UNKNOWN: "?"}
MISSING_SHARE: Final = 4  # of the lines that there are, what could not be looked at takes no more than one in so many
GROUPS: Final = 3  # of one stream that are named
NONE_HERE: Final = "no supervisor's records here"


class Section(NamedTuple):
    """Rows under headings; ``draw`` makes the cells of a row."""

    columns: tuple[Column, ...]
    rows: Sequence[Any]
    verdict: Callable[[Any], Verdict]
    draw: Callable[[Any], tuple[str, ...]]

    def lines(self, shown: int) -> RenderableType:
        """Its first rows, and how many more there are."""
        table = Rows((Column(""), *self.columns), [self._cells(row) for row in self.rows[:shown]])
        left = Counter(self.verdict(row) for row in self.rows[shown:])
        if not left:
            return table
        counted = ", ".join(f"{left[verdict]} {verdict}" for verdict in WORST_FIRST if left[verdict])
        return Group(table, _text(f"   … {left.total()} more: {counted}", "dim"))

    def _cells(self, row: Any) -> tuple[Text, ...]:
        verdict = self.verdict(row)
        style = "" if verdict is Verdict.OK else STYLES[verdict]
        first, *others = self.draw(row)
        return (_text(MARKS[verdict], style), _text(first, style or "bold"), *(_text(cell, style) for cell in others))


INCIDENT: Final = (
    Column("INCIDENT", right=True), Column("SINCE", right=True), Column("STATE", spare=2), Column("UNIT", spare=1),
    Column("WHAT", elastic=True),
)  # fmt: skip
SERVICE: Final = (
    Column("SERVICE"), Column("STATE"), Column("FOR", right=True), Column("PID", right=True, spare=3),
    Column("RESTARTS", right=True, spare=1), Column("MEMORY", right=True, spare=2), Column("CPU", right=True, spare=4),
    Column("STATUS", elastic=True, spare=5),
)  # fmt: skip
LEVEL: Final = (
    Column("SYMBOL"), Column("SIDE", spare=4), Column("PRICE", right=True, spare=1), Column("AGE", right=True, spare=5),
    Column("SL", right=True, spare=3), Column("SL %", right=True), Column("TP", right=True, spare=2), Column("TP %", right=True),
    Column("MARK"), Column("CODES", elastic=True, spare=6),
)  # fmt: skip
KEY: Final = (
    Column("FAMILY"), Column("SYMBOL"), Column("AGE", right=True), Column("LIMIT", right=True, spare=1),
    Column("STATE"), Column("WHY", elastic=True, spare=2),
)  # fmt: skip
STREAM: Final = (
    Column("STREAM"), Column("LENGTH", right=True, spare=1), Column("NEWEST", right=True),
    Column("UNREAD/PENDING", elastic=True), Column("CODES", elastic=True, spare=2),
)  # fmt: skip
HOLD: Final = (Column("HOLD"), Column("LEFT", right=True), Column("BY", spare=1), Column("WHY", elastic=True))


def render(report: Report, rows: int | None = None) -> RenderableType:
    """All of it in at most so many lines, or everything."""
    head = list(_head(report, MOST if rows is None else max(rows // MISSING_SHARE, 1)))
    sections = [section for section in _sections(report) if section.rows]
    shown = [MOST] * len(sections) if rows is None else share([_wants(section) for section in sections], rows - len(head))
    body = [section.lines(count) for section, count in zip(sections, shown, strict=True) if count]
    return Group(*head[:rows], *body)


def share(wants: Sequence[Sequence[bool]], rows: int) -> list[int]:
    """How many rows of each section are shown in so many lines: first one of each, then the sick ones, then the others in turn.

    ``wants``: for each section, whether each of its rows is sick. A section costs a line for its headings, and one more where rows
    are left out.
    """
    shown = [0] * len(wants)

    def cost() -> int:
        return sum(1 + count + (count < len(want)) for want, count in zip(wants, shown, strict=True) if count)

    def grows(section: int) -> bool:
        shown[section] += 1
        if cost() <= rows:
            return True
        shown[section] -= 1
        return False

    for sick_only in (True, False):  # a first row of what is sick, then of what is well
        for section, want in enumerate(wants):
            if not shown[section] and want and (want[0] or not sick_only):
                grows(section)
    for sick_only in (True, False):
        open_ones = [section for section, count in enumerate(shown) if count]
        while open_ones:
            open_ones = [
                section
                for section in open_ones
                if shown[section] < len(wants[section]) and (wants[section][shown[section]] or not sick_only) and grows(section)
            ]
    return shown


def _wants(section: Section) -> list[bool]:
    return [section.verdict(row) is not Verdict.OK for row in section.rows[:MOST]]


def _head(report: Report, most: int) -> Iterator[Text]:
    """When, where, how; and what could not be looked at, in so many lines."""
    servers = " ".join(dict.fromkeys(server.url for server in report.servers))
    where = f"  {utc(report.taken_at_s)} on {report.host}" + (f"  {servers}" if servers else "")
    yield _line(Text.assemble((report.verdict.upper(), STYLES[report.verdict]), _text(where, "dim")))
    lost = [f"Redis {server.url} is {server.state}: {server.detail}" for server in report.servers if server.state != "ok"]
    lost += [f"COULD NOT TELL  {why}" for why in report.missing]
    if len(lost) > most:
        lost[most - 1 :] = [f"COULD NOT TELL  {len(lost) - most + 1} things: a larger window, or --once, names them"]
    yield from (_text(f"? {why}", STYLES[Verdict.UNKNOWN]) for why in lost)
    if not report.incidents:
        yield _text("incidents: " + (NONE_HERE if report.incidents is None else "none is open"), "dim")


def _sections(report: Report) -> Iterator[Section]:
    """In the order in which they matter at night."""
    yield Section(INCIDENT, report.incidents or (), lambda row: row.severity.verdict, _incident)
    yield Section(SERVICE, report.services, _verdict, _service)
    yield Section(LEVEL, report.levels, _verdict, _level)
    yield Section(KEY, report.keys, _verdict, _key)
    yield Section(STREAM, report.streams, _verdict, _stream)
    yield Section(HOLD, report.holds or (), lambda _: Verdict.OK, _hold)


def _verdict(row: ServiceRow | KeyRow | Level | StreamRow) -> Verdict:
    return row.verdict


def _incident(row: IncidentRow) -> tuple[str, ...]:
    state = f"{row.state}, given up" if row.given_up else row.state
    code = f"{row.code} " if row.code else ""
    return (f"#{row.number}", span(row.age_s), state, row.unit.removesuffix(".service"), f"{row.kind}: {code}{row.title}")


def _service(row: ServiceRow) -> tuple[str, ...]:
    memory = "" if row.memory_bytes is None else _size(row.memory_bytes)
    if memory and row.memory_max_bytes is not None:
        memory += f"/{_size(row.memory_max_bytes)}"
    cpu = "" if row.cpu_pct is None else f"{row.cpu_pct:.1f} %"
    state = row.state if row.held_until_s is None else f"{row.state}, held"
    return (
        row.unit.removesuffix(".service"),
        state,
        "" if row.for_s is None else span(row.for_s),
        str(row.pid or ""),
        str(row.restarts),
        memory,
        cpu,
        row.status,
    )


def _level(row: Level) -> tuple[str, ...]:
    age = "" if row.price_age_s is None else span(row.price_age_s)
    told = row.mark or ("" if row.state is State.FRESH else str(row.state))
    numbers = (plain(row.price), age, plain(row.stop), _percent(row.stop_pct), plain(row.target), _percent(row.target_pct))
    return (row.symbol, row.side, *numbers, told, " ".join(row.codes))


def _key(row: KeyRow) -> tuple[str, ...]:
    age = "" if row.age_s is None else span(row.age_s)
    limit = "" if row.limit_s is None else span(row.limit_s)
    return (row.family, row.symbol, age, limit, str(row.state), row.reason)


def _stream(row: StreamRow) -> tuple[str, ...]:
    length = (str(row.length) if row.present else "") + (f"/{row.maxlen}" if row.maxlen is not None else "")
    newest = row.told if row.age_s is None else span(max(row.age_s, 0.0))
    more = f" +{len(row.groups) - GROUPS}" if len(row.groups) > GROUPS else ""
    return (row.name, length, newest, ", ".join(map(_group, row.groups[:GROUPS])) + more, " ".join(row.codes))


def _group(row: GroupRow) -> str:
    return f"{row.name} {'' if row.counted else '≥'}{row.waiting}/{row.pending}"


def _hold(row: HoldRow) -> tuple[str, ...]:
    return (row.unit.removesuffix(".service"), span(row.left_s), row.by, row.why)


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:+.2f}"


def _size(count: int) -> str:
    value = float(count)
    for unit in ("B", "K", "M", "G"):
        if value < 1024 or unit == "G":
            break
        value /= 1024
    return f"{value:.0f}{unit}" if value >= 10 or unit == "B" else f"{value:.1f}{unit}"


def _text(value: str, style: str = "") -> Text:
    return _line(Text(printable(value), style))


def _line(text: Text) -> Text:
    """It stays on one line."""
    text.no_wrap, text.overflow = True, "ellipsis"
    return text
