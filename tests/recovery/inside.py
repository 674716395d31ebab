"""Restart units in the box and watch them, all at the same time: ``python -m …`` reads what to watch, and prints what was seen."""

import subprocess
import sys
import threading
import time
from multiprocessing import get_context

import msgspec

from qtops.collectors.doctor import Request, look_at
from qtops.facts.recovery import Observed, Proof
from qtops.proof.effect import is_decided, prove
from qtops.recovery.observing import observe, verify
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
    unasked: int  # samples for which systemd gave no answer
    ages_s: list[float]
    pids: tuple[int, ...]
    host: str


def watch(unit: str, asked: Asked) -> Told:
    request, took = Request(names=(unit,), settings=asked.settings), list[float]()
    before = look_at(request, lambda *_: None).services[0]
    restarted_s, began = time.time(), time.monotonic()
    subprocess.run(["systemctl", "restart", unit], check=False, capture_output=True)
    if asked.meanwhile:
        threading.Timer(asked.after_s, subprocess.run, [asked.meanwhile]).start()

    def enough(seen: Observed) -> bool:
        took.append(time.monotonic() - began)
        return is_decided(prove(before, seen, asked.codes, asked.settings))

    if asked.patience_s is None:
        seen, proof = verify(request, before, asked.codes, restarted_s, lambda *_: None)
    else:
        settle_s = asked.settings.services[0].settle_s
        seen = observe(request, before, restarted_s, settle_s, asked.patience_s, lambda *_: None, enough)
        proof = prove(before, seen, asked.codes, asked.settings)
    return Told(
        proof=proof,
        seconds=time.monotonic() - began,
        looks_s=took,
        unasked=sum(sample.unit is None for sample in seen.samples),
        ages_s=[sample.at_s - restarted_s for sample in seen.samples],
        pids=seen.pids,
        host=seen.host,
    )


def main() -> None:
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=dict[str, Asked])
    with get_context("fork").Pool(len(asked)) as pool:
        told = pool.starmap(watch, asked.items(), chunksize=1)
    sys.stdout.buffer.write(msgspec.json.encode(dict(zip(asked, told, strict=True))))


if __name__ == "__main__":
    main()
