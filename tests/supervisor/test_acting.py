"""What acting came to, in words."""

import json

import pytest

from qtops.supervisor.acting import outcome
from qtops.supervisor.children import Ended

UNIT = "app.service"
SYSTEMCTL = b"Job for qtops-recover@app.service failed because the control process exited with error code.\nSee the journal.\n"


def ended(returncode: int = 0, stdout: bytes = b"", stderr: bytes = b"", *, timed_out: bool = False) -> Ended:
    return Ended("recover", returncode, stdout, stderr, 3.0, timed_out)


@pytest.mark.parametrize(
    ("came", "told"),
    [
        (ended(stdout=json.dumps({"outcome": "verified"}).encode()), ("verified", "")),
        (ended(), ("verified", "")),  # through a unit of root's
        (ended(1, stderr=SYSTEMCTL), ("failed", SYSTEMCTL.decode().splitlines()[0])),
        (ended(timed_out=True), ("not known", "it had not ended after 3 s")),
        (ended(-9), ("broken off", "signal 9 ended the command; `qtops recover app.service --resume` ends what it has begun")),
    ],
)
def test_what_a_recovery_came_to(came, told):
    found = outcome(came, UNIT)
    assert (found.outcome, found.why) == told
