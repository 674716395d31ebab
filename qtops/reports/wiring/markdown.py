"""For documents: the map in the form of a SYSTEM_TRUTH_MAP. Texts that are not ours stand in code spans: nothing is markup."""

from collections.abc import Iterator

from qtops.checks.wiring.silence import Silence
from qtops.facts.times import moment, span, utc
from qtops.findings import Finding, Verdict
from qtops.reports.checked.report import by_code
from qtops.reports.doctor.markdown import block, cell, code
from qtops.reports.wiring.report import OF_TWO, MapReport
from qtops.reports.wiring.rows import EndRow, NameRow, UnitRow

SHOWN = 6  # names or units in one cell


def render(report: MapReport) -> str:
    """The whole map: top risks, components, streams, keys, silent streams, findings, and what could not be told."""
    troubled = {row.name: row for row in report.rows if row.verdict is not Verdict.OK or OF_TWO & set(row.codes)}
    redis = f", Redis {code(report.server.url)}" if report.server else ""
    lines = [
        "# SYSTEM_TRUTH_MAP",
        "",
        f"{utc(report.taken_at_s)} on {code(report.host)}{redis}: **{report.verdict}**, {report.total}",
    ]
    lines += ["", "## Top risks", ""]
    lines += [f"{number}. {_risk(finding)}" for number, finding in enumerate(report.worst, 1)] or ["None was found."]
    lines += [
        "",
        "## Components",
        "",
        "| Component | Status | Running | Connected to | Last verified | Evidence |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_component(row, report, troubled) for row in report.units]
    if streams := [row for row in report.rows if "stream" in (row.kind, row.type)]:
        lines += [
            "",
            "## Streams",
            "",
            "| stream | producer | consumer groups | active? | last event | length |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_stream(row, report) for row in streams]
    if keys := [row for row in report.rows if "stream" not in (row.kind, row.type)]:
        lines += ["", "## Keys", "", "| key | type | written by | read by | in Redis | findings |", "|---|---|---|---|---|---|"]
        lines += map(_key, keys)
    if report.silences:
        lines += ["", "## Control plane" if report.control_plane else "## Silent streams"]
        for silence in report.silences:
            lines += _silence(silence)
    lines += _found(report)
    return "\n".join(lines)


def _risk(finding: Finding) -> str:
    return f"**{finding.code}** ({finding.severity}) {code(finding.subject)}: {code(finding.summary)} → {code(finding.remedy)}"


def _component(row: UnitRow, report: MapReport, troubled: dict[str, NameRow]) -> str:
    status = {True: "OPERATIONAL", False: "OFF", None: "UNKNOWN"}[row.on]
    about = [troubled[name] for name in (*row.writes, *row.reads) if name in troubled]
    if row.on and about:
        status = "DEGRADED"
    links = [*(f"→ {name}" for name in row.writes), *(f"← {name}" for name in row.reads)]
    evidence = ", ".join(dict.fromkeys(f"{each} {name.name}" for name in about for each in name.codes))
    if not evidence:
        moved = [name for name in report.rows if name.age_s is not None and name.name in row.writes]
        evidence = f"{moved[0].name} {span(moved[0].age_s or 0.0)} ago" if moved else _read(row)
    state = cell(row.state + (f" since {row.since}" if row.since else ""))
    return f"| {cell(row.unit)} | {status} | {state} | {_several(links)} | {utc(report.taken_at_s)} | {cell(evidence)} |"


def _read(row: UnitRow) -> str:
    return f"{row.files} files read" + (f", {row.unresolved} names not told" if row.unresolved else "")


def _stream(row: NameRow, report: MapReport) -> str:
    last = "never" if row.present and row.last_s is None else ""
    last = moment(row.last_s, report.taken_at_s) if row.last_s is not None else last
    active = row.silence.upper() if row.silence else "yes" if row.last_s is not None else "not known"
    length = "" if row.length is None else str(row.length)
    groups = _several(row.groups) if row.groups else "none" if row.present and row.type == "stream" else ""
    return f"| {cell(row.name)} | {_units(row.writers)} | {groups} | {active} | {last} | {length} |"


def _key(row: NameRow) -> str:
    there = cell(row.live.removeprefix("in Redis: ")) if row.live else ""
    return f"| {cell(row.name)} | {row.kind} | {_units(row.writers)} | {_units(row.readers)} | {there} | {', '.join(row.codes)} |"


def _units(ends: tuple[EndRow, ...]) -> str:
    return _several([end.unit + (f" ({end.state})" if end.on is False else "") for end in ends]) if ends else "nobody"


def _several(texts: "list[str] | tuple[str, ...]") -> str:
    return ", ".join(cell(text) for text in texts[:SHOWN]) + (f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else "")


def _silence(silence: Silence) -> Iterator[str]:
    yield from ("", f"### {silence.state.upper()} {code(silence.name)}", "", code(silence.why))
    answers = (
        ("Should publish", "; ".join(silence.publishers)),
        ("Inactive or misconfigured", silence.misconfigured),
        ("Intended or broken", silence.intended),
        ("Next", silence.remedy),
    )
    if shown := [f"- {question}: {code(answer)}" for question, answer in answers if answer]:
        yield from ("", *shown)
    if silence.evidence:
        yield from block(silence.evidence)


def _found(report: MapReport) -> Iterator[str]:
    for group in by_code(report.judged.findings).values():
        for finding in group:
            yield from ("", f"## {finding.code} ({finding.severity}) {code(finding.subject)}", "", code(finding.summary))
            if finding.evidence:
                yield from block(finding.evidence)
            yield from ("", f"→ {code(finding.remedy)}")
    if report.unresolved:
        yield from ("", "## Names that could not be told from source")
        yield from block(f"{each.unit} {each.command} at {each.where}: {each.why}" for each in report.unresolved)
    if report.found:
        yield from ("", "## Streams in Redis of which no source speaks", *block(report.found))
    if reasons := [*report.missing, *(doubt.told for doubt in report.judged.doubts)]:
        yield from ("", "## Could not tell", *block(reasons))
