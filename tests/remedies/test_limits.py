"""Start limits: the lines that are offered make a limit that trips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops.diagnose import diagnose
from qtops.facts.journal import Run
from qtops.findings import Severity
from qtops.remedies.offered import besides, remedies
from tests.checks.services import BEGAN_S, HEALTHY, down, host, journal
from tests.checks.starts import findings, limits
from tests.collectors.units import unit

from .offers import diagnosed, mended, seen, sick


def offers(service, condition="failed"):
    (note,) = findings("UNIT110", service.start)
    return besides(diagnosed(note, root=None, path=(), notes=(note,), condition=condition), service, host(service))


def limited(**changes):
    return replace(down(), start=limits(**changes))


@given(
    st.floats(0.1, 86_400), st.integers(1, 500), st.floats(1, 100_000), st.floats(0, 3_600), st.sampled_from(("", "app.service:3"))
)
def test_the_limit_that_is_written_trips(pause_s, burst, interval_s, run_s, misplaced):
    service = limited(restart_s=pause_s, burst=burst, interval_s=interval_s, misplaced=misplaced)
    service = journal(service, runs=(Run("a" * 32, BEGAN_S, BEGAN_S + run_s),))
    if not findings("UNIT110", service.start):
        return
    ((remedy,),) = offers(service)
    interval, stated = (int(line.partition("=")[2]) for line in remedy.changes[0].lines)
    assert stated * (pause_s + min(run_s, 60)) < interval
    assert stated == burst
    assert findings("UNIT110", limits(restart_s=pause_s, burst=stated, interval_s=float(interval))) == []


def test_it_goes_into_the_section_where_systemd_reads_it(tmp_path):
    service = sick(tmp_path, unit("StartLimitIntervalSec=300", "StartLimitBurst=5", RestartSec="10"))
    ((remedy,),) = offers(service)
    assert remedy.changes[0].section == "Unit"
    assert "stands in [Service]" in remedy.why
    assert "systemd.unit(5)" in remedy.why
    assert mended(tmp_path, remedy) == []
    limit = seen(str(tmp_path)).restart
    assert limit.burst * limit.restart_s < limit.interval_s


@pytest.mark.parametrize("condition", ["runs", "failed", "restarts"])
def test_no_process_is_restarted_for_it(condition):
    ((remedy,),) = offers(limited(interval_s=10.0), condition)
    assert remedy.verb == ""


def test_of_a_service_that_is_well_otherwise_it_is_the_root():
    facts = host(replace(HEALTHY, start=limits(interval_s=10.0)))
    (diagnosis,) = diagnose(facts)
    ((remedy,),) = remedies(diagnosis, facts.services[0], facts)
    assert (remedy.name, besides(diagnosis, facts.services[0], facts)) == ("correct-start-limit", ())


def test_of_a_unit_that_states_no_limit_nothing_is_offered():
    (note,) = findings("UNIT110", limits(interval_s=10.0, limit_stated=False))
    assert note.severity is Severity.INFO
    assert offers(limited(interval_s=10.0, limit_stated=False)) == ()
