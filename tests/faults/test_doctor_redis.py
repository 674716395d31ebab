"""A Redis that is down, hangs, hangs halfway, or wants another password: doctor says so within three seconds, and can be ended."""

import time
from collections.abc import Iterator

import pytest

from publisher.embedded import find_server
from tests.box.box import PYTHON, Box, NoBox
from tests.faults.doctoring import DOCTOR, ask, environment, prepared, settled
from tests.scenarios.ground import ASK

pytestmark = [pytest.mark.slow, pytest.mark.systemd]

PORT, LIMIT_S = 6390, 3.0
INTERRUPTED, TERMINATED = 130, 143
SECRET = "kestrel-password-fjord"
KEYS = 300
PROGRAM = "redis-program.service"
UNITS = {
    "server.service": f"[Service]\nExecStart={find_server()} --port {PORT} --bind 127.0.0.1 --save ''\n"
    f"ExecStartPost={PYTHON} /srv/ask.py {PORT}\n",
    PROGRAM: "[Service]\nEnvironmentFile=/etc/redis.env\nExecStart=/bin/sleep 1000\n",
}
CONFIGURATION = f"""symbols = [{", ".join(f'"S{n:03}"' for n in range(KEYS))}]
[[families]]
name = "f"
pattern = "f:{{symbol}}"
times = [{{field = "ts", interval_s = 3600, warn_s = 3600, critical_s = 3600}}]
[[services]]
name = "program"
unit = "{PROGRAM}"
families = ["f"]
"""


@pytest.fixture(scope="module")
def hospital() -> Iterator[Box]:
    try:
        with prepared(UNITS, {"/srv/ask.py": ASK, "/etc/redis.toml": CONFIGURATION}) as box:
            box.write("/etc/redis.env", f"REDIS_URL=redis://127.0.0.1:{PORT}/0\n", 0o600)
            box.systemctl("start", *UNITS)
            seed = "".join(f"HSET f:S{n:03} ts {time.time():.3f}\n" for n in range(KEYS))
            box.run(PYTHON, "/srv/ask.py", str(PORT), input=seed.encode())
            settled(box, *UNITS)
            yield box
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


@pytest.fixture
def hung(hospital: Box) -> Iterator[Box]:
    hospital.systemctl("kill", "-s", "STOP", "server.service")
    yield hospital
    hospital.systemctl("kill", "-s", "CONT", "server.service")


def looked(box: Box, *arguments: str, before: tuple[str, ...] = ()):
    """What doctor says of the program, and the codes of all that it found."""
    told = ask(box, "program", "--config", "/etc/redis.toml", "-o", "json", *arguments, before=before)
    assert told.document["took_s"] < LIMIT_S
    assert SECRET not in told.out + told.err
    result = told.results[PROGRAM]
    parts = [*filter(None, [result["root"]]), *result["path"], *result["symptoms"], *result["notes"]]
    return told.code, {finding["code"]: finding["summary"] for finding in parts}, result["unknown"]


def test_where_it_answers_all_is_well(hospital):
    assert looked(hospital) == (0, {}, [])


def test_it_is_down(hospital):
    hospital.systemctl("stop", "server.service")
    try:
        code, found, unknown = looked(hospital)
    finally:
        hospital.systemctl("start", "server.service")
    assert (code, found) == (2, {"REDIS201": f"Redis at redis://127.0.0.1:{PORT}/0 does not serve it: down"})
    assert unknown == [f"keys: Redis at redis://127.0.0.1:{PORT}/0 does not answer: down"]


def test_it_hangs(hung):
    code, found, unknown = looked(hung)
    assert (code, found) == (2, {"REDIS201": f"Redis at redis://127.0.0.1:{PORT}/0 does not serve it: hung"})
    assert unknown == [f"keys: Redis at redis://127.0.0.1:{PORT}/0 does not answer: hung"]


@pytest.mark.parametrize("after_s", [0.2, 0.3, 0.4])
def test_it_begins_to_hang_while_doctor_looks(hospital, after_s):
    stop = f'(sleep {after_s}; systemctl kill -s STOP server.service) & exec "$@"'
    try:
        code, found, _ = looked(hospital, before=("sh", "-c", stop, "sh"))
    finally:
        hospital.systemctl("kill", "-s", "CONT", "server.service")
    assert code in (0, 2, 3)
    assert set(found) <= {"REDIS201", "KEYS201"}


def test_it_wants_another_password(hospital):
    hospital.write("/etc/redis.env", f"REDIS_URL=redis://:{SECRET}@127.0.0.1:{PORT}/0\n", 0o600)
    hospital.run(PYTHON, "/srv/ask.py", str(PORT), input=b"CONFIG SET requirepass another\n")
    try:
        code, found, _ = looked(hospital)
    finally:
        hospital.run(PYTHON, "/srv/ask.py", str(PORT), input=b"AUTH another\nCONFIG SET requirepass ''\n")
        hospital.write("/etc/redis.env", f"REDIS_URL=redis://127.0.0.1:{PORT}/0\n", 0o600)
    assert (code, found["REDIS201"]) == (2, f"Redis at redis://127.0.0.1:{PORT}/0 does not serve it: wrong password")


@pytest.mark.parametrize(("signal", "code"), [("INT", INTERRUPTED), ("TERM", TERMINATED)])
def test_whoever_does_not_want_to_wait_ends_it(hung, signal, code):
    limited = ("timeout", "--preserve-status", "-s", signal, "0.8", *DOCTOR)
    given = ("program", "--config", "/etc/redis.toml", "--save", "/run/redis.json")
    done = hung.run(*limited, *given, check=False, env=environment())
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr in (b"", b"qtops: error: interrupted\n")
    assert not hung.host_path("/run/redis.json").exists()
    assert hung.text("sh", "-c", "pgrep -f '[q]tops doctor' || true") == ""
