"""Everything that was true of services on a host at one moment: what a bundle holds, and all that a diagnosis is made of."""

from typing import Literal

import msgspec

from qtops.facts.cadence import CadenceFacts
from qtops.facts.events import EventFacts
from qtops.facts.journal import JournalFacts
from qtops.facts.keys import KeyReading, ServerReading
from qtops.facts.preflight import StartFacts
from qtops.facts.proposals import ProposalFacts
from qtops.facts.streams import StreamFacts
from qtops.facts.unit import UnitState
from qtops.facts.wiring import WiringFacts
from qtops.settings import Settings

Source = Literal["systemd", "journal", "process", "redis", "keys", "proposals", "source", "unit files", "probe"]


class Missing(msgspec.Struct, frozen=True):
    """A source that could not be read, why, and the command or the right that would make it readable."""

    source: Source
    why: str
    enable: str = ""

    @property
    def told(self) -> str:
        """In one line, with what would make it readable."""
        return f"{self.source}: {self.why}" + (f" ({self.enable})" if self.enable else "")


class ProcessFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The main process. The command line has no secrets left in it."""

    pid: int
    started_s: float
    exe: str = ""
    exe_deleted: bool = False  # the program was replaced under it
    cwd: str = ""
    command: tuple[str, ...] = ()
    rss_bytes: int = 0
    processes: int = 1  # in its control group
    state: str = ""  # in psutil's words: "running", "sleeping", "stopped", "tracing-stop", "disk-sleep"; empty: not known


class ChangedFile(msgspec.Struct, frozen=True):
    """A file that changed after the process began. ``changed_s`` is the later of mtime and ctime."""

    kind: Literal["code", "unit", "environment", "program"]
    path: str
    changed_s: float


class RedisFacts(msgspec.Struct, frozen=True):
    """The Redis that a service uses, who says so, and how it was."""

    reading: ServerReading
    named_by: str  # "REDIS_URL at /etc/app.env:3", "--redis", "configuration"
    writes_refused: str = ""  # a state of publisher.connection (read_only, out_of_memory, disk_error), where the server answers


class ProbeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A predicted import, run in a throw-away process in the unit's own context. ``said`` is empty where it raised nothing."""

    module: str
    how: str  # "systemd-run as qt", "a child process"
    expected: str  # the last line of the predicted traceback
    said: str
    found: str = ""  # the file that was imported, where nothing was raised
    mended_by: str = ""  # the change that the second run was made with; empty: there was none to try
    mended_said: str = ""
    mended_found: str = ""


class ServiceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One service. What is None was not there, or is named in ``missing``."""

    subject: str  # the unit's full name
    unit: UnitState | None = None
    start: StartFacts | None = None  # what the next start would meet
    journal: JournalFacts | None = None
    process: ProcessFacts | None = None
    changed: tuple[ChangedFile, ...] = ()  # newer than the process, newest first
    source_changed_s: float | None = None  # when the newest of all files and folders that the start's imports rest on changed
    probe: ProbeFacts | None = None
    redis: RedisFacts | None = None  # None: it names none
    families: tuple[str, ...] = ()  # the key families that it writes
    keys: tuple[KeyReading, ...] = ()
    proposals: ProposalFacts | None = None  # None: it writes none, or they could not be read
    events: EventFacts | None = None  # risk events and guards in the Redis that it writes proposals to
    missing: tuple[Missing, ...] = ()

    def lacks(self, source: Source) -> bool:
        """Whether a source could not be read."""
        return any(missing.source == source for missing in self.missing)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """One look at a host: at services, or at what Redis holds."""

    host: str
    taken_at_s: float  # this host's clock, which every age is counted from
    services: tuple[ServiceFacts, ...] = ()
    proposals: ProposalFacts | None = None  # these five: what a command of their name looked at
    streams: StreamFacts | None = None
    cadence: CadenceFacts | None = None
    events: EventFacts | None = None
    wiring: WiringFacts | None = None
    settings: Settings = Settings()
    via: Literal["pystemd", "systemctl", ""] = ""  # how systemd was read
    systemd_version: str = ""
    booted_s: float | None = None
    missing: tuple[Missing, ...] = ()  # sources of the whole host
