"""Documents for tests: one with a block of every kind, and texts that mean harm wherever they stand."""

import hashlib
from typing import Final

from msgspec.structs import replace

from qtops.evidence.document import (
    Age,
    Ages,
    Block,
    Cites,
    Claim,
    Criteria,
    Criterion,
    Document,
    Level,
    Levels,
    Listed,
    Paragraph,
    Row,
    Section,
    Table,
    Verbatim,
)
from qtops.evidence.records import Record

NOW_S: Final = 1_771_372_710.0  # 2026-02-17 23:58:30 UTC
HOSTILE: Final = (
    "a|b `c` ``` <b>x</b> <!-- [a](javascript:x) ![i](http://x/y.png) @user #1 GH-2 ::error::x www.x.y http://x.y a@b.c &lt; "
    "*x* _y_ ~z~ \\ $x$ :smile: {{ 7*7 }} {% raw %} \x1b[31m\u202e\u200b"
)


def record(number: int, name: str) -> Record:
    return Record(
        id=f"E{number:02}", name=name, asked="systemctl show", at_s=NOW_S - 60, exit=0, file=f"E{number:02}-{name}.json",
        sha256=hashlib.sha256(name.encode()).hexdigest(), size=1234,
    )  # fmt: skip


RECORDS: Final = (record(1, "unit"), record(2, "journal"), record(3, "keys"))


def document(*blocks: Block, text: str = "", records: tuple[Record, ...] = RECORDS) -> Document:
    """A report with these blocks in its one section."""
    return Document(
        version="0.1.0", kind="incident", title=text or "Incident: risk proposals", status=text or "RECOVERED", tone="good",
        summary=(Claim(text or "It failed and was recovered.", ("E01",)), Claim("Nobody noticed for 17 h.", ())),
        host=text or "vps", subject=text or "quantum-risk-proposal.service", made_at="2026-02-17T23:58:30Z", made_at_s=NOW_S,
        exit_code=0, sections=(Section(text or "What happened", blocks),), records=records,
    )  # fmt: skip


def every_block(text: str = "`sys.path` was overridden in main.py", cites: Cites = ("E01", "E03")) -> tuple[Block, ...]:
    """One block of each kind, with ``text`` wherever a text can stand."""
    claims = (Claim(text, cites), Claim(f"and {text}", ()))
    level = Level(symbol=text, side=text, at_s=NOW_S - 5, price=100.0, stop_loss=98.0, take_profit=104.0)
    age = Age(key=text, look="before", age_s=61_200.0, warn_s=120.0, critical_s=300.0)
    criteria = [
        Criterion(title=text, holds=holds, seen=text, evidence=cites, codes=("UNIT103", text))
        for holds in ("yes", "no", "could not tell")
    ]
    return (
        Paragraph(claims),
        Listed(claims),
        Listed(claims, numbered=True),
        Criteria(tuple(criteria)),
        Table((text, "Now"), (Row((text, "1"), cites, "good"), Row(("x", text), (), "bad"))),
        Verbatim(text, cites, "diff", caption=text),
        Levels((level, replace(level, stop_loss=None), replace(level, stop_loss=101.0, wrong=text)), cites),
        Ages((age, replace(age, look="now", age_s=4.5), replace(age, look="after", age_s=None)), cites),
    )
