"""What a unit's sandbox empties for the service (systemd.exec(5), "SANDBOXING"); ProtectHome= is told for itself."""

from collections.abc import Iterator
from typing import Final

from qtops.facts.preflight import HidingFact
from qtops.unitfile.service import ServiceUnit

PRIVATE_TMP: Final = ("/tmp", "/var/tmp")  # noqa: S108  (PrivateTmp= puts empty ones there)


def hidden(unit: ServiceUnit) -> Iterator[HidingFact]:
    """Directories of which the service sees nothing that is below them."""
    if unit.private_tmp.value:
        yield from (HidingFact("PrivateTmp=yes", str(unit.private_tmp.origin or ""), path) for path in PRIVATE_TMP)
    for name, items in (("TemporaryFileSystem", unit.temporary_file_system), ("InaccessiblePaths", unit.inaccessible_paths)):
        for item in items:
            path = item.value.lstrip("-+").partition(":")[0].rstrip("/")
            if path.startswith("/") and not item.unknown:
                yield HidingFact(f"{name}={path}", str(item.origin or ""), path)
