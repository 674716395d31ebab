"""It holds what is no number, no time or no price.

What it is: a field of the proposal or of its market state holds text, NaN, an infinity or digit groups where a number belongs, or a
price that is not above 0; or the key is no hash at all.

Why it matters: `float` takes most of that, and every comparison with NaN is false: an age that is NaN is never too old, and a stop
at 0 is never hit.

What to do: find the writer, and have it refuse what it cannot compute. Readers must not use these levels.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from publisher.codec import Refused
from qtops.checks.proposals.fleet import Fleet, is_fresh
from qtops.checks.proposals.view import Fault, View, number
from qtops.facts.text import printable, quoted
from qtops.findings import Check, Doubt, Finding, Severity

CHECK = Check("PROPOSAL115", "It holds what is no number, no time or no price", Severity.CRITICAL, ("proposals",), role="symptom")
NAMED: Final = 10  # fields that are named
REMEDY: Final = "Find the writer of that field; the publisher's log says what it refuses"
POSITION: Final = "find its writer: `redis-cli HGETALL quantum:state:positions:{symbol}`"
SIZES: Final = ("position_amt", "entry_price", "current_price")
WRONG_TYPE: Final = "Find who writes there: `redis-cli TYPE {key}`, `redis-cli OBJECT IDLETIME {key}`"


def check(fleet: Fleet) -> Iterator[Finding | Doubt]:
    """One finding per proposal; a doubt where an input is there and cannot be read."""
    for reading in fleet.readings:
        refused = [line for line in reading.unread if line.count(": ") > 1]  # "what: state: detail"; a document just does not say
        if reading.present and refused:
            yield CHECK.doubt(reading.symbol, f"could not be read: {'; '.join(refused)}")
        if reading.present is None and reading.trouble == "wrong_type":
            yield CHECK.finding(reading.symbol, f"{reading.key}: {reading.detail}", (), WRONG_TYPE.format(key=reading.key))
    for view in fleet.views:
        if isinstance(view.position, Refused) and is_fresh(view, fleet):
            yield CHECK.doubt(
                view.symbol, f"its position cannot be read: {view.position.reason}: {printable(view.position.detail)}"
            )
        if view.faults:
            told = [f"{_named(fault)} is {quoted(fault.text)}, which {fault.why}" for fault in view.faults[:NAMED]]
            told += [f"and {len(view.faults) - NAMED} more"] if len(view.faults) > NAMED else []
            yield CHECK.finding(view.symbol, told[0], (*told[1:], *_times(view)), REMEDY)


def _is_plain(position: Mapping[str, str]) -> bool:
    """Whether it holds what the publisher reads, in its own dialect: nearly always, and it need not be decoded then."""
    return position.get("side") in {"LONG", "SHORT"} and all(number(position.get(name, "")) for name in SIZES)


def _named(fault: Fault) -> str:
    return fault.field if fault.of == "proposal" else f"{fault.field} of its {fault.of}"


def _times(view: View) -> Iterator[str]:
    if view.said("computed_at_utc") and view.computed_at_s is not None:
        yield f"computed at {view.said('computed_at_utc')}"
