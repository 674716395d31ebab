"""A real systemd for tests: booted once in namespaces of its own, and driven from here (see ``boot`` beside this file)."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

_BOOT = Path(__file__).with_name("boot")
_TOOLS = ("unshare", "nsenter", "setpriv", "dbus-daemon", "journalctl", "systemctl", "busctl", "/lib/systemd/systemd")
_SYSTEMD = "org.freedesktop.systemd1"
UNITS = "/etc/systemd/system"
PYTHON = "/usr/bin/python3"  # what a unit with User= may execute: the interpreter of the tests is often below /root
_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "SYSTEMD_COLORS": "0"}


class NoBox(Exception):
    """There is no box here; the text says why."""


@dataclass
class Box:
    """One booted systemd. Paths are the box's own; what is written stays in the box and is lost with it."""

    pid: int

    def run(self, *command: str, check: bool = True, timeout: float = 60, **options: Any) -> subprocess.CompletedProcess[bytes]:
        """Run a command as root beside systemd. ``options`` are those of ``subprocess.run``."""
        enter = ["nsenter", "-t", str(self.pid), "-m", "-u", "-i", "-n", "-p", "-C", "--", *command]
        given = {"env": _ENVIRONMENT, "capture_output": True, **options}
        done = subprocess.run(enter, check=False, timeout=timeout, **given)
        if check and done.returncode:
            raise AssertionError(f"{command} exited {done.returncode}: {(done.stderr or b'').decode(errors='replace')}")
        return done

    def text(self, *command: str, check: bool = True) -> str:
        """Standard output of a command."""
        return self.run(*command, check=check).stdout.decode("utf-8", "surrogateescape")

    def host_path(self, path: str) -> Path:
        """Where a path of the box is seen from outside. Absolute links on the way would lead out of it."""
        return Path(f"/proc/{self.pid}/root{path}")

    def write(self, path: str, content: str | bytes, mode: int = 0o644) -> None:
        """Write a file, with the directories above it."""
        target = self.host_path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
        target.chmod(mode)

    def read(self, path: str) -> bytes:
        """The contents of a file."""
        return self.host_path(path).read_bytes()

    def copy(self, source: Path, target: str) -> None:
        """Copy a file or a directory of the host into the box, links as links."""
        if source.is_dir():
            shutil.copytree(source, self.host_path(target), symlinks=True, dirs_exist_ok=True)
        else:
            self.write(target, source.read_bytes(), source.stat().st_mode & 0o7777)

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files and directories; those that are not there count as removed."""
        for target in map(self.host_path, paths):
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            else:
                target.unlink(missing_ok=True)

    def unit(self, name: str, content: str | bytes) -> str:
        """Write a unit file where an administrator would; its path. systemd sees it after ``reload``."""
        self.write(path := f"{UNITS}/{name}", content)
        return path

    def systemctl(self, *arguments: str, check: bool = True) -> str:
        """Standard output of systemctl."""
        return self.text("systemctl", "--no-pager", *arguments, check=check)

    def reload(self) -> None:
        """``systemctl daemon-reload``."""
        self.systemctl("daemon-reload")

    def show(self, *names: str, properties: Sequence[str] = ()) -> dict[str, dict[str, str]]:
        """Properties of units by the name asked for, as ``systemctl show`` prints them; one child process for all."""
        wanted = [f"--property={','.join(properties)}"] if properties else []
        blocks = self.systemctl("show", *wanted, "--", *names).split("\n\n")
        return {
            name: dict(line.partition("=")[::2] for line in block.splitlines()) for name, block in zip(names, blocks, strict=True)
        }

    def properties(self, name: str, interface: str = "Service") -> dict[str, Any]:
        """All properties of one interface of a unit, exact where the text of ``show`` is not. The unit is loaded for it."""
        return self.properties_of([name], interface)[name]

    def properties_of(self, names: Sequence[str], interface: str = "Service") -> dict[str, dict[str, Any]]:
        """The same for many units, one after the other and in one go."""
        call = f"busctl --json=short call {_SYSTEMD}"
        script = f'for path; do {call} "$path" org.freedesktop.DBus.Properties GetAll s {_SYSTEMD}.{interface}; done'
        paths = [f"/org/freedesktop/systemd1/unit/{_escaped(name)}" for name in names]
        replies = [json.loads(line)["data"][0] for line in self.text("sh", "-c", script, "sh", *paths).splitlines()]
        return {name: {key: item["data"] for key, item in reply.items()} for name, reply in zip(names, replies, strict=True)}

    def journal(self, *arguments: str) -> list[dict[str, Any]]:
        """Journal entries that match (``journalctl -o json --all ARGUMENTS``), everything that was sent until now included."""
        self.run("journalctl", "--sync")
        text = self.text("journalctl", "-q", "--no-pager", "-o", "json", "--all", *arguments)
        return [json.loads(line) for line in text.splitlines()]

    @cached_property
    def version(self) -> int:
        """The version of its systemd."""
        return int(self.systemctl("--version").split()[1])


def _escaped(name: str) -> str:
    """A unit's name as the last part of its object path (sd_bus_path_encode(3))."""
    return "".join(c if c.isascii() and c.isalnum() else "".join(f"_{byte:02x}" for byte in c.encode()) for c in name)


def obstacle() -> str | None:
    """Why no box can be booted here; None where nothing is known to be in the way."""
    if sys.platform != "linux":
        return "a booted systemd needs Linux"
    if os.geteuid():
        return "a booted systemd needs root"
    missing = [tool for tool in _TOOLS if not shutil.which(tool)]
    return f"not installed: {', '.join(missing)} (apt install systemd dbus util-linux)" if missing else None


@contextmanager
def booted(binds: Sequence[str] = (), units: Sequence[str] = (), environ: Mapping[str, str] | None = None) -> Iterator[Box]:
    """A box that lives as long as the block. ``binds``: SRC[:DST] of the host; ``units`` are up before it is entered."""
    if why := obstacle():
        raise NoBox(why)
    options = [word for bind in binds for word in ("--bind", bind)] + [word for unit in units for word in ("--unit", unit)]
    with subprocess.Popen(
        [str(_BOOT), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ
    ) as script:
        assert script.stdin is not None
        assert script.stdout is not None
        assert script.stderr is not None
        try:
            pid = script.stdout.readline().strip()
            if not pid:
                raise NoBox(script.stderr.read().strip() or f"{_BOOT.name} exited without a word")
            yield Box(int(pid))
        finally:
            script.stdin.close()
            script.wait(30)
