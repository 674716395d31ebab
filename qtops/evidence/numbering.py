"""From parts to records: numbers in the order of reading, hashes, and names of files that an operator finds his way by. Pure."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from qtops.evidence.naming import MISSING
from qtops.evidence.parts import Part
from qtops.evidence.records import LARGEST, EvidenceError, Record

FILE: Final = re.compile(r"E[0-9]{2,6}-[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""What the file of a record may be called: portable, in no other folder, and nothing that a shell or a terminal takes for more."""
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST: Final = 80


def recorded(parts: Sequence[Part]) -> tuple[Record, ...]:
    """One record for each part, E01 first. Raises EvidenceError for a part that is larger than evidence may be."""
    services = {name.split("/")[1] for part in parts if (name := part.name).count("/") >= 2} - {MISSING}
    return tuple(_record(number, part, is_alone=len(services) == 1) for number, part in enumerate(parts, 1))


def by_name(records: Iterable[Record], contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """The bytes of each record that is there, by the record's name: what ``splitting.joined`` takes."""
    return {record.name: contents[record.file] for record in records if record.file in contents}


def sha256(content: bytes) -> str:
    """The hash that a record is known by."""
    return hashlib.sha256(content).hexdigest()


def _record(number: int, part: Part, *, is_alone: bool) -> Record:
    if len(part.content) > LARGEST:
        raise EvidenceError(part.name, f"takes {len(part.content)} bytes, more than a record may have ({LARGEST >> 20} MiB)")
    return Record(
        id=f"E{number:02d}",
        name=part.name,
        asked=part.asked,
        at_s=part.at_s,
        exit=part.exit,
        file=f"E{number:02d}-{_stem(part.name, is_alone=is_alone)}.{part.suffix}",
        sha256=sha256(part.content),
        size=len(part.content),
    )


def _stem(name: str, *, is_alone: bool) -> str:
    """The name of the record; the service is left out where there is only one."""
    words = name.split("/")
    kept = [words[0], *words[2:]] if is_alone and len(words) > 2 else words
    return _FOREIGN.sub("-", "-".join(kept).removesuffix(".service"))[:_LONGEST].strip("-.")
