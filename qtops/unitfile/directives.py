"""Which settings systemd knows in which section; the table is ``directives.txt`` beside this file."""

from difflib import get_close_matches
from functools import cache
from importlib.resources import files

SERVICE_SECTIONS = frozenset({"Unit", "Service", "Install"})


@cache
def known() -> dict[str, dict[str, int]]:
    """Section → setting → the version of systemd that brought it (0 for 252 or before)."""
    table: dict[str, dict[str, int]] = {}
    for line in files(__package__).joinpath("directives.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            section = table.setdefault(line.strip("[]"), {})
        elif not line.startswith("#"):
            section.update((name, int(since or 0)) for name, _, since in (word.partition("@") for word in line.split()))
    return table


def objection(section: str, key: str, version: int | None = None) -> str | None:
    """Why systemd ignores the setting; None where it does not. Without a version, what any of them knows is known."""
    if key.startswith("X-"):
        return None
    since = known()[section].get(key)
    if since is not None:
        return f"{key}= needs systemd {since}, this is {version}" if version and version < since else None
    homes = [other for other in sorted(SERVICE_SECTIONS) if key in known()[other]]
    if homes:
        return f"{key}= has no meaning in [{section}]: it belongs in [{homes[0]}]"
    near = nearest(section, key)
    return f"unknown setting {key}= in [{section}]" + (f", did you mean {near}?" if near else "")


def nearest(section: str, key: str) -> str | None:
    """The known setting that is most like it, of the same section where there is one: ``Restart=``, ``[Unit] Requires=``."""
    folded = {name.lower(): name for name in known()[section]}
    if match := get_close_matches(key.lower(), folded, 1, 0.75):
        return f"{folded[match[0]]}="
    for other in sorted(SERVICE_SECTIONS - {section}):
        folded = {name.lower(): name for name in known()[other]}
        if match := get_close_matches(key.lower(), folded, 1, 0.85):
            return f"[{other}] {folded[match[0]]}="
    return None
