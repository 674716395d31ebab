"""What records are called: names that tell what they are of, each once in a report, whatever a service calls itself. Pure."""

import re
from collections.abc import Iterable
from itertools import count
from typing import Final

LOOKS: Final = ("before", "after", "now")
CASE: Final = "case"
MISSING: Final = "missing"  # after/app.service/missing/1/journal: the first source that could not be read, and which
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9@_.:-]+")
_LONGEST: Final = 100


def label(text: str) -> str:
    """A service, or a file, as it is called in names of records: ASCII, without slashes and blanks."""
    return _FOREIGN.sub("-", text)[:_LONGEST].strip("-.") or "unnamed"


def labels(texts: Iterable[str]) -> tuple[str, ...]:
    """The same of several: one that another has already, or that names itself "missing", gets a number."""
    taken, given, numbers = {MISSING}, list[str](), dict[str, int]()
    for text in texts:
        name = label(text)
        tries = (f"{name}#{number}" if number > 1 else name for number in count(numbers.get(name, 1)))
        one = next(one for one in tries if one not in taken)
        numbers[name] = numbers.get(name, 1) + 1  # of many with one name none tries again what the others have
        taken.add(one)
        given.append(one)
    return tuple(given)


def unit_files(paths: Iterable[str]) -> tuple[str, ...]:
    """Names of the records of unit files: "unit-files/etc-systemd-system-app.service"."""
    return tuple(f"unit-files/{name}" for name in labels(path.strip("/") for path in paths))
