"""Lines for a unit: whatever is written is read back as it was, by the reader here and by systemd itself."""

import json
from posixpath import normpath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qtops.remedies.unit_lines import assigned, is_plain_path, is_writable, path_line
from qtops.unitfile.environment import effective
from tests.unitfile.files import MemoryFiles
from tests.unitfile.reading import service

ODD = st.text(st.sampled_from("ab/: %$\"'\\\\é;#=*[]{}~") | st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(ODD.filter(is_writable))
@example("/a%%n:/%h")
def test_a_variable_is_read_back(value):
    assert effective(service(assigned("PYTHONPATH", value)), MemoryFiles({})).reveal()["PYTHONPATH"] == value


@given(ODD.map(lambda text: f"/srv/{text}").filter(is_plain_path))
def test_a_path_is_read_back(path):
    read = service("\n".join((path_line("WorkingDirectory", path), path_line("EnvironmentFile", path))))
    assert normpath(read.working_directory.value.path) == normpath(path)
    assert [item.value for item in read.environment_files] == [normpath(path)]


@pytest.mark.parametrize("value", ["", "a\nb", "a\x00", "\udcff", "a\u202eb"])
def test_what_no_line_can_hold(value):
    assert not is_writable(value)


@pytest.mark.parametrize("path", ["srv", "/srv/a ", "/srv/a*", "/srv/[a]", "/srv/a?", "/srv/a\\x20", "/srv/a\tb"])
def test_what_no_setting_of_a_path_can_hold(path):
    assert not is_plain_path(path)


@pytest.mark.systemd
def test_systemd_reads_the_same(box):
    values = ["/a b:/c", "/100%d", "/q\"uo'te", "/back\\slash", "/$HOME/${X}", "/é;#=", "/a%%n"]
    names = [f"V{number}" for number in range(len(values))]
    shown = "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k[0] == 'V' and k[1:].isdigit()}))"
    box.write("/srv/unit-lines/100% here/show.py", shown)
    lines = [*map(assigned, names, values), path_line("WorkingDirectory", "/srv/unit-lines/100% here")]
    lines += ["ExecStart=/usr/bin/python3 show.py", "StandardOutput=file:/srv/unit-lines/out.json", "Type=oneshot"]
    box.write("/etc/systemd/system/unit-lines.service", "\n".join(("[Service]", *lines, "")))
    box.run("systemctl", "daemon-reload")
    box.run("systemctl", "start", "unit-lines.service")
    assert json.loads(box.read("/srv/unit-lines/out.json")) == dict(zip(names, values, strict=True))
