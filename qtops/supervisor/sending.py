"""A child of the supervisor: hands one notice to apprise, for the URL in a file (``python -m qtops.supervisor.sending``).

Exit codes: 0 delivered, 75 not delivered (try again), 78 it cannot work like this. The URL holds a secret: it stands in no
argument, no variable, and nothing that is said; what apprise says is shown without any part of it.
"""

import logging
import os
import re
import stat
import sys
import warnings
from types import TracebackType
from typing import Final
from urllib.parse import unquote

import msgspec

from qtops.errors import ConfigError, Exit
from qtops.facts.text import printable

CREDENTIALS: Final = "%d/"  # as in a unit file
_LARGEST: Final = 64 << 10  # bytes
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_PART: Final = re.compile(r"[^\W_][\w.+-]*")
_SHORTEST: Final = 4  # characters of a part that is hidden
_PLAIN: Final = {"http", "https", "json", "jsons", "true", "false", "html", "text", "markdown", "post", "format"}


class Mail(msgspec.Struct, frozen=True):
    """What is to be told. The URL is a secret: only its file is named."""

    url_file: str
    severity: str
    title: str
    body: str


def main() -> int:
    """Deliver what is on stdin; the exit code."""
    sys.excepthook = _say_kind
    try:
        mail = msgspec.json.decode(sys.stdin.buffer.read(), type=Mail)
        url = read_url(mail.url_file)
        deliver(url, mail)
    except ConfigError as error:
        _say(str(error))
        return Exit.CONFIG
    except _Refused as error:
        _say(str(error))
        return Exit.UNAVAILABLE
    return Exit.OK


class _Refused(Exception):
    """It was not delivered."""


def read_url(url_file: str) -> str:
    """The one URL in a file. ConfigError where the file is not what it has to be; its words hold nothing of the URL."""
    path, is_credential = _located(url_file)
    shown = printable(url_file)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise ConfigError(f"{shown}: {error.strerror}; url_file wants a file with the URL that the supervisor may read") from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ConfigError(f"{shown}: not a regular file; url_file wants a file with the URL in it")
        # systemd lets one account read a credential by an access list, which shows as a right of the group
        if found.st_mode & _OTHERS and not is_credential:
            raise ConfigError(f"{shown}: others may read it, and who has the URL can write there: chmod 0400 {shown}")
        if found.st_uid not in {0, os.geteuid()}:
            raise ConfigError(f"{shown}: belongs to user {found.st_uid}, who could put any URL there: chown root {shown}")
        text = os.read(descriptor, _LARGEST).decode("utf-8", "replace").strip()
    finally:
        os.close(descriptor)
    if not text or len(text.split()) > 1:
        raise ConfigError(f"{shown}: wants one URL of apprise, such as slack://…, and nothing else")
    return text


def _located(url_file: str) -> tuple[str, bool]:
    if not url_file.startswith(CREDENTIALS):
        return url_file, False
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        raise ConfigError(f"{url_file}: $CREDENTIALS_DIRECTORY is not set; the unit wants LoadCredential={url_file[3:]}:/a/file")
    return f"{folder}/{url_file[3:]}", True


def deliver(url: str, mail: Mail) -> None:
    """Hand it to apprise. ConfigError, or _Refused with what apprise says about it."""
    said = _listen()
    try:
        import apprise
    except ImportError:
        raise ConfigError("apprise is not installed: pip install 'qtops[notify]', or use a command instead of url_file") from None
    asset = apprise.AppriseAsset(app_id="qtops", app_desc="qtops", app_url="", secure_logging=True, storage_mode="memory")
    service = apprise.Apprise(asset=asset)
    if not service.add(url):
        raise ConfigError(f"{printable(mail.url_file)}: apprise takes its URL for none of its services: https://appriseit.com")
    kinds = {"info": "success", "warning": "warning", "critical": "failure"}
    is_told = service.notify(
        body=mail.body, title=mail.title, notify_type=kinds.get(mail.severity, "info"), body_format="text", interpret_escapes=False
    )
    if not is_told:
        raise _Refused(without(url, said.last) or "the service did not take it")


class _Last(logging.Handler):
    """Keeps the last thing that was said, and passes nothing on."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.last = record.getMessage()


def _listen() -> _Last:
    """Whatever says anything from now on says it to this handler alone: URLs stand in the messages of more than apprise."""
    warnings.simplefilter("ignore")
    logging.lastResort = None
    last = _Last(logging.WARNING)
    speaker = logging.getLogger("apprise")
    speaker.addHandler(last)
    speaker.propagate = False
    return last


def without(url: str, text: str) -> str:
    """A text without any part of the URL: which of them are secret depends on the service."""
    for part in sorted({*_PART.findall(url), *_PART.findall(unquote(url)), url}, key=len, reverse=True):
        if len(part) >= _SHORTEST and part.lower() not in _PLAIN:
            text = text.replace(part, "***")
    return text


def _say(text: str) -> None:
    print(printable(" ".join(text.split())), file=sys.stderr)  # noqa: T201  (what the parent reads)


def _say_kind(kind: type[BaseException], _error: BaseException, _trace: TracebackType | None) -> None:
    """Instead of a traceback, which quotes the URL."""
    _say(f"{kind.__name__} within apprise, which told no more that can be shown")


if __name__ == "__main__":
    sys.exit(main())
