"""The commands that make a host take notice of what was put in place, or taken away."""

from collections.abc import Iterable, Sequence

from qtops.installation.placing import BESIDE
from qtops.installation.shipped import ENABLED, Part

Command = tuple[str, ...]


def after_putting(paths: Sequence[str]) -> tuple[Command, ...]:
    """What is run once these files are in place: accounts before the folders that belong to them, and units last."""
    return (
        *(("systemd-sysusers", path) for path in _below("/sysusers.d/", paths)),
        *(("systemd-tmpfiles", "--create", path) for path in _below("/tmpfiles.d/", paths)),  # noqa: S108
        *after_removing(paths),
    )


def after_removing(paths: Sequence[str]) -> tuple[Command, ...]:
    """What is run once these files are gone. Accounts stay, and what belongs to them."""
    catalog = (("journalctl", "--update-catalog"),) if _below("/systemd/catalog/", paths) else ()
    units = (("systemctl", "daemon-reload", "--no-ask-password"),) if _below("/systemd/system/", paths) else ()
    return (*catalog, *units)


def enabling(parts: Iterable[Part]) -> tuple[Command, ...]:
    """What starts these parts, now and at each boot."""
    return tuple(("systemctl", "enable", "--now", "--no-ask-password", "--", ENABLED[part]) for part in parts)


def disabling(units: Iterable[str]) -> tuple[Command, ...]:
    """What stops these units, now and at each boot."""
    return tuple(("systemctl", "disable", "--now", "--no-ask-password", "--", unit) for unit in units)


def _below(folder: str, paths: Sequence[str]) -> list[str]:
    return [path for path in dict.fromkeys(paths) if folder in path and not path.endswith(BESIDE)]
