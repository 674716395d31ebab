"""Hostile text wherever a service can put some: description, names of files, log, errors, status, what its Redis answers."""

import re
import time
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

import msgspec
import pytest

from qtops.reports.doctor.document import Document
from tests.box.box import PYTHON, NoBox
from tests.cli.running import qtops
from tests.faults.doctoring import FORMATS, Told, ask, prepared, settled
from tests.reports.doctor.test_markdown import shape

pytestmark = [pytest.mark.slow, pytest.mark.systemd]

MARK: Final = "EVIL"  # beside all of it, so that it can be found again
NASTY: Final = (
    f"{MARK} \x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]8;;http://evil\x1b\\link \x9b35m \x9d0;x\x9c [red]markup[/red] | a bar ``` "
    "`tick` ~~~ @user #1 <b>bold</b> <!-- &lt; ![i](http://evil) \u202egnp.exe\u202c \u200b\u2028 \x08\x07"
)
NAME: Final = f"{MARK} \x1b[31m[red] | `x` @user \u202e.py"
SHADOW: Final = f"shadow {NAME}"
DROP_IN: Final = f"{MARK} [red] | `x` @user.conf"
HARMFUL: Final = re.compile(r"[^\n -~\u00a1-\u200a\u2010-\u2027\u2030-\u205f\u2070-\ufefe\uff00-\ufffd\U00010000-\U000dffff]")
COLOR: Final = re.compile(r"\x1b\[(?:\d{1,2}(?:;\d{1,2})*)?m")
LONG: Final = 1 << 20  # characters of a line
LARGEST: Final = 200_000  # characters of a report on all of them
FAILS: Final = f"""import sys
sys.stdout.buffer.write(({NASTY!r} + "\\0\\r\\n").encode() + b"\\xff\\xfe{MARK}\\n")
sys.stdout.flush()
raise RuntimeError({NASTY!r} + "\\nsecond line\\r\\0")
"""
LOGS: Final = f"""import sys
for _ in range(30):
    print("ERROR " + {NASTY!r})
sys.exit({NASTY!r})
"""
LINES: Final = f"""import sys
print("{MARK}" + "x" * {LONG})
print("ERROR | ``` " * {LONG // 12})
sys.stdout.flush()
raise ValueError("[red]" + "\\x1b[31m" * {LONG // 5} + "{MARK}")
"""
IMPORTS: Final = f"""import sys  # {NASTY}
sys.path.insert(0, "/srv/hostile/{SHADOW.encode("unicode_escape").decode()}")  # {NASTY}
from pkg.real import thing
"""
STATUS: Final = f"""import os
import socket
import time
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
    text = b"READY=1\\nSTATUS=" + {NASTY!r}.encode()
    manager.sendto(text, os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1))
time.sleep(1000)
"""
REDIS: Final = f"""import socketserver

class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline():
            self.wfile.write(b"-ERR " + {NASTY!r}.encode() + b"\\r\\n")

with socketserver.ThreadingTCPServer(("127.0.0.1", 6398), Talk) as server:
    server.serve_forever()
"""


def unit(script: str, *lines: str) -> str:
    return "\n".join((
        "[Unit]", f"Description={NASTY}", f"Documentation={NASTY}", "[Service]", f'Environment="NAME={NASTY.replace(chr(8), "")}"',
        f"Nonsense={NASTY}", f"RestartSec={NASTY}", *lines, f"ExecStart={PYTHON} {script}", "[Install]",
        "WantedBy=multi-user.target", "",
    ))  # fmt: skip


SERVICES: Final = {
    "hostile-fails.service": unit("/srv/hostile/fails.py"),
    "hostile-logs.service": unit("/srv/hostile/logs.py"),
    "hostile-lines.service": unit("/srv/hostile/lines.py"),
    "hostile-imports.service": unit(f'"/srv/hostile/{NAME}"', "Environment=REDIS_URL=redis://127.0.0.1:6398/0"),
    "hostile-status.service": unit("/srv/hostile/status.py", "Type=notify", f'EnvironmentFile="-/etc/{NAME}"'),
    "hostile-file.service": unit(f'"/srv/none/{NAME}"', f'EnvironmentFile="/etc/{NAME}"', f'WorkingDirectory="/srv/{NAME}"'),
    "hostile-account.service": unit("/srv/hostile/logs.py", f"User={NAME}", f"Requires={NAME}"),
    "hostile-redis.service": unit("/srv/hostile/status.py", "Type=notify", f'Environment="REDIS_URL=redis://{NAME}/0"'),
    "hostile-bytes.service": b"[Service]\nExecStart=/bin/sh -c 'exit 3' \xff\xfe\x1b[31m\nDescription=\xff\n\xff=\x80\n",
}  # fmt: skip
SERVER: Final = {"redis-hostile.service": f"[Service]\nExecStart={PYTHON} /srv/redis.py\n"}
FILES: Final = {
    "/srv/hostile/fails.py": FAILS,
    "/srv/hostile/logs.py": LOGS,
    "/srv/hostile/lines.py": LINES,
    "/srv/hostile/status.py": STATUS,
    f"/srv/hostile/{NAME}": IMPORTS,
    f"/srv/hostile/{SHADOW}/pkg/__init__.py": "",
    "/srv/redis.py": REDIS,
}


@pytest.fixture(scope="module")
def looked() -> Iterator[tuple[dict[str, Told], bytes]]:
    """What doctor prints of all of them, by format, also in colours, and the bundle."""
    try:
        with prepared({**SERVICES, **SERVER}, FILES) as box:
            for name in (*SERVER, *SERVICES):
                box.write(f"/etc/systemd/system/{name}.d/{DROP_IN}", f"[Service]\nNonsense={NASTY}\n")
            box.write(f"/etc/systemd/system/hostile-status.service.d/{NAME}.conf", "[Service]\n")
            box.reload()
            for name in (*SERVER, *SERVICES):
                box.systemctl("start", "--no-block", name, check=False)
            time.sleep(1)
            settled(box, *SERVICES)
            asked = {form: ask(box, *SERVICES, "-v", "-o", form, "--save", f"/run/{form}.json") for form in FORMATS}
            asked["color"] = ask(box, *SERVICES, "-v", FORCE_COLOR="1")
            yield asked, box.read("/run/json.json")
    except NoBox as why:
        pytest.skip(f"no booted systemd to test against: {why}")


@pytest.fixture(scope="module")
def reports(looked: tuple[dict[str, Told], bytes]) -> dict[str, Told]:
    return looked[0]


@pytest.mark.parametrize("form", FORMATS)
def test_no_control_character_gets_through(reports, form):
    told = reports[form]
    assert sorted(set(HARMFUL.findall(told.out + told.err))) == []
    assert told.code == 2
    assert MARK in told.out
    assert len(told.out) < LARGEST
    assert told.seconds < 10


def test_colours_are_ours_alone(reports):
    assert COLOR.search(reports["color"].out)
    assert sorted(set(HARMFUL.findall(COLOR.sub("", reports["color"].out)))) == []
    assert "[red]markup[/red]" in reports["color"].out


def test_the_json_is_as_its_schema_says(reports):
    document = msgspec.json.decode(reports["json"].out, type=Document)
    assert [result.subject for result in document.results] == list(SERVICES)
    roots = {result.subject.removeprefix("hostile-").removesuffix(".service"): result.root for result in document.results}
    assert {name: root and root.code for name, root in roots.items()} == {
        "fails": "LOG201", "logs": "LOG203", "lines": "LOG201", "imports": "IMPORT101", "status": None, "file": "UNIT113",
        "account": "UNIT113", "redis": "UNIT112", "bytes": "UNIT113",
    }  # fmt: skip
    assert "[31m" not in roots["fails"].summary
    (unread,) = next(result.unknown for result in document.results if result.subject == "hostile-status.service")
    assert unread.startswith("/etc/systemd/system/hostile-status.service.d/EVIL \\x1b[31m[red] | `x` @user \\u202e.py.conf: ")


def test_in_markdown_all_of_it_is_code(reports):
    shown = shape(reports["markdown"].out)
    assert [text for kind, _, text in shown if MARK in text or "@user" in text or "http" in text] == []
    assert {kind for kind, _, _ in shown} & {"html_block", "html_inline", "link_open", "image", "s_open", "list_item_open"} == set()
    headings = [
        text for (kind, tag, _), (_, _, text) in zip(shown, shown[2:], strict=False) if (kind, tag) == ("heading_open", "h2")
    ]
    assert len(headings) == len(SERVICES)


def test_junit_is_xml_with_one_case_for_each(reports):
    (suite,) = ET.fromstring(reports["junit"].out)
    assert [case.get("name") for case in suite.findall("testcase")] == list(SERVICES)
    assert MARK in "".join(failure.text or "" for failure in suite.iter("failure"))


def test_nagios_gets_one_status_line_with_one_bar(reports):
    first, *others = reports["nagios"].out.splitlines()
    assert re.fullmatch(r"CRITICAL: [^|]+ \| \S[^|]*", first)
    assert [line for line in others if "|" in line] == []


def test_a_bundle_shows_none_of_it(tmp_path, looked):
    saved = tmp_path / "bundle.json"
    saved.write_bytes(looked[1])
    for arguments in (("show", saved), ("show", saved, "-o", "json"), ("diff", saved, saved)):
        shown = qtops("bundle", *map(str, arguments))
        assert (shown.returncode, sorted(set(HARMFUL.findall(shown.stdout + shown.stderr)))) == (0, [])
