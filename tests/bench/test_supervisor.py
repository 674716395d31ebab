"""The supervisor's bars on a tiny scale. Times are not judged here."""

import pytest

from tests.bench import supervisor
from tests.bench.measuring import TINY
from tests.bench.results import Verdict
from tests.box.box import obstacle


@pytest.mark.slow
@pytest.mark.systemd
@pytest.mark.skipif(bool(obstacle()), reason=str(obstacle()))
def test_every_crash_is_measured():
    half, most, lost = supervisor.measure(TINY)

    assert 0.0 < half.value <= most.value
    assert "5 crashes of 20 units" in half.how
    assert lost.verdict is Verdict.MET
