"""Asking systemd over D-Bus with pystemd: a connection, one call for each unit, and no child process.

``GetAll`` brings the whole of a unit, ``Environment`` too: what ``KINDS`` does not name goes with the reply.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from qtops.collectors.systemd.connection import Connection
from qtops.collectors.systemd.native import native
from qtops.collectors.systemd.properties import KINDS, Brief, Properties, is_trigger_at_rest
from qtops.collectors.systemd.source import MOST_FAILED, NoManager, NoProperty, NotText
from qtops.facts.service import Missing
from qtops.unitfile.names import parse_name

_ROOT: Final = "/org/freedesktop/systemd1"
_INTERFACE: Final = "org.freedesktop.systemd1"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_WITH_RESULT: Final = frozenset({"service", "socket", "timer", "path", "mount", "automount", "swap", "scope"})


class Bus:
    """systemd at the other end of a connection. Raises NoManager where it does not answer."""

    via: Literal["pystemd"] = "pystemd"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        version = native("text", self._get(_ROOT, "Manager", "Version"))
        self.version = (re.findall(r"^\d+(?:\.\d+)*", version) or [""])[0]

    def find(self, patterns: Sequence[str], names: Sequence[str]) -> list[str]:  # noqa: ARG002  (a call brings only what it is asked for)
        """See Source."""
        self._connection.begin()
        units = self._manager("ListUnitsByPatterns", "asas", [], list(patterns))
        return [native("text", unit[0]) for unit in units if unit[2] != b"not-found"]

    def properties(self, names: Sequence[str]) -> dict[str, Properties | Missing]:
        """See Source."""
        self._connection.begin()
        found: dict[str, Properties | Missing] = {}
        for name in names:
            try:
                found[name] = self._unit(name)
            except NoManager as trouble:
                found[name] = trouble.missing
        return found

    def briefs(self, names: Sequence[str]) -> Mapping[str, Brief]:
        """See Source."""
        self._connection.begin()
        try:
            units = self._manager("ListUnitsByNames", "as", list(names))
            return {name: self._brief(name, unit) for name, unit in zip(names, units, strict=False)}
        except NoManager:
            return {}

    def failed(self) -> list[Properties]:
        """See Source."""
        self._connection.begin()
        units = sorted(self._manager("ListUnitsFiltered", "as", ["failed"]))
        return [self._failed(unit, briefly=number >= MOST_FAILED) for number, unit in enumerate(units)]

    def close(self) -> None:
        """See Source."""
        self._connection.close()

    def _failed(self, unit: tuple[Any, ...], *, briefly: bool) -> Properties:
        """A row of ListUnitsFiltered: as of ListUnitsByNames."""
        name, told, _, active = (native("text", value) for value in unit[:4])
        found: Properties = {"Id": name, "Description": told, "ActiveState": active}
        if briefly:
            return found
        path = self._connection.unit_path(name)
        found["StateChangeTimestamp"] = self._get(path, "Unit", "StateChangeTimestamp")
        kind = name.rpartition(".")[2]
        return found | ({"Result": native("text", self._get(path, kind.capitalize(), "Result"))} if kind in _WITH_RESULT else {})

    def _unit(self, name: str) -> Properties:
        """Every property of a unit, which systemd loads for it. Raises NoManager."""
        path = self._connection.unit_path(name)
        try:
            raw = self._get_all(path, "")
        except NotText:
            raw = dict(self._one_by_one(path))
        found = {key: native(kind, raw[key.encode()]) for key, kind in KINDS.items() if key.encode() in raw}
        if number := raw.get(b"Job", (0,))[0]:
            found["Job"] = self._job(number)
        return found

    def _one_by_one(self, path: str) -> Iterator[tuple[bytes, Any]]:
        """What can be had of a unit that cannot be had as a whole: some command line of it holds such bytes."""
        known = self._get_all(path, f"{_INTERFACE}.Unit")
        yield from known.items()
        for key in KINDS:
            if key.encode() not in known:
                try:
                    yield key.encode(), self._get(path, "Service", key)
                except (NotText, NoProperty):
                    continue

    def _job(self, number: int) -> str:
        try:
            return str(native("text", self._get(f"{_ROOT}/job/{number}", "Job", "JobType")))
        except NoManager:  # it is done
            return ""

    def _brief(self, name: str, unit: tuple[Any, ...]) -> Brief:
        """A row of ListUnitsByNames: name, description, load state, active state, …; the result of what failed is asked for, and
        whether a trigger that is inactive is enabled.
        """
        load, active = native("text", unit[2]), native("text", unit[3])
        if is_trigger_at_rest(name, active):
            return Brief(load, active, "", native("text", self._get(self._connection.unit_path(name), "Unit", "UnitFileState")))
        parsed = parse_name(name)
        if active != "failed" or parsed is None or parsed.type not in _WITH_RESULT:
            return Brief(load, active)
        path = self._connection.unit_path(name)
        return Brief(load, active, native("text", self._get(path, parsed.type.capitalize(), "Result")))

    def _get(self, path: str, interface: str, name: str) -> Any:
        return self._connection.call(path, _PROPERTIES, "Get", "ss", f"{_INTERFACE}.{interface}", name)

    def _get_all(self, path: str, interface: str) -> dict[bytes, Any]:
        return dict(self._connection.call(path, _PROPERTIES, "GetAll", "s", interface))

    def _manager(self, method: str, signature: str, *arguments: list[str]) -> list[tuple[Any, ...]]:
        """Rows of units. pystemd has None for none, and a row alone for one."""
        return list(self._connection.call(_ROOT, f"{_INTERFACE}.Manager", method, signature, *arguments))
