"""What only a person can mend, and why that is so: the finding's own advice, with the reason that qtops leaves it at that."""

from collections.abc import Iterator
from typing import Final

from qtops.facts.service import Facts, ServiceFacts
from qtops.findings import Finding
from qtops.steps import Remedy

_DEPLOYED: Final = "which file was meant, or is still to be deployed, is not known"
_PROGRAM: Final = "why the program does so is in its own code"
_ENDED: Final = "what ended it is not seen to be gone: a start alone would only begin the wait for the next time"
_UNIT: Final = "what the unit was meant to say is for its author"
WHY: Final = {
    "CODE101": "what the line was meant to say is for its author, or the deployment before it has to come back",
    "CODE102": "which function the script is to call, or which module was meant, is for its author",
    "ENV101": "which of the two values is meant is not known",
    "ENV103": "a secret that has been readable has to be changed as well",
    "IMPORT102": "whether the module is optional is for the author of the handler",
    "LOG202": _PROGRAM,
    "LOG203": "the program says itself what it lacks",
    "PROCESS201": "who stopped it may have a reason: ask, or hold the service, before it goes on",
    "REDIS201": "Redis comes first: restarting what depends on it does not help before it is well",
    "UNIT103": _DEPLOYED,
    "UNIT105": "with which rights an account is made is decided by people",
    "UNIT107": "who may read a log, and where it is to be, is decided by people",
    "UNIT108": "what is to lie there, and whose it is, is not known",
    "UNIT111": "whether the service can do without the other unit is for its author",
    "UNIT112": _UNIT,
    "UNIT113": _UNIT,
    "UNIT207": "a condition may be there to keep it down on this host",
    "UNIT208": "the other unit comes first: once it is well, start this one",
    "UNIT209": "the step names what is missing, and not what was meant",
    "UNIT210": "why the command fails is its own business",
    "UNIT211": _ENDED,
    "UNIT212": "memory runs out again at the same size: find what grows, or give it more",
    "UNIT213": _ENDED,
    "UNIT214": _ENDED,
    "UNIT215": _PROGRAM,
    "UNIT218": "which of the orders in the cycle is to go is for the units' authors",
}  # fmt: skip


def remedies(finding: Finding, _: ServiceFacts, __: Facts) -> Iterator[Remedy]:
    """The advice of the finding itself."""
    yield Remedy(
        name=f"by-hand-{finding.code.lower()}",
        code=finding.code,
        title=finding.remedy,
        why=finding.summary,
        by_hand=WHY[finding.code],
        verb="start",
    )
