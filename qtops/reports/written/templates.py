"""The templates of reports: those that are shipped, and an operator's in their place.

An operator's file wins over the shipped one of the same name; it reaches that one as ``shipped/NAME``, to extend it or to use its
macros. Templates see the document and the filters of their rendering and nothing else, in Jinja2's sandbox: they can word a report
falsely (``qtops report check`` tells), and a loop without an end cannot be prevented, but they cannot read or change the host. So
root takes them only from those who are root anyway.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from qtops.errors import ConfigError, NotPermitted
from qtops.facts.text import printable

if TYPE_CHECKING:
    from jinja2 import Environment

SHIPPED: Final = Path(__file__).parent / "templates"
SHIPPED_AS: Final = "shipped/"
SUFFIX: Final = ".j2"
LARGEST: Final = 1 << 20  # bytes; a template has some kilobytes
_AT_WORK: Final = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)
"""What an expression in a template may raise besides Jinja2's own errors."""

Filters = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Template:
    """One file, as it was read."""

    path: Path
    source: str
    sha256: str


@dataclass(frozen=True)
class Templates:
    """All templates by their names. ``own`` are the names of those that are an operator's."""

    files: Mapping[str, Template]
    own: frozenset[str] = frozenset()

    def hashes(self) -> dict[str, str]:
        """The sha256 of every file that a report may have been written with, by its name."""
        return {name: file.sha256 for name, file in sorted(self.files.items())}

    def render(self, name: str, filters: Filters, **context: object) -> str:
        """The text that a template makes. Raises ConfigError for one that cannot be used, naming file, line and reason."""
        with self._told():
            environment = self._environment()
            environment.filters.update(filters)
            text = environment.get_template(name).render(context)
            text.encode()  # half of a surrogate pair can be written in a template, and in no file
            return text

    def parse(self) -> None:
        """Raise ConfigError for a template that is no Jinja2, before anybody has waited for anything."""
        with self._told():
            for name in self.own:
                self._environment().parse(self.files[name].source, name, str(self.files[name].path))

    def _environment(self) -> "Environment":
        """A new one for each rendering: what is compiled may hold what the filters of one document made of a constant."""
        from jinja2 import FunctionLoader, StrictUndefined  # 100 ms: only those who write a report wait for it
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(
            loader=FunctionLoader(self._source),
            undefined=StrictUndefined,
            autoescape=lambda name: name is None or ".html." in name,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        del environment.globals["lipsum"], environment.filters["random"]  # a report that is written anew has to be the same
        return environment

    def _source(self, name: str) -> tuple[str, str, None] | None:
        file = self.files.get(name) or self.files.get(name.removeprefix(SHIPPED_AS))
        return (file.source, str(file.path), None) if file else None

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What is wrong with an operator's template, as a ConfigError. With the shipped ones alone it is a bug, and stays one."""
        from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

        try:
            yield
        except TemplateSyntaxError as error:
            self._raise(error, error.filename, error.lineno, error.message or "")
        except TemplateNotFound as error:
            self._raise(error, *self._place(error.__traceback__), f"there is no template {error.name}")
        except (TemplateError, *_AT_WORK) as error:
            self._raise(error, *self._place(error.__traceback__), f"{error}" or type(error).__name__)

    def _raise(self, error: Exception, path: str | None, line: int, why: str) -> None:
        if not self.own:
            raise error
        place = f"{path or 'a template'}:{line}" if line else path or "a template"
        raise ConfigError(printable(f"{place}: {why}; mend it, or remove it to have the shipped one again")) from None

    def _place(self, trace: TracebackType | None) -> tuple[str | None, int]:
        """The innermost line of an operator's template that was at work; that of a shipped one where there is none."""
        own = {str(self.files[name].path) for name in self.own}
        known = {str(file.path) for file in self.files.values()}
        lines = [(frame.f_code.co_filename, line) for frame, line in walk_tb(trace) if frame.f_code.co_filename in known]
        return next((at for at in reversed(lines) if at[0] in own), lines[-1] if lines else (None, 0))


def load(folder: Path | None) -> Templates:
    """The shipped templates, with those of ``folder`` in their place.

    Raises ConfigError for a folder or a file that cannot be used or that others may write, NotPermitted for one that this user
    may not read.
    """
    shipped = {path.name: _template(path, path.read_bytes()) for path in sorted(SHIPPED.glob(f"*{SUFFIX}"))}
    if folder is None:
        return Templates(shipped)
    own = dict(_own(folder))
    hidden = {f"{SHIPPED_AS}{name}": file for name, file in shipped.items() if name in own}
    templates = Templates({**shipped, **hidden, **own}, frozenset(own))
    templates.parse()
    return templates


def _own(folder: Path) -> Iterator[tuple[str, Template]]:
    with _opened(folder, os.O_DIRECTORY, None) as descriptor:
        for name in sorted(os.listdir(descriptor)):  # noqa: PTH208  (of the folder that was checked)
            if name.endswith(SUFFIX):
                yield name, _template(folder / name, _read(folder / name, descriptor))


def _read(path: Path, folder: int) -> bytes:
    with _opened(path, os.O_NONBLOCK, folder) as descriptor:  # a FIFO must not make us wait
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ConfigError(f"{_shown(path)}: not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ConfigError(f"{_shown(path)}: larger than {LARGEST} bytes; a template has some kilobytes")
    return content


@contextmanager
def _opened(path: Path, flags: int, folder: int | None) -> Iterator[int]:
    """A file or folder that nobody but its caller and root can write, opened for reading; links are not followed."""
    try:
        descriptor = os.open(
            path if folder is None else path.name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | flags, dir_fd=folder
        )
    except PermissionError:
        raise NotPermitted(f"{_shown(path)}: this user may not read it; qtops cannot tell which templates are meant") from None
    except (OSError, ValueError) as error:
        why = "is a link, and links are not followed: put the file itself there" if path.is_symlink() else f"{error}"
        raise ConfigError(f"{_shown(path)}: {why}") from None
    try:
        _refuse_doubtful(path, os.fstat(descriptor))
        yield descriptor
    finally:
        os.close(descriptor)


def _refuse_doubtful(path: Path, status: os.stat_result) -> None:
    group = status.st_mode & stat.S_IWGRP and status.st_gid != 0
    if os.geteuid() == 0 and (status.st_uid != 0 or group or status.st_mode & stat.S_IWOTH):
        why = f"it belongs to user {status.st_uid}" if status.st_uid else "others than root may write it"
        raise ConfigError(f"{_shown(path)}: {why}, and root writes reports from its own templates only: chown root, chmod go-w")


def _template(path: Path, content: bytes) -> Template:
    try:
        return Template(path, content.decode("utf-8-sig"), hashlib.sha256(content).hexdigest())
    except UnicodeDecodeError as error:
        raise ConfigError(f"{_shown(path)}: not UTF-8: {error.reason} at byte {error.start}") from None


def _shown(path: Path) -> str:
    return printable(str(path))
