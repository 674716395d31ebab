"""Drop-ins: which are read, in which order, and what is fatal in one of them; held against a real systemd."""

import pytest

from qtops.unitfile.diagnostics import Effect
from qtops.unitfile.names import dropin_directories, in_order, parse_name
from qtops.unitfile.reader import read

pytestmark = pytest.mark.systemd

NAME = "order-of-things@x.service"
DROPINS = {
    "/etc/systemd/system/order-of-things@x.service.d/50-a.conf": "A=etc-instance",
    "/run/systemd/system/order-of-things@x.service.d/50-a.conf": "A=run-instance",
    "/run/systemd/system/order-of-things@x.service.d/10-b.conf": "B=run-instance",
    "/etc/systemd/system/order-of-things@.service.d/50-a.conf": "A=etc-template",
    "/etc/systemd/system/order-of-things@.service.d/60-c.conf": "C=etc-template",
    "/usr/lib/systemd/system/order-of-@.service.d/90-d.conf": "D=prefix",
    "/etc/systemd/system/order-@.service.d/90-d.conf": "D=shorter-prefix",
    "/etc/systemd/system/order-.service.d/90-d.conf": "D=plain-prefix",
    "/etc/systemd/system/order-@x.service.d/95-e.conf": "E=prefix-of-the-instance",
    "/etc/systemd/system/other-.service.d/95-e.conf": "E=another-prefix",
    "/etc/systemd/system/service.d/96-h.conf": "H=all-services",
    "/usr/lib/systemd/system/order-.service.d/96-h.conf": "H=the-prefix-first",
    "/etc/systemd/system/order-of-things@x.service.d/.hidden.conf": "F=hidden",
    "/etc/systemd/system/order-of-things@x.service.d/50-g.txt": "G=not-a-conf",
    "/etc/systemd/system/order-of-things@x.service.d/B.conf": "C=upper-case-comes-first",
    "/etc/systemd/system/order-of-things@x.service.d/a.conf": "C=lower-case-comes-later",
}


@pytest.fixture
def files(box):
    """Write files into the box, have them read, and take them away afterwards."""
    written = []

    def write(texts):
        for path, text in texts.items():
            box.write(path, text)
            written.append(path)
        box.reload()

    yield write
    box.remove(written)
    box.reload()


def candidates(name, present):
    """Drop-ins of the name among the files, in the order in which ``in_order`` wants them."""
    return [path for directory in dropin_directories(name) for path in present if path.rpartition("/")[0] == directory]


def test_the_same_drop_ins_are_read_in_the_same_order(box, files):
    texts = {path: f"[Service]\nEnvironment={value}\n" for path, value in DROPINS.items()}
    unit = "/etc/systemd/system/order-of-things@.service"
    files({unit: "[Service]\nExecStart=/bin/true\nEnvironment=A=unit\n", **texts})
    name = parse_name(NAME)
    chosen = in_order(candidates(name, texts))
    assert list(chosen) == box.properties(NAME, "Unit")["DropInPaths"]
    found = read(name, (unit, box.read(unit)), [(path, texts[path].encode()) for path in chosen])
    environment = {variable.name: variable.value.reveal() for variable in found.environment}
    assert {f"{name}={value}" for name, value in environment.items()} == set(box.properties(NAME)["Environment"])
    assert environment["A"] == "etc-instance"


FATAL = ["ExecStart=relative/path", "WorkingDirectory=relative", "User=no:pe", "[Broken", "Environment=A=\udcff"]


@pytest.mark.parametrize("line", FATAL)
def test_what_is_fatal_in_a_unit_only_cuts_a_drop_in_short(box, files, line):
    text = f"[Service]\nEnvironment=BEFORE=1\n{line}\nEnvironment=AFTER=1\n"
    unit = "/etc/systemd/system/cut-short.service"
    dropin = f"{unit}.d/a.conf"
    files({unit: "[Service]\nExecStart=/bin/true\n", dropin: text})
    assert box.properties("cut-short.service", "Unit")["LoadState"] == "loaded"
    found = read(parse_name("cut-short.service"), (unit, box.read(unit)), [(dropin, box.read(dropin))])
    assert found.refused is None
    assert [(item.origin.line, item.effect) for item in found.diagnostics] == [(3, Effect.CUT)]
    assert [variable.name for variable in found.environment] == ["BEFORE"]
    assert box.properties("cut-short.service")["Environment"] == ["BEFORE=1"]


@pytest.mark.parametrize("line", FATAL)
def test_in_the_unit_itself_it_is_refused(box, files, line):
    unit = "/etc/systemd/system/refused-unit.service"
    files({unit: f"[Service]\nExecStart=/bin/true\n{line}\n"})
    assert box.properties("refused-unit.service", "Unit")["LoadState"] in {"bad-setting", "error"}
    found = read(parse_name("refused-unit.service"), (unit, box.read(unit)))
    assert found.refused.origin.line == 3
