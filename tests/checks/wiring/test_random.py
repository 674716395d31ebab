"""Fleets that chance makes: a healthy one yields nothing, and one thing that is made sick is found, and nothing besides."""

from random import Random

import pytest
from msgspec.structs import replace

from qtops.checks.wiring.names import bare
from qtops.facts.wiring import WiringFacts

from .maps import fleet, found, ghost, off, reads, stream, unit, writes

WORDS = (
    *("policy", "update", "apply", "plan", "trade", "intent", "harvest", "proposal", "market", "state", "risk", "event", "signal"),
    *("score", "model", "train", "exit", "entry", "order", "fill", "position", "snapshot", "ledger", "heat", "gate", "portfolio"),
    *("budget", "regime", "price", "candle", "funding", "volume", "depth", "news", "alert", "close", "open", "reduce", "hedge"),
)
FIELDS = ("symbol", "side", "qty", "price", "sigma", "mu", "reason", "score", "version", "at", "sl", "tp", "leverage")
UNITS = 40


def healthy(random: Random) -> WiringFacts:
    """Streams and hashes, each with a writer and one or two readers; a name's words are its own."""
    names = set[str]()
    while len(names) < UNITS:
        one, two = random.sample(WORDS, 2)
        names.add(random.choice([f"app:stream:{one}.{two}", f"app:{one}:{two}:<symbol>", f"app:{one}:{two}"]))
    units, streams = [], []
    for number, name in enumerate(sorted(names)):
        fields = random.sample(FIELDS, 4)
        units.append(unit(f"w{number}", writes("", name, *fields)))
        read = name.replace("<symbol>", random.choice(["<symbol>", "<s>", "BTCUSDT", "<key>"]))
        units += [
            unit(f"r{number}{letter}", reads("", read, *fields[: 1 + random.randrange(4)])) for letter in "ab"[: 1 + number % 2]
        ]
        if "stream" in name and random.random() < 0.5:
            streams.append(stream(name, "g", age_s=random.choice([1, 7200])) if random.random() < 0.8 else ghost(name, "g"))
    random.shuffle(units)
    return fleet(*units, streams=tuple(streams))


def slip(random: Random, name: str) -> str:
    """The name as a hand may mistype it."""
    start, separator, last = name.removesuffix(":<symbol>").rpartition(":")
    end = name[len(start + separator + last) :]
    at = random.randrange(1, len(last) - 1)
    mistyped = random.choice(
        [
            f"{last}s",
            f"{last}_",
            last[:at] + last[at + 1] + last[at] + last[at + 2 :],
            last[:at] + last[at + 1 :],
            f"{last[:at]}{last[at]}{last[at:]}",
            last.upper(),
            last[:-2],
        ]
    )
    return random.choice([f"{start}{separator}{mistyped}{end}", f"{start}{separator}{mistyped}{end}", name.removeprefix("app:")])


@pytest.mark.parametrize("seed", range(30))
def test_a_healthy_fleet_yields_nothing(seed):
    assert found(healthy(Random(seed))) == {}


@pytest.mark.parametrize("seed", range(40))
def test_a_writer_that_is_off_is_found_and_nothing_besides(seed):
    random = Random(seed)
    facts = healthy(random)
    sick = random.choice([each for each in facts.units if each.unit.startswith("w")])
    units = tuple(replace(each, **off(active_state="failed", result="exit-code")) if each is sick else each for each in facts.units)
    (key,) = found(replace(facts, units=units, streams=None))
    assert bare(key) == bare(f"WIRING106 {sick.ends[0].name}")


def renamed(facts: WiringFacts, random: Random) -> tuple[WiringFacts, str, str]:
    """One writer whose name was mistyped; the right name and the wrong one."""
    while True:
        sick = random.choice([each for each in facts.units if each.unit.startswith("w")])
        right = sick.ends[0].name
        wrong = slip(random, right)
        if wrong not in {end.name for each in facts.units for end in each.ends}:
            break
    ends = (replace(sick.ends[0], name=wrong),)
    return replace(facts, units=tuple(replace(u, ends=ends) if u is sick else u for u in facts.units), streams=None), right, wrong


@pytest.mark.slow
def test_nineteen_of_twenty_mistyped_names_are_paired_and_the_others_are_found_without_their_pair():
    paired, alone, silent = 0, 0, 0
    for seed in range(300):
        random = Random(seed)
        facts, right, _ = renamed(healthy(random), random)
        codes = {key.split()[0] for key in found(facts)}
        paired += "WIRING103" in codes
        alone += "WIRING103" not in codes and bool(codes & {"WIRING101", "WIRING102"})
        silent += not codes
        assert "WIRING104" not in codes, right
    assert silent == 0
    assert paired >= 0.95 * 300, (paired, alone)
