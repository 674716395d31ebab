"""What a scenario is: a unit and what stands around it, how it is brought into its state, and what a diagnosis has to say of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.box.box import PYTHON

State = Mapping[str, str]
"""Properties of ``systemctl show``, each with the regular expression that its value has to match as a whole."""

RUNNING: State = {"ActiveState": "active", "SubState": "running"}
DEAD: State = {"ActiveState": "inactive", "SubState": "dead"}
VENV = "/opt/quantum/venvs/ai-engine"  # has redis-py
STAY = "import time\n\nprint('ready', flush=True)\nwhile True:\n    time.sleep(60)\n"
NOTIFY = """import os
import socket
import time


def notify(text):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.sendto(text.encode(), os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1))


"""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One service. It is NAME.service, and all its files carry its name: scenarios stand side by side in one box.

    The way into its state: ``files`` are written, ``prepare`` is run, systemd loads all units once, ``start`` is started without
    waiting; as soon as the service is as ``first`` has it, ``then`` is run; it is in its state when it is as ``until`` has it.
    """

    name: str
    unit: str | bytes = ""  # empty: there is no unit file, or ``prepare`` makes one
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    prepare: Sequence[str] = ()  # shell lines, as root in the box
    enabled: bool = True  # wanted by multi-user.target: systemd forgets what nobody wants as soon as it is inactive
    start: Sequence[str] | None = None  # None: the service itself
    first: State = field(default_factory=dict)
    then: Sequence[str] = ()
    until: State = field(default_factory=lambda: RUNNING)

    root: str | None = None  # the code of the root; None: there is none
    verdicts: Sequence[str] = ()  # one of these; empty: whatever follows from the findings
    says: Sequence[str] = ()  # in the summary or the evidence of the root; without a root, of any finding
    further: Sequence[str] = ()  # codes that have to be told besides the root
    clear: Sequence[str] = ()  # codes that must not be told
    unit_name: str = ""

    @property
    def service(self) -> str:
        """The unit that doctor is asked about."""
        return self.unit_name or f"{self.name}.service"

    @property
    def started(self) -> Sequence[str]:
        """The units that are started for it."""
        return (self.service,) if self.start is None else self.start


def matches(shown: Mapping[str, str], state: State) -> bool:
    """Whether the properties of a unit are as a state has them."""
    return all(re.fullmatch(pattern, shown.get(name, "")) for name, pattern in state.items())


def failed(status: int | str = 1, result: str = "exit-code", **more: str) -> State:
    """Failed for good, with the status or signal of its main process."""
    return {"ActiveState": "failed", "Result": result, "ExecMainStatus": str(status), **more}


def service(*lines: str, head: Sequence[str] = ()) -> str:
    """The text of a unit that is to be enabled."""
    return "\n".join(["[Unit]", *head, "", "[Service]", *lines, "", "[Install]", "WantedBy=multi-user.target", ""])


def python(
    name: str, source: str, *lines: str, head: Sequence[str] = (), files: Mapping[str, str | bytes] | None = None, **rest: Any
) -> Scenario:
    """A service whose program is /srv/NAME/main.py, below which ``files`` are; ``lines`` go into [Service]."""
    main = f"/srv/{name}/main.py"
    beside = {path if path.startswith("/") else f"/srv/{name}/{path}": text for path, text in (files or {}).items()}
    unit = service(*lines, f"ExecStart={PYTHON} {main}", head=head)
    return Scenario(**{"name": name, "unit": unit, "files": {main: source, **beside}, **rest})


def venv(path: str, packages: str = "") -> tuple[str, ...]:
    """Shell lines that make a virtual environment of the box's own Python, with the contents of a folder in its site-packages."""
    made = (f"{PYTHON} -m venv --without-pip {path}",)
    return (*made, f"cp -r {packages}/. {path}/lib/python3*/site-packages/") if packages else made
