"""The part of the JSON form that these commands share. Within ``/1`` it only grows. Times are RFC 3339, each with its epoch."""

from typing import Any

import msgspec

from publisher.timestamps import utc_iso
from qtops import __version__
from qtops.facts.text import all_printable
from qtops.findings import Doubt, Finding, Verdict
from qtops.reports.checked.report import Checked, Subject


class Redis(msgspec.Struct, frozen=True):
    """How Redis was. ``state`` is "ok", or says what is wrong with it."""

    url: str
    state: str
    advice: str
    detail: str


class Summary(msgspec.Struct, frozen=True):
    """Everything in short. The counts are of subjects; ``headline`` is a word for the whole, or empty."""

    verdict: Verdict
    exit_code: int
    headline: str
    total: int
    ok: int
    warning: int
    critical: int
    unknown: int


class Common(msgspec.Struct, frozen=True, kw_only=True):
    """What the documents of these commands begin with. ``doubts`` is what could not be told, ``off`` was found by checks that are
    switched off, ``missing`` says what could not be looked at, and why.
    """

    version: str
    host: str
    time: str
    time_s: float
    redis: Redis | None
    summary: Summary
    subjects: tuple[Subject, ...]
    findings: tuple[Finding, ...]
    doubts: tuple[Doubt, ...]
    off: tuple[Finding, ...]
    missing: tuple[str, ...]


def common(report: Checked) -> dict[str, Any]:
    """The fields of ``Common``, to be passed on with those of a command's own."""
    server, counts = report.server, report.counts
    return {
        "version": __version__,
        "host": report.host,
        "time": utc_iso(report.taken_at_s),
        "time_s": report.taken_at_s,
        "redis": None if server is None else Redis(server.url, server.state, server.advice, server.detail),
        "summary": Summary(
            report.verdict, report.verdict.exit_code, report.headline, len(report.subjects), counts[Verdict.OK],
            counts[Verdict.WARNING], counts[Verdict.CRITICAL], counts[Verdict.UNKNOWN],
        ),
        "subjects": report.subjects,
        "findings": report.judged.findings,
        "doubts": report.judged.doubts,
        "off": report.judged.off,
        "missing": report.missing,
    }  # fmt: skip


def encode(document: Common) -> str:
    """One line of JSON; every text in it is printable."""
    return msgspec.json.encode(all_printable(msgspec.to_builtins(document))).decode()
