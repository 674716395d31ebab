"""For drawings: the map as a graph in the languages of Mermaid and of Graphviz. Units stand left and right of the names.

Every node is called by a number; what it is called in the drawing is a quoted text in which nothing is obeyed.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from qtops.facts.text import printable
from qtops.findings import Verdict
from qtops.reports.wiring.report import MapReport
from qtops.reports.wiring.rows import NameRow

MEANT: Final = "meant to be one"
MOST_EDGES: Final = 480  # Mermaid refuses more than 500, and a text of more than 50,000 letters
MOST_LETTERS: Final = 48_000
LONGEST: Final = 80  # letters of a label
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-/")
_COLOURS: Final = {Verdict.CRITICAL: "#f8d7da", Verdict.WARNING: "#fff3cd", Verdict.UNKNOWN: "#e2d9f3", Verdict.OK: "#ffffff"}


class Graph(NamedTuple):
    """Units and names by their number, and what runs between them."""

    units: dict[str, str]  # name of the unit: id
    names: dict[str, str]
    off: frozenset[str]  # ids of units that are off
    edges: tuple[tuple[str, str], ...]  # from id to id
    pairs: tuple[tuple[str, str], ...]  # names that were meant to be one: from what is written to what is read
    verdicts: dict[str, Verdict]  # by id of a name


def mermaid(report: MapReport) -> str:
    """A flowchart. Where it would be more than Mermaid draws, names without a finding are left out, and that is said."""
    rows = list(report.rows)
    text = _mermaid(report, rows, "")
    while len(rows) > 1 and (_edges(rows) + len(report.pairs) > MOST_EDGES or len(text) > MOST_LETTERS):
        troubled = [row for row in rows if row.verdict is not Verdict.OK]
        rows = troubled if len(troubled) < len(rows) else rows[: len(rows) // 2]
        text = _mermaid(
            report, rows, f"%% {len(report.rows) - len(rows)} of {len(report.rows)} names are left out: too many to draw"
        )
    return text


def _edges(rows: list[NameRow]) -> int:
    return sum(len(row.writers) + len(row.readers) for row in rows)


def _mermaid(report: MapReport, rows: list[NameRow], note: str) -> str:
    graph = _graph(report, rows)
    lines = ["flowchart LR", *([f"  {note}"] if note else [])]
    lines += [f'  {node}["{_entities(unit)}"]' for unit, node in graph.units.items()]
    lines += [f'  {node}(["{_entities(name)}"])' for name, node in graph.names.items()]
    lines += [f"  {start} --> {end}" for start, end in graph.edges]
    lines += [f"  {start} -. {MEANT} .-> {end}" for start, end in graph.pairs]
    for verdict, colour in _COLOURS.items():
        if nodes := [node for node, known in graph.verdicts.items() if known is verdict and verdict is not Verdict.OK]:
            lines += [f"  classDef {verdict} fill:{colour},stroke:#333", f"  class {','.join(nodes)} {verdict}"]
    if graph.off:
        lines += ["  classDef off stroke-dasharray: 4 4,color:#777", f"  class {','.join(sorted(graph.off))} off"]
    return "\n".join(lines)


def _entities(text: str) -> str:
    """Anything but plain letters as a numbered entity: neither markup, nor a quote, nor a link."""
    return "".join(letter if letter in _PLAIN else f"#{ord(letter)};" for letter in _short(text)) or " "


def dot(report: MapReport) -> str:
    """A digraph for Graphviz (``dot -Tsvg``)."""
    graph = _graph(report, list(report.rows))
    return "\n".join(["digraph wiring {", *(f"  {line};" for line in _dot(graph)), "}"])


def _dot(graph: Graph) -> Iterator[str]:
    yield "rankdir=LR"
    yield 'node [fontname="sans-serif"]'
    for unit, node in graph.units.items():
        yield f"{node} [shape=box, label={_quoted(unit)}" + (", style=dashed, fontcolor=gray]" if node in graph.off else "]")
    for name, node in graph.names.items():
        colour = _COLOURS[graph.verdicts[node]]
        yield f'{node} [shape=ellipse, style=filled, fillcolor="{colour}", label={_quoted(name)}]'
    yield from (f"{start} -> {end}" for start, end in graph.edges)
    yield from (f'{start} -> {end} [style=dashed, color=red, label="{MEANT}"]' for start, end in graph.pairs)


def _quoted(text: str) -> str:
    return '"' + _short(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def _graph(report: MapReport, rows: list[NameRow]) -> Graph:
    units = {row.unit: row.on for row in report.units}
    units |= {end.unit: end.on for row in rows for end in (*row.writers, *row.readers) if end.unit not in units}
    used = {end.unit for row in rows for end in (*row.writers, *row.readers)}
    ids = {unit: f"u{number}" for number, unit in enumerate(unit for unit in units if unit in used)}
    names = {row.name: f"n{number}" for number, row in enumerate(rows)}
    edges = [(ids[end.unit], names[row.name]) for row in rows for end in row.writers]
    edges += [(names[row.name], ids[end.unit]) for row in rows for end in row.readers]
    off = frozenset(ids[unit] for unit, on in units.items() if on is False and unit in ids)
    pairs = tuple((names[p.written], names[p.read]) for p in report.pairs if p.written in names and p.read in names)
    return Graph(ids, names, off, tuple(edges), pairs, {names[row.name]: row.verdict for row in rows})
