"""What chapters show of a service: its unit, its keys, its restart policy, and what it takes."""

import pytest
from msgspec.structs import replace

from qtops.chapters import baseline as baselines
from qtops.chapters import published_keys, unit_status
from qtops.chapters.looks import Look, look
from qtops.evidence.case import Case
from qtops.evidence.citing import Citing
from qtops.evidence.document import Levels, Section, Table, Verbatim
from qtops.evidence.numbering import recorded
from qtops.evidence.splitting import split
from qtops.facts.service import Missing
from qtops.facts.unit import RelatedUnit
from tests.chapters.cases import FOUNDING, SUBJECT, pieces, report, section, seen, service, unit


def at(name: str, case: Case = FOUNDING) -> Look:
    """One look of a case."""
    found = look(case, name, Citing(recorded(split(case))))
    assert found is not None
    return found


def shown(*blocks) -> str:
    """Blocks as text."""
    return "\n".join(text for text, _ in pieces(Section("", blocks)))


def test_the_head_of_a_unit_has_what_systemctl_status_shows():
    case = unit(
        "now", description="Risk", memory_bytes=18_769_510, memory_max_bytes=536_870_912, cpu_s=75.0, tasks=3, tasks_max=99,
        drop_ins=("/etc/systemd/system/app.service.d/a.conf",), status_text="ready", invocation_id="",
    )  # fmt: skip
    lines = unit_status.head(at("now", case)).text.split("\n")
    assert lines[0] == f"● {SUBJECT} - Risk"
    assert [line.strip() for line in lines[1:]] == [
        "Loaded: loaded (/etc/systemd/system/quantum-risk-proposal.service; disabled)",
        "Drop-In: /etc/systemd/system/app.service.d/a.conf",
        "Active: active (running) since 2026-11-23 12:55:43 UTC (32 s ago)",
        "Main PID: 187", "NRestarts: 0", "Tasks: 3 (limit: 99)", "Memory: 17.9 MiB (max: 512.0 MiB), of its control group",
        "CPU: 1 min 15 s, since its start", 'Status: "ready"',
    ]  # fmt: skip


def test_a_unit_that_could_not_be_read_says_why_and_what_would_tell():
    case = seen("now", unit=None, missing=(Missing("systemd", "no answer within 5 s"),))
    text = shown(unit_status.head(at("now", case)))
    assert text.startswith(f"could not tell: how `{SUBJECT}` was: systemd: no answer within 5 s")
    assert f"`systemctl status {SUBJECT}`" in text


def test_a_service_without_a_process_had_none():
    text = shown(unit_status.process(at("before")))
    assert text.startswith("It had no main process in the look `before`")


def test_of_many_keys_the_worst_are_shown_and_the_rest_counted():
    keys = service("now").keys
    many = tuple(replace(keys[0], subject=f"S{number}", key=f"quantum:risk:proposal:S{number}") for number in range(100))
    stale = replace(many[99], values=(None, "2026-02-17T06:57:12"))
    (table,) = [published_keys.ages(at("now", seen("now", keys=(*many[:99], stale))))]
    assert isinstance(table, Table)
    assert table.rows[0].cells[:2] == ("`quantum:risk:proposal:S99`", "STALE")
    assert table.rows[0].tone == "bad"
    assert len(table.rows) == published_keys.SHOWN + 1
    assert "60 more keys" in table.rows[-1].cells[1]


def test_levels_that_are_not_to_be_placed_are_marked_in_the_publishers_words():
    proposals = service("now").proposals
    (first,) = proposals.looks
    crossed = replace(first.readings[0], fields=first.readings[0].fields | {"proposed_sl": "11", "proposed_tp": "10.5"})
    case = seen("now", proposals=replace(proposals, looks=(replace(first, readings=(crossed, *first.readings[1:])),)))
    levels = published_keys.levels(at("now", case))
    assert isinstance(levels, Levels)
    assert set(levels.levels[0].wrong.split(", ")) >= {"bracket_crossed", "stop_breached"}
    assert "1 of 3 levels are not to be placed." in section(report(case), "Keys in Redis")


def test_a_key_that_never_expires_is_said_to_be_one():
    sample = published_keys.sample(at("before"))
    assert isinstance(sample, Verbatim)
    assert sample.caption.endswith("it never expires")


def test_keys_that_could_not_be_read_say_why():
    case = seen("now", keys=(), missing=(Missing("keys", "NOAUTH", "redis.password_file"),))
    text = shown(published_keys.ages(at("now", case)))
    assert "keys: NOAUTH (redis.password_file) (`qtops verify freshness` would tell)" in text


def test_what_moved_is_told_of_two_looks_and_never_as_a_rate():
    text = shown(*published_keys.movement((at("after"), at("now"))))
    assert "| +30 s" in text
    assert "| stood still" in text
    gone = seen("now", keys=tuple(replace(key, present=False, values=(None, None)) for key in service("now").keys))
    assert "| absent" in shown(*published_keys.movement((at("after"), at("now", gone))))
    assert shown(*published_keys.movement((at("now"),))).startswith("could not tell: whether what it publishes moves")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"restart": "no"}, "`Restart=no`: systemd does not start it again after a failure."),
        ({"interval_s": 0.0}, "and no start limit: it is started again for ever."),
        ({"restart_s": 60.0}, "5 × 1 min = 5 min of pauses, and as long as its runs last. That is no less than the interval"),
        ({"restart_s": 10.0}, "5 × 10 s = 50 s of pauses, and as long as its runs last. If runs and pauses together stay within"),
        ({"restart_s": None}, "its `RestartSec=` is not known."),
        ({"related": (RelatedUnit("OnFailure", "alert@app.service"),)}, "`OnFailure=` starts `alert@app.service`."),
    ],
)
def test_the_restart_policy_is_arithmetic(changes, told):
    assert told in section(report(unit("now", **changes)), "Restart policy")


def test_an_uptime_is_not_made_of_clocks_that_contradict_each_other():
    case = unit("now", active_enter_s=FOUNDING.now.taken_at_s + 3600)
    assert "Uptime | could not tell: a clock was set" in shown(*baselines.baseline(at("now", case)))


def test_a_look_at_another_host_is_none():
    case = replace(FOUNDING, now=replace(FOUNDING.now, host="other"))
    assert look(case, "now", Citing(())) is None
