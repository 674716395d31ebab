"""What may stand for a service on a command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtops.collectors.systemd.names import BadName, service_name, service_pattern, template_of
from qtops.unitfile.names import parse_name


@pytest.mark.parametrize(
    ("given_name", "full"),
    [
        ("risk-proposal", "risk-proposal.service"),
        ("risk-proposal.service", "risk-proposal.service"),
        ("app.v2", "app.v2.service"),
        ("app@1", "app@1.service"),
        ("app@a\\x2db.service", "app@a\\x2db.service"),
    ],
)
def test_a_name_is_completed(given_name, full):
    assert service_name(given_name) == full


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("--all", "is an option"),
        ("-.service", "is an option"),
        ("app.timer", "is a timer: name a service"),
        ("app@", "is a template, of which only instances run: name one, such as app@NAME"),
        ("/etc/systemd/system/a.service", "is no name of a unit"),
        ("a b", "is no name of a unit"),
        ("a;reboot", "is no name of a unit"),
        ("$(reboot)", "is no name of a unit"),
        ("", "is no name of a unit"),
        ("a\x1b[31m", "is no name of a unit"),
        ("a" * 300, "is no name of a unit"),
    ],
)
def test_what_no_service_is_called_is_refused(name, why):
    with pytest.raises(BadName, match=why):
        service_name(name)


@given(st.text(max_size=40))
def test_a_name_is_a_services_name_or_is_refused_in_printable_words(text):
    try:
        name = service_name(text)
    except BadName as refusal:
        name = ""
        assert str(refusal).isprintable()  # noqa: PT017  (not every text is refused)
    assert not name or (parse_name(name).type == "service" and not name.startswith("-"))


def test_patterns_are_of_services():
    assert [service_pattern(text) for text in ("acme-*", "a?.service", "x@*")] == ["acme-*.service", "a?.service", "x@*.service"]
    for text in ("-*", "a b*", "a;*", "*/x", ""):
        with pytest.raises(BadName, match="is no pattern"):
            service_pattern(text)


def test_an_instance_has_a_template():
    assert [template_of(name) for name in ("x@1.service", "x@.service", "x.service", "")] == ["x@.service", "", "", ""]
