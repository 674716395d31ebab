"""Whatever is observed, in whatever order and with whatever in it: nothing raises, and what is made holds together."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops.findings import Finding, Severity, Verdict
from qtops.incidents import Diagnosed, Died, Hold, Outcome, Reached, Spoke, Standing, Stands
from qtops.policy.deciding import decide

from .builders import NOW_S, SETTINGS, Kept

SUBJECTS = st.sampled_from(("a.service", "b.service", "redis://h/0", ""))
WORDS = st.sampled_from(("", "loaded", "masked", "active", "failed", "inactive", "auto-restart", "success", "start")) | st.text(
    max_size=9
)
TIMES = st.sampled_from((0.0, NOW_S - 1, NOW_S, NOW_S + 9_999)) | st.floats(-1e18, 1e18)
COUNTS = st.integers(0, 2**40)
FINDINGS = st.builds(
    Finding, st.sampled_from(("IMPORT101", "PROCESS201", "LOG201", "UNIT211", "REDIS201", "X")), st.sampled_from(Severity),
    SUBJECTS, st.text(max_size=30), st.tuples(st.text(max_size=9)), st.text(max_size=9),
)  # fmt: skip
FOUND = st.lists(FINDINGS, max_size=3).map(tuple)
DOUBTS = st.lists(st.text(max_size=9), max_size=2).map(tuple)
CONDITIONS = st.sampled_from(("runs", "starts", "failed", "restarts", "does not run", "rests", "not loaded", "unknown"))
SEEN: Any = st.one_of(
    st.builds(
        Died, unit=SUBJECTS, invocation=st.text(max_size=3), at_s=TIMES, noticed_s=TIMES, status=COUNTS, result=WORDS,
        code=st.sampled_from(("", "exited", "killed", "dumped")),
    ),
    st.builds(
        Stands, unit=SUBJECTS, at_s=TIMES, load_state=WORDS, active_state=WORDS, sub_state=WORDS, result=WORDS, main_pid=COUNTS,
        n_restarts=COUNTS, since_s=st.none() | TIMES, restart=WORDS, job=WORDS, stopped=st.booleans(),
        start_limit_s=st.floats(0, 1e14),
    ),
    st.builds(Outcome, unit=SUBJECTS, at_s=TIMES, findings=FOUND, doubts=DOUBTS, redis=SUBJECTS),
    st.builds(Reached, redis=SUBJECTS, at_s=TIMES, trouble=WORDS, units=st.lists(SUBJECTS, max_size=5).map(tuple)),
    st.builds(Spoke, unit=SUBJECTS, at_s=TIMES, signature=st.text(max_size=9), line=st.text(max_size=9)),
    st.builds(
        Diagnosed, unit=SUBJECTS, at_s=TIMES, verdict=st.sampled_from(Verdict), condition=CONDITIONS, state=st.text(max_size=9),
        root=st.none() | FINDINGS, symptoms=FOUND, unknown=DOUBTS,
    ),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(SEEN, st.sampled_from((-4_000.0, 0.0, 0.5, 40.0, 700.0))), max_size=40), st.data())
def test_any_order_of_observations(seen, data):
    kept, now_s, stands, looked = Kept(), NOW_S, {}, {}
    for one, wait_s in seen:
        now_s += wait_s
        for change in (*kept.see(one, now_s), *kept.tick(now_s)):
            assert change.text.isprintable()
            assert change.incident.title
            assert (
                change.incident.last_s <= now_s
                or wait_s < 0
                or change.event in {"noted", "diagnosed", "reminded", "clear", "resolved"}
            )
        if isinstance(one, Stands):
            stands[one.unit] = one
        if isinstance(one, Diagnosed):
            looked[one.unit] = one
        for incident in kept.open:
            standing = Standing(
                unit=incident.unit, stands=stands.get(incident.unit), incident=incident,
                restarts=tuple(data.draw(st.lists(TIMES, max_size=3))), recovered_s=data.draw(st.none() | TIMES),
                hold=Hold(unit=incident.unit, until_s=data.draw(TIMES), why=one.__class__.__name__, by="\x1b", made_s=now_s),
                auto_recover=("IMPORT101",),
            )  # fmt: skip
            for standing_so in (standing, replace(standing, hold=None), replace(standing, down=("x",))):
                assert len(decide(standing_so, looked.get(incident.unit), SETTINGS, now_s)) <= 1
