"""Names of units, and what specifiers make of them."""

import pytest

from qtops.unitfile.names import UnitName, dropin_directories, in_order, parse_name, unescape
from qtops.unitfile.specifiers import BadSpecifier, Specifiers


def test_names_have_a_prefix_an_instance_and_a_type():
    assert parse_name("app.service") == UnitName("app", None, "service")
    assert parse_name("app@x-1.timer") == UnitName("app", "x-1", "timer")
    assert parse_name("app@.service").is_template
    assert str(parse_name("a@b@c.service")) == "a@b@c.service"


@pytest.mark.parametrize(
    "text", ["", "app", "a b.service", "app.servce", "é.service", "/app.service", "x" * 250 + ".service", "@x.service"]
)
def test_what_is_no_name(text):
    assert parse_name(text) is None


def test_escapes():
    assert unescape(r"a-b\x2dc") == "a/b-c"
    assert unescape(r"a\b") is None


def test_directories_of_drop_ins():
    assert dropin_directories(parse_name("a-b@c.service"), ["/e"]) == [
        "/e/a-b@c.service.d", "/e/a-b@.service.d", "/e/a-.service.d", "/e/a-@c.service.d", "/e/a-@.service.d", "/e/service.d"
    ]  # fmt: skip


def test_drop_ins_are_read_by_file_name_and_the_first_of_a_name_counts():
    assert in_order(["/e/x.d/b.conf", "/e/x.d/a.conf", "/r/x.d/b.conf", "/e/x.d/.c.conf", "/e/x.d/d"]) == (
        "/e/x.d/a.conf",
        "/e/x.d/b.conf",
    )


SPECIFIERS = Specifiers(parse_name(r"my-app@a-b\x2dc.service"), "/etc/systemd/system/my-app@.service")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("%n", r"my-app@a-b\x2dc.service"), ("%N", r"my-app@a-b\x2dc"), ("%p", "my-app"), ("%P", "my/app"), ("%i", r"a-b\x2dc"),
        ("%I", "a/b-c"),
        ("%j", "app"), ("%J", "app"), ("%f", "/a/b-c"), ("%y", "/etc/systemd/system/my-app@.service"), ("%Y",
        "/etc/systemd/system"),
        ("%h", "/root"), ("%u%U", "root0"), ("%t%S", "/run/var/lib"), ("%C%L%E", "/var/cache/var/log/etc"), ("%%i", "%i"),
        ("50%", "50%"), ("%!", "%!"),
        ("%d", r"/run/credentials/my-app@a-b\x2dc.service"),
    ],
)  # fmt: skip
def test_specifiers(text, value):
    assert SPECIFIERS.expand(text).text == value
    assert SPECIFIERS.expand(text).unknown == ()


def test_what_only_the_host_knows_stays_unless_the_caller_knows_it():
    assert SPECIFIERS.expand("%H-%n").unknown == ("%H",)
    assert Specifiers(SPECIFIERS.name, known={"H": "box"}).expand("%H").text == "box"


def test_what_systemd_cannot_resolve():
    for text, in_name in (("%Z", False), ("%f", True), ("%1", False)):
        with pytest.raises(BadSpecifier):
            SPECIFIERS.expand(text, in_name=in_name)
    with pytest.raises(BadSpecifier, match="cannot be unescaped"):
        Specifiers(parse_name(r"a\b.service")).expand("%P")
