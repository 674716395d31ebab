"""Whatever systemd and the journal say, no check raises, and each says the same twice."""

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops.checks.registry import ROLES, judge_service
from qtops.facts.journal import JournalFacts
from qtops.facts.service import ChangedFile, ProcessFacts
from qtops.facts.unit import UnitState

from .services import BEGAN_S, ENDED_S, HEALTHY, NOW_S, host
from .starts import failing

WORDS = (
    "", "Found ordering cycle on x", "start operation timed out", "KeyError: 'URL'", "<frozen os>", "/usr/lib/python3.11/os.py",
    "PermissionError: [Errno 13] Permission denied: '/{x}'", "error: {no} %s", "loaded", "not-found", "masked", "bad-setting",
    "active", "inactive", "failed", "activating", "reloading", "running", "dead", "auto-restart", "success", "exit-code",
    "signal", "core-dump", "timeout", "watchdog", "oom-kill", "protocol", "resources", "start-limit-hit", "exec-condition",
    "simple", "notify", "forking", "oneshot", "no", "always", "on-failure", "on-abnormal", "enabled", "disabled", "static",
    "Requires", "BindsTo", "WantedBy", "TriggeredBy", "OnFailure", "dependency", "exited", "killed", "dumped", "ExecStart",
    "ExecStartPre", "[red]",
)  # fmt: skip
PLAIN = {
    str: st.sampled_from(WORDS) | st.text(max_size=12),
    int: st.integers(0, 300) | st.integers(0, 2**63),
    float: st.sampled_from((0.0, BEGAN_S, ENDED_S, NOW_S - 1, NOW_S)) | st.floats(-1e9, 1e13, allow_nan=False),
    bool: st.booleans(),
    NoneType: st.none(),
}


def anything(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type of facts, made of words that systemd uses and of others."""
    if kind in PLAIN:
        return PLAIN[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in {Union, UnionType}:
        return st.one_of(map(anything, arguments))
    if origin is tuple:
        return st.lists(anything(arguments[0]), max_size=3).map(tuple)
    fields = {name: anything(hint) for name, hint in get_type_hints(kind).items()}
    return st.fixed_dictionaries(fields).map(lambda values: kind(**values))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    anything(UnitState),
    st.none() | anything(JournalFacts),
    st.none() | anything(ProcessFacts),
    anything(tuple[ChangedFile, ...]),
    st.sampled_from((HEALTHY.start, failing("missing"), None)),
)
def test_no_check_raises(unit, journal, process, changed, start):
    facts = replace(HEALTHY, unit=unit, journal=journal, process=process, changed=changed, start=start, source_changed_s=NOW_S)
    found = judge_service(facts, host(facts))
    for finding in found:
        assert finding.summary
        assert finding.evidence
        assert finding.remedy
        assert finding.code in ROLES
    assert found == judge_service(msgspec.json.decode(msgspec.json.encode(facts), type=type(facts)), host(facts))
