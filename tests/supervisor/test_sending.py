"""Telling by apprise: against a server that takes it, refuses it, hangs, or is not there; and its URL is never said."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from qtops.errors import ConfigError
from qtops.settings import Endpoint
from qtops.supervisor.endpoints import SENDING, failure, tell_now
from qtops.supervisor.sending import Mail, deliver, read_url, without
from tests.supervisor.delivering import PLENTY, telling
from tests.supervisor.told import BEGAN_S, notice

pytestmark = pytest.mark.slow
SECRETS = ("s3cretpass", "tokentokentoken", "keykeykey")


class Service:
    """Something that takes notices over HTTP, in a manner that the test sets."""

    def __init__(self) -> None:
        self.got: list[dict] = []
        self.manner = "ok"
        self.ends = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if service.manner in ("hang", "slow"):
                    service.ends.wait(60 if service.manner == "hang" else 0.4)
                if service.manner != "hang":
                    service.got.append(json.loads(body))
                    self.send_response(500 if service.manner == "refuse" else 200)
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"json://anna:s3cretpass@127.0.0.1:{self.server.server_port}/tokentokentoken/?+X-Key=keykeykey"

    def close(self) -> None:
        self.ends.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def service() -> Iterator[Service]:
    it = Service()
    yield it
    it.close()


def kept(folder: Path, url: str, mode: int = 0o600) -> str:
    """The file of a URL."""
    path = folder / "url"
    path.write_text(url + "\n", "utf-8")
    path.chmod(mode)
    return str(path)


def chat(url_file: str, timeout_s: float = 20.0) -> Endpoint:
    return Endpoint(name="chat", url_file=url_file, timeout_s=timeout_s, most_per_hour=PLENTY)


def tell(url_file: str, timeout_s: float = 20.0, text: str = "it ended with 1") -> tuple[int, str]:
    """Exit code of the child, and what is said of it; nothing of the URL is in anything that it said."""
    endpoint = chat(url_file, timeout_s)
    ended = tell_now(endpoint, notice(text=text, endpoint="chat"), "qt-1", BEGAN_S + 60)
    said = ended.stdout + ended.stderr
    assert not any(secret.encode() in said for secret in SECRETS), said
    return ended.returncode, failure(ended, endpoint)


def test_it_is_delivered_as_plain_text(tmp_path, service):
    assert tell(kept(tmp_path, service.url), text="<!channel> & *bold* _it_ :smile: \\n &lt;b&gt;") == (0, "")
    (got,) = service.got
    assert got["title"] == "CRITICAL: acme.service on qt-1: No module named 'ai_engine'"
    lines = got["message"].splitlines()
    assert lines[0] == "CRITICAL: acme.service on qt-1, since 2026-02-17 06:06:03 UTC (1 min ago)"
    assert lines[2] == "‹!channel› & *bold* _it_ :smile: \\n & lt;b& gt;"
    assert got["type"] == "failure"


def test_a_service_that_refuses_is_tried_again_and_quoted(tmp_path, service):
    service.manner = "refuse"
    code, why = tell(kept(tmp_path, service.url))
    assert code == 75
    assert "500" in why


def test_a_service_that_is_slow_is_waited_for(tmp_path, service):
    service.manner = "slow"
    assert tell(kept(tmp_path, service.url)) == (0, "")


def test_a_service_that_hangs_is_given_up_in_time(tmp_path, service):
    service.manner = "hang"
    began_s = time.monotonic()
    _, why = tell(kept(tmp_path, service.url), timeout_s=1.0)
    assert why == "not done within 1 s, and killed"
    assert time.monotonic() - began_s < 5


def test_a_service_that_is_not_there_is_tried_again(tmp_path, service):
    url = service.url
    service.server.socket.close()
    code, why = tell(kept(tmp_path, url))
    assert code == 75
    assert why


@pytest.mark.parametrize(
    ("url", "mode", "why"),
    [
        (
            "json://127.0.0.1/tokentokentoken",
            0o640,
            "{file}: others may read it, and who has the URL can write there: chmod 0400 {file}",
        ),
        (
            "json://127.0.0.1/tokentokentoken",
            0o604,
            "{file}: others may read it, and who has the URL can write there: chmod 0400 {file}",
        ),
        (
            "nosuch://tokentokentoken/keykeykey",
            0o600,
            "{file}: apprise takes its URL for none of its services: https://appriseit.com",
        ),
        ("tokentokentoken", 0o600, "{file}: apprise takes its URL for none of its services: https://appriseit.com"),
        ("slack://bad", 0o600, "{file}: apprise takes its URL for none of its services: https://appriseit.com"),
        ("", 0o600, "{file}: wants one URL of apprise, such as slack://…, and nothing else"),
        (
            "json://tokentokentoken\njson://keykeykey",
            0o600,
            "{file}: wants one URL of apprise, such as slack://…, and nothing else",
        ),
    ],
)
def test_what_cannot_work_is_said_and_how_to_mend_it(tmp_path, url, mode, why):
    file = kept(tmp_path, url, mode)
    assert tell(file) == (78, why.format(file=file))


@pytest.mark.parametrize("make", [None, os.mkfifo, os.mkdir])
def test_a_file_that_is_none_is_not_waited_for(tmp_path, make):
    path = str(tmp_path / "url")
    if make:
        make(path, 0o700)
    with pytest.raises(ConfigError, match=r"No such file|not a regular file"):
        read_url(path)


def test_a_credential_of_systemd_may_show_a_right_of_its_group(tmp_path, monkeypatch):
    kept(tmp_path, "json://127.0.0.1", 0o440)
    with pytest.raises(ConfigError, match=r"\$CREDENTIALS_DIRECTORY is not set; the unit wants LoadCredential=url:"):
        read_url("%d/url")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_url("%d/url") == "json://127.0.0.1"


def test_without_apprise_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError, match=r"pip install 'qtops\[notify\]'"):
        deliver("json://127.0.0.1", Mail("/url", "warning", "t", "b"))


def test_no_part_of_the_url_is_said():
    url = "slack://bot@T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general?to=a%20secret%2Fname"
    said = "posting to /A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ of T1JJ3T3L2 and a secret/name failed, error=500"
    assert without(url, said) == "posting to /***/*** of *** and a ***/*** failed, error=500"


def test_the_child_says_nothing_but_its_one_line(tmp_path, service):
    service.manner = "refuse"
    mail = Mail(kept(tmp_path, service.url), "critical", "t", "b")
    environ = {"PATH": os.environ["PATH"], "PYTHONWARNINGS": "always"}
    child = subprocess.run(SENDING, input=msgspec.json.encode(mail), capture_output=True, env=environ, cwd="/", check=False)
    assert (child.returncode, child.stdout) == (75, b"")
    assert child.stderr.count(b"\n") == 1


def test_a_message_that_breaks_it_shows_no_traceback():
    child = subprocess.run(SENDING, input=b'{"url_file": 3}', capture_output=True, cwd="/", check=False)
    assert child.returncode not in (0, 75, 78)
    assert child.stderr.count(b"\n") == 1
    assert b"Traceback" not in child.stderr


def test_the_url_stands_neither_in_the_arguments_nor_in_the_environment_of_the_child(tmp_path, service):
    service.manner = "hang"
    with telling(tmp_path / "state", chat(kept(tmp_path, service.url))) as it:
        it.happen()
        it.round()
        (child,) = it.children._children.values()
        process = Path(f"/proc/{child.process.pid}")
        shown = process.joinpath("cmdline").read_bytes() + process.joinpath("environ").read_bytes()
        assert b"qtops.supervisor.sending" in shown
        assert not any(secret.encode() in shown for secret in SECRETS)
        on_record = b"".join(path.read_bytes() for path in tmp_path.glob("state/**/*") if path.is_file())
        assert not any(secret.encode() in on_record for secret in SECRETS)


@pytest.mark.slow
def test_the_supervisor_tells_by_it_and_tries_again(tmp_path, service):
    service.manner = "refuse"
    with telling(tmp_path / "state", chat(kept(tmp_path, service.url))) as it:
        it.happen(2)
        it.until(lambda: it.delivery.failed == 1)
        service.manner = "ok"
        it.now_s += 60
        it.until(it.all_told)
        assert not any(secret in line for line in it.reported for secret in SECRETS)
    assert [line.rpartition("\n")[2] for line in (got["message"] for got in service.got)] == [
        "(1-opened-1@chat)", "(1-opened-1@chat)", "(2-opened-1@chat)"
    ]  # fmt: skip


TAKES = """
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        with open("/srv/taken", "wb") as file:
            file.write(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
with open("/srv/port", "w") as file:
    file.write(str(server.server_port))
server.serve_forever()
"""
SHIPPED = Path(__file__).parents[2] / "deploy" / "qtops-supervisor.service"
OWN = re.compile(  # what the test replaces, and /tmp: this interpreter's packages may lie there
    r"^(?:Type|NotifyAccess|ExecStart|Restart\w*|WatchdogSec|User|Group|Environment|PrivateTmp|StateDir\w*|RuntimeDir\w*|Wants|After)=.*\n",
    re.MULTILINE,
)
SYSTEM_PYTHON = Path("/usr/bin/python3")


def same_python() -> bool:
    """Whether the system's own Python, which every account may run, takes the packages of this one."""
    asked = [str(SYSTEM_PYTHON), "-c", "import sys; print(sys.implementation.cache_tag)"]
    return SYSTEM_PYTHON.exists() and subprocess.check_output(asked, encoding="utf-8").strip() == sys.implementation.cache_tag


@pytest.mark.systemd
@pytest.mark.slow
@pytest.mark.skipif(not same_python(), reason="/usr/bin/python3 is of another version than this one")
def test_it_works_within_the_sandbox_of_the_shipped_unit(box):
    packages = f"{Path(__file__).parents[2]}:{Path(msgspec.__file__).parents[1]}"
    box.write("/srv/server.py", TAKES)
    box.unit("takes.service", f"[Service]\nExecStart={SYSTEM_PYTHON} /srv/server.py\n")
    ours = f"[Service]\nType=oneshot\nUser=nobody\nEnvironment=PYTHONPATH={packages}\nStandardInput=file:/srv/mail.json\n"
    ours += f"ExecStart={SYSTEM_PYTHON} -P -m qtops.supervisor.sending\n"
    box.unit("sends.service", OWN.sub("", SHIPPED.read_text("utf-8")).replace("[Service]\n", ours, 1))
    box.reload()
    box.systemctl("start", "takes.service")
    end_s = time.monotonic() + 10
    while not box.host_path("/srv/port").exists() and time.monotonic() < end_s:
        time.sleep(0.02)
    box.write("/srv/url", f"json://127.0.0.1:{box.read('/srv/port').decode()}/", 0o400)
    box.run("chown", "nobody", "/srv/url")
    box.write("/srv/mail.json", msgspec.json.encode(Mail("/srv/url", "critical", "from", "within")))
    box.systemctl("start", "sends.service")
    assert json.loads(box.read("/srv/taken"))["message"] == "within"
    box.systemctl("stop", "takes.service")


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file to another user")
def test_a_file_of_somebody_else_is_not_believed(tmp_path):
    path = kept(tmp_path, "json://127.0.0.1")
    os.chown(path, 65534, 65534)
    with pytest.raises(ConfigError, match="belongs to user 65534, who could put any URL there"):
        read_url(path)
