"""Whatever the bytes, nothing is raised, and no value of the environment is shown by accident."""

from hypothesis import given
from hypothesis import strategies as st

from qtops.unitfile import environment_file
from qtops.unitfile.environment import Account, effective
from qtops.unitfile.names import in_order, parse_name, unescape
from qtops.unitfile.reader import read
from qtops.unitfile.settings import _SERVICE, _UNIT
from qtops.unitfile.starting import processes
from qtops.unitfile.values import count, size, time_span
from qtops.unitfile.wildcards import matching
from tests.unitfile.files import MemoryFiles

NAME = parse_name("app@a-b.service")
PIECES = st.sampled_from(
    [b"[Service]\n", b"[Unit]\n", b"Environment=", b"ExecStart=", b"\\\n", b"\n", b"%", b"$A", b"${", b'"', b"'", b"\\x4",
    b"\xff", b"\0", b"\xef\xbb\xbf"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.binary(max_size=6)), max_size=30).map(b"".join)
SETTINGS = st.builds(
    lambda key, value: f"[{key[0]}]\n{key[1]}={value}\n[Service]\nExecStart=/bin/x $A\n".encode("utf-8", "surrogatepass"),
    st.sampled_from([("Service", key) for key in _SERVICE] + [("Unit", key) for key in (*_UNIT, "ConditionPathExists")]),
    st.text(max_size=30),
)


@given(TEXTS, TEXTS, TEXTS)
def test_units_and_files(unit, dropin, file):
    found = read(NAME, ("/u", unit), [("/d", dropin)])
    assert found.refused is None or found.refused.origin.line >= 1
    processes(found, MemoryFiles({"/e": file}), Account("app", "/home/app", "/bin/sh"))


@given(SETTINGS)
def test_every_setting_takes_any_value(unit):
    found = read(NAME, ("/u", unit))
    processes(found, MemoryFiles({}))


@given(TEXTS)
def test_environment_files(data):
    text = environment_file.parse("/e", data)
    assert all(1 <= item.origin.line <= data.count(b"\n") + data.count(b"\r") + 1 for item in text.diagnostics)


@given(st.text(max_size=40))
def test_single_values(text):
    assert time_span(text) is None or time_span(text) >= 0
    assert size(text) is None or size(text) >= 0
    assert count(text) is None or count(text) >= 0
    unescape(text)
    parse_name(text)
    in_order([text])
    matching(f"/{text}", MemoryFiles({f"/{text}": ""}))


@given(st.binary(min_size=6, max_size=12).map(lambda data: f"canary{data.hex()}"))
def test_no_value_is_shown(canary):
    lines = f'API_TOKEN={canary}\nAPI_TOKEN="{canary} "\nexport B={canary}\nB={canary} # x\nC="{canary}\n'
    unit = f'[Service]\nExecStart=/bin/x\nEnvironment="D={canary}" {canary} 1={canary} "{canary}\nEnvironment=D=2\n'
    unit += "EnvironmentFile=/e\n"
    unit += f"UnsetEnvironment=Z={canary} {canary}=\nPassEnvironment=-{canary}\n"
    found = read(NAME, ("/u", unit.encode()))
    environment = effective(found, MemoryFiles({"/e": lines}))
    said = [str(item) for item in (*found.diagnostics, *environment.diagnostics)]
    assert len(said) > 6
    assert canary not in "".join(said) + repr(found) + repr(environment) + repr(processes(found, MemoryFiles({"/e": lines})))
    assert environment.reveal()["API_TOKEN"] == f"{canary} "
