"""``python -m tests.fleet``: lay the fleet out, map it, and print what was found of each kind, what was not, and the two rates."""

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher.embedded import private_server
from tests.fleet.catalogue import FLEET, LIVE
from tests.fleet.measuring import Score, facts_of, furnish, score


def main() -> int:
    """Measure without a Redis and with one; 1 where a bar is missed."""
    with TemporaryDirectory() as folder:
        without = score(FLEET, facts_of(Path(folder), FLEET))
    with TemporaryDirectory() as folder, private_server() as server:
        furnish(server.url, (*FLEET, *LIVE))
        joined = score((*FLEET, *LIVE), facts_of(Path(folder), (*FLEET, *LIVE), server.url))
    for title, measured in (("source alone", without), ("joined with Redis", joined)):
        print(f"\n{title}\n{shown(measured)}")
    return 0 if all(measured.passes for measured in (without, joined)) else 1


def shown(measured: Score) -> str:
    """A table by kind of fault, what was missed by name, and the rates."""
    found = Counter(fault.kind for _, fault in measured.found)
    planted = found + Counter(fault.kind for _, fault in measured.overlooked)
    lines = [f"  {kind:<12} {found[kind]:>3} of {count}" for kind, count in sorted(planted.items())]
    lines += [f"  overlooked: {case.name}: {fault.kind} on {', '.join(fault.subjects)}" for case, fault in measured.overlooked]
    lines += [f"  without reason: {finding.code} {finding.subject}: {finding.summary}" for finding in measured.false]
    lines += [f"  unresolved, and not told: {unit}" for unit in measured.untold]
    lines += [f"  misjudged: {line}" for line in measured.misjudged]
    lines.append(
        f"  recall {measured.recall:.1%}, false alarms {measured.false_alarms:.1%} of {measured.healthy_names} healthy names"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
