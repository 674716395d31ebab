"""A publisher that runs, and keeps fresh what is not real: doctor does not call that healthy, live or from a bundle."""

import sys
from collections.abc import Iterator

import pytest

from publisher.embedded import find_server
from tests.box.box import PYTHON, Box, NoBox
from tests.faults.doctoring import Told, ask, environment, prepared, settled
from tests.scenarios.ground import ASK

pytestmark = [pytest.mark.slow, pytest.mark.systemd]

PORT = 6390
RISK = "quantum-risk-proposal.service"
UNITS = {
    "server.service": f"[Service]\nExecStart={find_server()} --port {PORT} --bind 127.0.0.1 --save ''\n"
    f"ExecStartPost={PYTHON} /srv/ask.py {PORT}\n",
    RISK: f"[Service]\nEnvironment=REDIS_URL=redis://127.0.0.1:{PORT}/0\nExecStart=/bin/sleep 1000\n",
}
CONFIGURATION = 'symbols = ["S00000", "S00001"]\n'
PUBLISH = f"from tests.bench.proposals import Market; Market('redis://127.0.0.1:{PORT}/0', 2)"


@pytest.fixture(scope="module")
def house() -> Iterator[Box]:
    try:
        with prepared(UNITS, {"/srv/ask.py": ASK, "/etc/risk.toml": CONFIGURATION}) as box:
            box.systemctl("start", *UNITS)
            settled(box, *UNITS)
            yield box
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


def publish(box: Box, commands: str = "") -> None:
    """What the publisher writes, made now; and then these commands."""
    box.run(sys.executable, "-c", PUBLISH, env=environment())
    if commands:
        box.run(PYTHON, "/srv/ask.py", str(PORT), input=commands.encode())


def looked(box: Box, *arguments: str) -> Told:
    return ask(box, "risk-proposal", "--config", "/etc/risk.toml", "-o", "json", *arguments)


def codes(told: Told) -> tuple[str, set[str]]:
    """The code of the root, and of all else."""
    (result,) = told.document["results"]
    root = result["root"]
    return root["code"] if root else "", {finding["code"] for part in ("path", "symptoms", "notes") for finding in result[part]}


def test_proposals_that_are_right_are_no_finding(house: Box) -> None:
    publish(house)
    told = looked(house)
    root, others = codes(told)
    simulated = {"PROPOSAL116"}  # so they are, and say so
    assert not {code for code in (root, *others) if code.startswith("PROPOSAL")} - simulated, told.out
    assert told.code == 0
    assert told.seconds < 3


def test_one_that_runs_and_is_fresh_and_not_real_has_that_as_its_root(house: Box) -> None:
    publish(house, "".join(f"HSET quantum:risk:proposal:{name} position_source synthetic\n" for name in ("S00000", "S00001")))
    told = looked(house, "--save", "/run/seen.json")
    assert told.code == 2
    assert codes(told)[0] == "PROPOSAL107"
    (result,) = told.document["results"]
    assert result["condition"] == "runs"
    assert "FRESH, NOT REAL: 2 of 2 proposals (S00000, S00001)" in result["root"]["summary"]

    again = ask(house, "--from", "/run/seen.json", "-o", "json")
    assert (again.code, codes(again)) == (told.code, codes(told))


def test_one_that_is_down_keeps_its_root(house: Box) -> None:
    publish(house, "HSET quantum:risk:proposal:S00000 position_source synthetic\n")
    house.systemctl("stop", RISK)
    try:
        root, others = codes(looked(house))
    finally:
        house.systemctl("start", RISK)
    assert not root.startswith("PROPOSAL")
    assert "PROPOSAL107" in others | {root}
