"""A unit as an operator reads it: the head that ``systemctl status`` shows, its process, and its last lines in the journal.

The head is put together from systemd's properties; it is no output of that command, and does not pretend to be.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from qtops.chapters.looks import Look
from qtops.chapters.telling import counted, said, size, untold, verbatim
from qtops.evidence.document import Block, Listed, Row, Table, code, words
from qtops.facts.journal import Line
from qtops.facts.service import Source
from qtops.facts.times import span
from qtops.facts.unit import UnitState

LINES: Final = 12  # of the journal: operators copy 5 to 20
_DOTS: Final = {"active": "●", "reloading": "●", "failed": "×", "activating": "●", "deactivating": "●"}
_ENDS: Final = {"exited": "status", "killed": "signal", "dumped": "signal"}


def why_unread(look: Look, *sources: Source) -> str:
    """Why a source of a look could not be read."""
    missing = (*look.facts.missing, *look.service.missing)
    return words("; ".join(dict.fromkeys(one.told for one in missing if one.source in sources)) or "it was not read")


def head(look: Look) -> Block:
    """The state of the unit in a look."""
    unit, subject = look.service.unit, look.service.subject
    if unit is None:
        why = why_unread(look, "systemd")
        return Listed((untold(f"how {code(subject)} was", why, f"systemctl status {subject}", look.cites("unit")),))
    caption = f"{code(subject)} in {look.taken}, from systemd's properties"
    return verbatim(_head(unit, look), look.cites("unit"), caption, "console")


def _head(unit: UnitState, look: Look) -> Iterator[str]:
    yield f"{_DOTS.get(unit.active_state, '○')} {unit.name}" + (f" - {unit.description}" if unit.description else "")
    yield f"     Loaded: {unit.load_state} (" + "; ".join(filter(None, (unit.fragment_path, unit.unit_file_state))) + ")"
    for path in unit.drop_ins:
        yield f"    Drop-In: {path}"
    since = f" since {look.when(unit.state_changed_s)}" if unit.state_changed_s is not None else ""
    result = f"Result: {unit.result}" if unit.active_state == "failed" else unit.sub_state
    yield f"     Active: {unit.active_state} ({result}){since}"
    if unit.main_pid:
        yield f"   Main PID: {unit.main_pid}"
    if unit.exec_main_code:
        ended = f", ended {look.when(unit.exec_main_exit_s)}" if unit.exec_main_exit_s is not None else ""
        yield f"    Process: code={unit.exec_main_code}, {_ENDS[unit.exec_main_code]}={unit.exec_main_status}{ended}"
    if not look.service.lacks("systemd"):  # what was read of it may come from a text that does not say
        yield f"  NRestarts: {unit.n_restarts}"
    if unit.invocation_id:
        yield f" Invocation: {unit.invocation_id}"
    if unit.tasks is not None:
        yield f"      Tasks: {unit.tasks}" + (f" (limit: {unit.tasks_max})" if unit.tasks_max is not None else "")
    if unit.memory_bytes is not None:
        limit = f" (max: {size(unit.memory_max_bytes)})" if unit.memory_max_bytes is not None else ""
        yield f"     Memory: {size(unit.memory_bytes)}{limit}, of its control group"
    if unit.cpu_s is not None:
        yield f"        CPU: {span(unit.cpu_s)}, since its start"
    if unit.status_text:
        yield f'     Status: "{unit.status_text}"'


def process(look: Look) -> Block:
    """The main process as a line of a table."""
    found, unit, subject = look.service.process, look.service.unit, look.service.subject
    if found is None:
        why = why_unread(look, "process", "systemd")
        if unit is not None and not unit.main_pid:
            told = f"It had no main process in {look.taken}: `MainPID` was 0."
            return Listed((said(told, look.cites("unit")),))
        return Listed((untold("what its process was", why, f"systemctl status {subject}", look.cites("process")),))
    account = unit.user if unit is not None and unit.user else "not stated by its unit"
    row = Row(
        (
            str(found.pid), words(account), look.when(found.started_s), size(found.rss_bytes), str(found.processes),
            code(" ".join(found.command) or found.exe),
        ),
        look.cites("process", "unit"),
    )  # fmt: skip
    return Table(("PID", "Account", "Began", "RSS", "Processes in its group", "Command"), (row,))


def journal(look: Look) -> Block:
    """The last lines that the journal holds of it."""
    facts, subject = look.service.journal, look.service.subject
    evidence = look.cites("journal")
    if facts is None or not facts.lines:
        why = why_unread(look, "journal") if facts is None else f"it holds no line of it in {look.taken}"
        return Listed((untold(f"what {code(subject)} wrote", why, f"journalctl -u {subject} -n 50", evidence),))
    lines = facts.lines[-LINES:]
    whole = (
        f"the last {counted(len(lines), 'line')} of {len(facts.lines)} that were read{', older ones left out' if facts.cut else ''}"
    )
    of = f", invocation {code(facts.invocation)}" if facts.invocation else ""
    return verbatim((_line(line) for line in lines), evidence, f"Journal of {code(subject)}{of}: {whole}, in {look.taken}")


def _line(line: Line) -> str:
    return f"{clock(line.at_s)} {line.source}{f'[{line.pid}]' if line.pid else ''}: {line.text}"


def clock(at_s: float) -> str:
    """A moment of the journal to the millisecond, in UTC."""
    try:
        return f"{datetime.fromtimestamp(at_s, UTC).isoformat(sep=' ', timespec='milliseconds').removesuffix('+00:00')} UTC"
    except (OverflowError, ValueError, OSError):
        return f"epoch {at_s:g}"
