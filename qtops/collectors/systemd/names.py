"""What an operator may call a service: a name with or without its type, or a pattern of names."""

import re
from typing import Final

from qtops.errors import UsageError
from qtops.facts.text import quoted
from qtops.unitfile.names import parse_name

SUFFIX: Final = ".service"
_PATTERN: Final = re.compile(r"[A-Za-z0-9:_.\\@*?\[\]!^-]{1,255}")


class BadName(UsageError):
    """No service can be called that; the text says why."""


def service_name(text: str) -> str:
    """The full name of a service: ``risk-proposal`` is ``risk-proposal.service``. Raises BadName."""
    if text.startswith("-"):
        raise BadName(f"{quoted(text)} is an option, or no name of a service")
    name = parse_name(text) or parse_name(text + SUFFIX)
    if name is None:
        raise BadName(f"{quoted(text)} is no name of a unit: letters, digits and : - _ . \\ @ make up one")
    if name.type != "service":
        raise BadName(f"{text} is a {name.type}: name a service, such as the one that it starts")
    if name.is_template:
        raise BadName(f"{text} is a template, of which only instances run: name one, such as {name.prefix}@NAME")
    return str(name)


def service_pattern(text: str) -> str:
    """A pattern of full names of services: ``acme-*`` is ``acme-*.service``. Raises BadName."""
    if text.startswith("-") or not _PATTERN.fullmatch(text):
        raise BadName(f"{quoted(text)} is no pattern of unit names: 'acme-*' is one")
    return text if text.endswith(SUFFIX) else text + SUFFIX


def template_of(name: str) -> str:
    """``x@1.service`` is made from ``x@.service``; empty for a name that is no instance."""
    unit = parse_name(name)
    return f"{unit.prefix}@.{unit.type}" if unit is not None and unit.instance else ""
