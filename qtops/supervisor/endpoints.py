"""How an endpoint is told: the command that does it, what it is given, what stands against running it, and what came of it."""

import os
import selectors
import signal
import sys
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from qtops.actions.ownership import tampering
from qtops.collectors.known_secrets import learned
from qtops.collectors.redact import Redactor
from qtops.facts.text import printable
from qtops.facts.times import span
from qtops.incidents import Notice
from qtops.settings import Endpoint
from qtops.supervisor.children import Children, Ended
from qtops.supervisor.sending import Mail
from qtops.supervisor.telling import body, document, title

SENDING: Final = (sys.executable, "-P", "-m", "qtops.supervisor.sending")
SEARCH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MOST_WHY: Final = 300  # characters
_SIGNALS: Final = {number.value: number.name for number in signal.Signals}


class Launch(NamedTuple):
    """A child that tells one notice. ``is_clean``: ``environ`` is the whole of its environment."""

    argv: tuple[str, ...]
    stdin: bytes
    environ: dict[str, str]
    is_clean: bool


def launch(endpoint: Endpoint, notice: Notice, host: str, now_s: float) -> Launch:
    """The child for this endpoint."""
    if endpoint.command:
        environ = {"PATH": SEARCH, "LANG": "C.UTF-8", "QTOPS_NOTICE_ID": notice.id}
        return Launch(endpoint.command, document(notice, host, now_s), environ, is_clean=True)
    severity = "info" if notice.event in ("resolved", "closed") else str(notice.incident.severity)
    mail = Mail(endpoint.url_file, severity, title(notice, host), body(notice, host, now_s))
    return Launch(SENDING, msgspec.json.encode(mail), {}, is_clean=False)


def objection(endpoint: Endpoint) -> str:
    """Why root does not run the command of an endpoint: others could have put anything in its place. Empty: nothing against it.

    Every file that the command names by its absolute path counts: a script of an interpreter is as good as a program.
    """
    if os.geteuid() != 0:
        return ""
    for path in (Path(word) for word in endpoint.command if word.startswith("/")):
        if path.is_file() and (why := tampering(path)):
            return f"not run as root: {why}; chown root and chmod go-w it, or name another program"
    return ""


def failure(ended: Ended, endpoint: Endpoint) -> str:
    """How it went wrong, in a line without secrets; empty where it was told."""
    if ended.timed_out:
        return f"not done within {span(endpoint.timeout_s)}, and killed"
    if ended.returncode == 0:
        return ""
    said = printable(Redactor(learned()).text(ended.last_words))[:_MOST_WHY]
    if endpoint.url_file and said:
        return said
    if ended.returncode < 0:
        how = f"ended by {_SIGNALS.get(-ended.returncode, f'signal {-ended.returncode}')}"
    else:
        how = f"exited with {ended.returncode}"
    return f"{how}: {said}" if said else how


def tell_now(endpoint: Endpoint, notice: Notice, host: str, now_s: float) -> Ended:
    """Tell one notice, and wait for what comes of it."""
    if why := objection(endpoint):
        return Ended(endpoint.name, 126, b"", why.encode(), 0.0)
    answers = list[Ended]()
    told = launch(endpoint, notice, host, now_s)
    with selectors.DefaultSelector() as selector:
        children = Children(selector)
        try:
            children.start(
                endpoint.name, told.argv, answers.append, timeout_s=endpoint.timeout_s, stdin=told.stdin, environ=told.environ,
                clean_environ=told.is_clean,
            )  # fmt: skip
            while not answers:
                for key, _ in selector.select(endpoint.timeout_s):
                    key.data()
                children.expire()
        finally:
            children.close()
    return answers[0]
