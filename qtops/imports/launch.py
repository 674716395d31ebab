"""How a Python process is started: everything that decides its sys.path, as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Flags:
    """The interpreter flags that touch imports (``-I -E -s -S -P``)."""

    isolated: bool = False
    ignore_environment: bool = False
    no_user_site: bool = False
    no_site: bool = False
    safe_path: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """``python FILE``: a script, a directory with ``__main__.py`` or a zip archive, as written on the command line."""

    path: str


@dataclass(frozen=True, slots=True)
class Module:
    """``python -m NAME``."""

    name: str


@dataclass(frozen=True, slots=True)
class Code:
    """``python -c TEXT``."""

    text: str


@dataclass(frozen=True, slots=True)
class GunicornOptions:
    """What the command line of gunicorn says of imports; what it leaves out a configuration file may say."""

    config: str = ""
    """A file, or ``python:MODULE``; empty for gunicorn.conf.py where there is one."""
    chdir: str = ""
    pythonpath: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """A server started on ``module:attribute`` (uvicorn, gunicorn, hypercorn, celery)."""

    server: str
    """The server's own entry: how the process itself starts before it imports the application."""
    module: str
    attribute: str
    first: tuple[str, ...] = ()
    """Directories that the server puts in front of sys.path before it imports."""
    gunicorn: GunicornOptions | None = None
    """With an empty ``module``, the configuration file names the application."""


Target = Script | Module | Code | Application


@dataclass(frozen=True, slots=True)
class Launch:
    """One start of one interpreter."""

    interpreter: str
    """Absolute path, links not resolved: a venv is found beside the link."""
    target: Target
    directory: str
    """The working directory; absolute."""
    environment: Mapping[str, str] = field(default_factory=dict)
    flags: Flags = Flags()
    arguments: tuple[str, ...] = ()
    """What follows the target: sys.argv[1:]."""
    version: tuple[int, int] | None = None
    """Where the caller knows it; otherwise it is read from the tree."""
    home: str | None = None
    """The home directory of the user, for the user's site-packages; HOME in the environment wins."""

    installed: frozenset[str] = frozenset()
    """Top-level names that are taken to be installed distributions where nothing on sys.path answers them."""

    @property
    def uses_environment(self) -> bool:
        """Whether PYTHON* variables count (neither -E nor -I)."""
        return not (self.flags.isolated or self.flags.ignore_environment)

    def variable(self, name: str) -> str:
        """A PYTHON* variable as the interpreter reads it: empty counts as unset."""
        return self.environment.get(name, "") if self.uses_environment else ""

    @property
    def safe_path(self) -> bool:
        """Neither the script's directory nor the working directory is put first (-P, -I, PYTHONSAFEPATH; 3.11 and later)."""
        return self.flags.isolated or self.flags.safe_path or bool(self.variable("PYTHONSAFEPATH"))

    @property
    def no_user_site(self) -> bool:
        """The user's site-packages are left out (-s, -I, PYTHONNOUSERSITE)."""
        return self.flags.isolated or self.flags.no_user_site or bool(self.variable("PYTHONNOUSERSITE"))
