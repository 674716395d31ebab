"""What people are told of an incident: a JSON document for programs, and a few lines of plain text for phones.

Much of it was said by services that may be broken into: it is redacted, printable, bounded, and calls nobody. Mentions, links and
the markup of chats and mail are broken up so that they can be read and do nothing, whatever the endpoint makes of plain text.
"""

import re
from typing import Final

import msgspec

from qtops.collectors.known_secrets import learned
from qtops.collectors.redact import Redactor
from qtops.facts.text import all_printable, printable
from qtops.facts.times import moment, span, utc
from qtops.incidents import Event, Notice
from qtops.reports.notices.document import lasted_s, next_commands, render

MOST_TITLE: Final = 160  # characters
MOST_BODY: Final = 1_500  # what a phone shows, and less than any chat takes
_MOST_LINE: Final = 300
_MOST_COMMAND: Final = 200
_HEADINGS: Final[dict[Event, str]] = {"reminded": "STILL OPEN", "reopened": "OPEN AGAIN"}
_ENDINGS: Final = ("resolved", "closed")
_HARMLESS: Final = str.maketrans({"<": "‹", ">": "›", "`": "'"})
_BROKEN: Final = (
    (re.compile(r"@(?=(?:everyone|here|channel|all|room)\b)|(?<![\w.\\:-])@(?=\w)", re.IGNORECASE), "(at)"),
    (re.compile(r"\b(?!(?:rediss?|unix)://)([a-z][a-z0-9+.-]*)://", re.IGNORECASE), r"\1[:]//"),  # an address of Redis is read
    (re.compile(r"\bwww\.(?=\w)", re.IGNORECASE), "www[.]"),
    (re.compile(r"\]\("), "] ("),
    (re.compile(r"&(?=#?\w+;)"), "& "),
)


def document(notice: Notice, host: str, now_s: float) -> bytes:
    """The JSON document that a command of an endpoint is given: ``qtops.notice/1``."""
    told = _cleaned(notice)
    return render(told, printable(host), now_s, _title(told, host), _body(told, host, now_s))


def title(notice: Notice, host: str) -> str:
    """One line: what happened, to what, where."""
    return _title(_cleaned(notice), host)


def body(notice: Notice, host: str, now_s: float) -> str:
    """What, where and since when; the news; then what to run. Ages are those at ``now_s``."""
    return _body(_cleaned(notice), host, now_s)


def neutral(text: str) -> str:
    """Text that no chat or mail program makes a mention, a link or markup of."""
    text = text.translate(_HARMLESS)
    for pattern, broken in _BROKEN:
        text = pattern.sub(broken, text)
    return text


def _cleaned(notice: Notice) -> Notice:
    """The notice without secrets and without what is not printable; only the news may have several lines."""
    told = Redactor(learned()).facts(notice, kept=(notice.id, notice.endpoint))
    plain = msgspec.convert(all_printable(msgspec.to_builtins(told)), Notice)
    return msgspec.structs.replace(plain, text="\n".join(map(printable, told.text.splitlines())))


def _title(notice: Notice, host: str) -> str:
    return _cut(neutral(f"{_subject(notice, printable(host))}: {notice.incident.title}"), MOST_TITLE)


def _subject(notice: Notice, host: str) -> str:
    """What happened, to what, where."""
    incident = notice.incident
    if notice.digest:
        return f"{incident.severity.upper()}: {len(notice.digest)} more incidents on {host}, the worst: {incident.unit}"
    heading = incident.severity.upper() if notice.event == "opened" else _HEADINGS.get(notice.event, notice.event.upper())
    return f"{heading}: {incident.unit} on {host}"


def _body(notice: Notice, host: str, now_s: float) -> str:
    begins, ends = "\n".join(_begins(notice, printable(host), now_s)), "\n".join(_ends(notice, now_s))
    news = "" if notice.text == notice.incident.title else neutral(notice.text)
    room = MOST_BODY - len(begins) - len(ends) - 2
    return "\n".join(part for part in (begins, _cut(news, room), ends) if part)


def _begins(notice: Notice, host: str, now_s: float) -> list[str]:
    """What, where, since when: or for how long, where it is over."""
    incident = notice.incident
    if notice.event in _ENDINGS and not notice.digest:
        lasted = lasted_s(incident, notice.at_s)
        when = f"after {span(lasted)}: {utc(incident.began_s)} to {moment(incident.began_s + lasted, now_s)}"
    else:
        when = f"since {moment(incident.began_s, now_s)}"
    return [_cut(neutral(line), _MOST_LINE) for line in (f"{_subject(notice, host)}, {when}", incident.title)]


def _ends(notice: Notice, now_s: float) -> list[str]:
    incident = notice.incident
    lines = list[str]()
    if incident.number and not notice.digest:
        seen = f", seen {incident.times} times" if incident.times > 1 else ""
        lines.append(f"Incident {incident.number}, noticed {moment(incident.opened_s, now_s)}{seen}")
    lines += [f"Run: {command}" for command in next_commands(notice)]
    return [_cut(neutral(line), _MOST_COMMAND) for line in (*lines, f"({notice.id})")]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
