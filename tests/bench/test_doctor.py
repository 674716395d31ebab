"""Doctor's bars on a tiny scale: what can be counted exactly. Times are not judged here."""

import pytest

from tests.bench import doctor, preflight
from tests.bench.measuring import TINY
from tests.bench.results import Verdict
from tests.box.box import NoBox

KEYS = 40


@pytest.mark.slow
@pytest.mark.systemd
def test_fifty_services_and_their_keys_take_three_child_processes_at_most():
    try:
        with doctor.fleet(KEYS) as box:
            counts = {way: doctor.children(box, way, KEYS) for way in doctor.WAYS}
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")
    assert {way: (result.verdict, result.how) for way, result in counts.items()} == {
        "pystemd": (Verdict.MET, "journalctl, journalctl"),
        "systemctl": (Verdict.MET, "systemctl, journalctl, journalctl"),
    }


def test_where_there_is_no_pyright_the_reason_is_given(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(preflight.NotThere, match="not on PATH"):
        preflight.pyright(tmp_path, install=False)
    assert TINY.rounds < preflight.SLOW_ROUNDS
