"""A service from the lines that matter to a test; healthy where the test says nothing."""

from textwrap import dedent

from qtops.unitfile.names import parse_name
from qtops.unitfile.reader import read

PATH = "/etc/systemd/system/app.service"


def service(lines="", unit="", name="app.service", **options):
    """``lines`` go into [Service] after a command, ``unit`` into [Unit]."""
    text = f"[Unit]\n{dedent(unit)}\n[Service]\nExecStart=/usr/bin/python3 main.py\n{dedent(lines)}\n"
    return read(parse_name(name), (PATH, text.encode("utf-8", "surrogateescape")), **options)


def said(unit):
    """Effects and texts of the diagnostics."""
    return [(item.effect.value, item.text) for item in unit.diagnostics]
