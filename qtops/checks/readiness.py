"""What systemd said of a service's own word that it is ready, or alive: texts, which are evidence where a time limit was met."""

from typing import Final

from qtops.facts.service import ServiceFacts

NOT_LISTENED_TO: Final = "reception only permitted"
LISTEN: Final = "Let its program replace the shell that starts it (exec), or NotifyAccess=all in [Service]"


def unheard(service: ServiceFacts) -> str:
    """The newest notification that systemd did not take, since it came from another process than the main one."""
    return _newest(service, NOT_LISTENED_TO)


def pid_file(service: ServiceFacts) -> str:
    """What systemd last said of a PID file."""
    return _newest(service, " PID file ")


def _newest(service: ServiceFacts, words: str) -> str:
    events = service.journal.events if service.journal else ()
    return next((event.text for event in reversed(events) if words in event.text), "")
