"""What to do about rights that the service's account lacks: the exact command, for a person to run.

Who may read what is a decision about security, and never made here: what was closed may have been closed on purpose.
"""

import re
from collections.abc import Iterator
from shlex import quote
from typing import Final

from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Finding
from qtops.steps import Remedy

DENIED: Final = re.compile(r"^(?P<path>/.*) is (?P<mode>[-dlbcps][-rwxsStT]{9}) \S+:\S+.*: (?P<who>\S+) may not (?P<right>\w+) it$")
LETTER: Final = {"search": "x", "execute": "x", "read": "r"}
STAYS: Final = "who may read what is decided by people: it may have been closed on purpose"


def remedies(finding: Finding, service: ServiceFacts, _: Facts) -> Iterator[Remedy]:
    """UNIT115, UNIT116, UNIT117: one right for one account, or for its group."""
    denied = DENIED.match(finding.summary)
    title = finding.remedy
    if denied is not None:
        path, who, letter = quote(denied["path"]), quote(denied["who"]), LETTER.get(denied["right"], "r")
        group = quote(service.unit.group) if service.unit and service.unit.group else who
        letter = "rx" if denied["mode"].startswith("d") and letter == "r" else letter  # to be listed and entered
        title = f"`setfacl -m u:{who}:{letter} {path}`, or for its group: `chgrp {group} {path} && chmod g+{letter} {path}`"
    yield Remedy(name="give-right", code=finding.code, title=title, why=finding.summary, by_hand=STAYS, verb="start")
