"""``python -m tests.scenarios``: boot a box, make every scenario's service sick, and have doctor say what is wrong with each.

    python -m tests.scenarios [--settle | --record] [NAME...]

Prints one line per scenario and exits 1 where anything differs from what the catalogue says. ``--settle`` stops before the
diagnosis and prints what systemd says of each; ``--record`` keeps what doctor looked at for the tests (tests/data/bundles).
"""

import gzip
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.box.box import Box, NoBox
from tests.scenarios.asking import BUNDLE, NoAnswer, ask_bundle, ask_live
from tests.scenarios.catalogue import SCENARIOS
from tests.scenarios.environment import CANARY
from tests.scenarios.installing import SHOWN, Unsettled, prepared
from tests.scenarios.judging import misses, root_of
from tests.scenarios.scenario import Scenario

USAGE_ERROR, NOT_HERE = 64, 3


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks for; its exit status."""
    options = {word for word in arguments if word.startswith("-")}
    names = [word for word in arguments if not word.startswith("-")]
    chosen = [each for each in SCENARIOS if not names or each.name in names]
    if len(options) > 1 or options - {"--settle", "--record"} or len(chosen) < len(names):
        print(__doc__, file=sys.stderr)
        return USAGE_ERROR
    began = time.monotonic()
    try:
        with prepared(chosen) as (box, shown):
            say(f"{len(shown)} scenarios in their states after {time.monotonic() - began:.1f} s")
            if "--settle" in options:
                table([("scenario", *SHOWN), *((name, *map(state.__getitem__, SHOWN)) for name, state in shown.items())])
                return 0
            return diagnosed(box, chosen, keep="--record" in options)
    except NoBox as why:
        say(f"no booted systemd to try this on: {why}")
        return NOT_HERE
    except (Unsettled, NoAnswer) as why:
        say(str(why))
        return 1


def diagnosed(box: Box, scenarios: Sequence[Scenario], *, keep: bool) -> int:
    """Ask doctor live and from its bundle, print what it says, and how that differs from the catalogue."""
    began = time.monotonic()
    live = ask_live(box, scenarios)
    say(f"doctor looked at all of them in {time.monotonic() - began:.1f} s")
    saved = box.read(BUNDLE)
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder, Path(BUNDLE).name)
        bundle.write_bytes(saved)
        replayed = ask_bundle(bundle)
        if keep:
            from tests.scenarios.recording import record

            say(f"kept {record(bundle, scenarios)}")
    rows, wrong = [("scenario", "expected", "live", "bundle", "ok")], dict[str, list[str]]()
    for each in scenarios:
        answers = [answer.results.get(each.service) for answer in (live, replayed)]
        wrong[each.name] = list(dict.fromkeys(miss for answer in answers for miss in misses(each, answer)))
        rows.append((each.name, each.root or "-", *map(root_of, answers), "no" if wrong[each.name] else "yes"))
    table(rows)
    for name, complaints in wrong.items():
        print("".join(f"{name}: {complaint}\n" for complaint in complaints), end="")
    right = sum(not complaints for complaints in wrong.values())
    leaks = [what for what, text in (("the report", live.text), ("the bundle", gzip.decompress(saved).decode())) if CANARY in text]
    print(f"{right} of {len(scenarios)} as they should be" + (f"; a secret is in {' and '.join(leaks)}" if leaks else ""))
    return int(right < len(scenarios) or bool(leaks))


def table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def say(text: str) -> None:
    """Talk, which is no data."""
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
