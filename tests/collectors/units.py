"""A healthy service on a healthy host, on disk; a test replaces lines of its unit and files of its tree."""

from collections.abc import Mapping
from pathlib import Path

from qtops.checks.registry import judge
from qtops.collectors.preflight import Request, look_at
from qtops.facts.preflight import StartFacts
from qtops.findings import Finding
from tests.preflight_trees import PYTHON, VENV, host

APP = "/srv/app"
FOLDER = "/etc/systemd/system"
LINES = {
    "Unit": {"Description": "An application", "Requires": "redis.service", "OnFailure": "alert@%n.service"},
    "Service": {
        "Type": "simple",
        "User": "qt",
        "Group": "qt",
        "WorkingDirectory": APP,
        "EnvironmentFile": "/etc/quantum/risk-proposal.env",
        "Environment": "PYTHONUNBUFFERED=1",
        "ExecStart": f"{PYTHON} {APP}/main.py",
        "Restart": "always",
        "RestartSec": "1",
        "StandardOutput": "journal",
    },
    "Install": {"WantedBy": "multi-user.target"},
}
SERVICE = "import time\n\nimport redis\nfrom lib.rules import check\n\nwhile True:\n    check(redis)\n    time.sleep(1)\n"
TREE: Mapping[str, str] = {
    f"{APP}/main.py": SERVICE,
    f"{APP}/lib/__init__.py": "",
    f"{APP}/lib/rules.py": "def check(client): ...\n",
    f"{VENV}/lib/python3.11/site-packages/redis/__init__.py": "class Redis: ...\n",
    f"{FOLDER}/redis.service": "[Service]\nUser=qt\nExecStart=/usr/bin/redis-server\nExecReload=/usr/bin/redis-server\n",
    "/usr/bin/redis-server": "\x7fELF",
    "/var/log/journal/.keep": "",
}


def unit(*more: str, without: tuple[str, ...] = (), **changes: str) -> str:
    """The text of the unit: settings replaced by name, lines added to the end of [Service]."""
    text = ""
    for section, lines in LINES.items():
        kept = {key: changes.pop(key, value) for key, value in lines.items() if key not in without}
        text += f"[{section}]\n" + "".join(f"{key}={value}\n" for key, value in kept.items())
        if section == "Service":
            text += "".join(f"{line}\n" for line in more)
    assert not changes, changes
    return text


def lay(root: Path, text: str, files: Mapping[str, str] | None = None, name: str = "app.service", **options: object) -> str:
    """The host with the unit on it."""
    return host(root, {**TREE, **(files or {}), f"{FOLDER}/{name}": text}, **options)  # type: ignore[arg-type]


def start(root: str, name: str = "app.service", *, assume: bool = False) -> StartFacts:
    """The facts of one unit."""
    return look_at(Request(root=root, units=(f"{root}{FOLDER}/{name}",), assume_installed=assume), lambda *_: None).starts[0]


def looked(root: Path, text: str, files: Mapping[str, str] | None = None, **options: object) -> list[Finding]:
    """What the checks say of the unit on the host."""
    name = str(options.pop("name", "app.service"))
    return list(judge(start(lay(root, text, files, name, **options), name)))
