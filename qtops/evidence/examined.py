"""What came of checking a report against its evidence."""

import msgspec

from qtops.evidence.comparing import statements
from qtops.evidence.document import Document
from qtops.evidence.objections import Objection, verdict
from qtops.evidence.records import Index
from qtops.findings import Verdict


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was checked, and what speaks against it. ``status`` is what it says of itself."""

    path: str
    host: str
    subject: str
    status: str
    version: str  # of the qtops that wrote it
    made_at_s: float
    records: int
    claims: int
    unbacked: int  # claims that no evidence backs, and that say so
    objections: tuple[Objection, ...]

    @property
    def verdict(self) -> Verdict:
        """What the objections come to."""
        return verdict(self.objections)


def examined(path: str, index: Index, stored: Document, objections: tuple[Objection, ...]) -> Examined:
    """What came of it, with the figures. That a claim says of itself that nothing backs it is honest, and no objection."""
    claims = [*statements(stored)]
    told = tuple(one for one in objections if not (one.kind == "unbacked" and one.verdict is Verdict.UNKNOWN))
    return Examined(
        path=path,
        host=stored.host,
        subject=stored.subject,
        status=stored.status,
        version=index.version,
        made_at_s=stored.made_at_s,
        records=len(index.records),
        claims=len(claims),
        unbacked=sum(not claim.evidence for claim in claims),
        objections=told,
    )
