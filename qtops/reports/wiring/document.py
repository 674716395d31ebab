"""For programs: the JSON form. A number that is not known is null."""

from qtops.checks.wiring.silence import Silence
from qtops.facts.wiring import Unresolved
from qtops.reports.checked.document import Common, common, encode
from qtops.reports.wiring.report import MapReport
from qtops.reports.wiring.rows import NameRow, Pair, UnitRow


class Document(Common, frozen=True, kw_only=True, tag_field="schema", tag="qtops.map/1"):
    """What ``qtops map -o json`` prints: what these commands share, one row per name and per unit from upstream to downstream,
    the verdict on each silent stream, and the commands whose name could not be told from source.
    """

    names: tuple[NameRow, ...]
    units: tuple[UnitRow, ...]
    silences: tuple[Silence, ...]
    pairs: tuple[Pair, ...]
    unresolved: tuple[Unresolved, ...]
    found: tuple[str, ...]
    control_plane: bool


def render(report: MapReport) -> str:
    """One line of JSON."""
    return encode(document(report))


def document(report: MapReport) -> Document:
    """The report in its published form."""
    return Document(
        **common(report),
        names=report.rows,
        units=report.units,
        silences=report.silences,
        pairs=report.pairs,
        unresolved=report.unresolved,
        found=report.found,
        control_plane=report.control_plane,
    )
