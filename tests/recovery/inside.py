"""Restart a unit in the box and watch it: ``python -m … UNIT`` takes what to watch from stdin, and prints what was seen."""

import subprocess
import sys
import threading
import time
from typing import Any

import msgspec

from qtops.collectors.doctor import Request, look_at
from qtops.facts.recovery import Proof
from qtops.recovery.observing import observe, patience, verify
from qtops.recovery.proof import is_decided, prove
from qtops.settings import Settings


class Asked(msgspec.Struct):
    """What to watch. ``meanwhile`` is run so long after the restart."""

    settings: Settings
    codes: tuple[str, ...] = ("UNIT205",)
    patience_s: float | None = None
    meanwhile: tuple[str, ...] = ()
    after_s: float = 0.0


class Told(msgspec.Struct):
    """What was seen, and how long that took from the restart on."""

    proof: Proof
    seconds: float
    looks_s: list[float]
    samples: int
    unasked: int  # samples for which systemd gave no answer
    ages_s: list[float]
    pids: list[int]
    host: str


def main(unit: str) -> None:
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    request, took = Request(names=(unit,), settings=asked.settings), list[float]()
    before = look_at(request, lambda *_: None).services[0]
    restarted_s, began = time.time(), time.monotonic()
    subprocess.run(["systemctl", "restart", unit], check=False, capture_output=True)
    if asked.meanwhile:
        threading.Timer(asked.after_s, subprocess.run, [asked.meanwhile]).start()

    def enough(seen: Any) -> bool:
        took.append(time.monotonic() - began)
        return is_decided(prove(before, seen, asked.codes, asked.settings))

    if asked.patience_s is None:
        seen, proof = verify(request, before, asked.codes, restarted_s, lambda *_: None)
    else:
        settle_s = next((known.settle_s for known in asked.settings.services if known.unit == unit), 5.0)
        given = min(asked.patience_s, patience(before, asked.settings))
        seen = observe(request, before, restarted_s, settle_s, given, lambda *_: None, enough)
        proof = prove(before, seen, asked.codes, asked.settings)
    told = Told(
        proof=proof,
        seconds=time.monotonic() - began,
        looks_s=took,
        samples=len(seen.samples),
        unasked=sum(sample.unit is None for sample in seen.samples),
        ages_s=[sample.at_s - restarted_s for sample in seen.samples],
        pids=list(seen.pids),
        host=seen.host,
    )
    sys.stdout.buffer.write(msgspec.json.encode(told))


if __name__ == "__main__":
    main(sys.argv[1])
