"""What a show consists of: acts, each one command as an operator would type it, and what came of it."""

import msgspec

SHORTER = (
    ("/home/qt/quantum_trader/microservices/risk_proposal_publisher/main.py", "…/main.py"),
    ("/home/qt/quantum_trader/microservices/risk_proposal_publisher", "…/risk_proposal_publisher"),
    ("/home/qt/quantum_trader/", "…/"),
)
"""Long paths of the founding host, and how they are told."""


class Act(msgspec.Struct, frozen=True):
    """One command, and what it is expected to say.

    ``keep``: patterns of the lines that matter, each shown up to where its pattern's match ends; none: all of them, whole.
    """

    command: str
    heading: str = ""  # in an operator's words; without one it goes on with the act before it
    promised: int = 0  # the exit code
    keep: tuple[str, ...] = ()
    meanwhile: str = ""  # what goes on before it, for whoever waits
    before: str = ""  # and the shell command that waits for that


class Played(msgspec.Struct, frozen=True):
    """An act that was played."""

    act: Act
    output: str  # standard output, with its colours
    complaint: str  # standard error, without them
    exit: int
    took_s: float

    @property
    def is_as_promised(self) -> bool:
        """Whether the command ended as it was to end."""
        return self.exit == self.act.promised


class Story(msgspec.Struct, frozen=True):
    """A whole show, as it went."""

    title: tuple[str, ...]
    acts: tuple[Played, ...]
    closing: tuple[str, ...]  # what there is to say at the end

    @property
    def is_as_promised(self) -> bool:
        """Whether every act was."""
        return all(played.is_as_promised for played in self.acts)


def shortened(text: str) -> str:
    """The text with long paths cut."""
    for long, short in SHORTER:
        text = text.replace(long, short)
    return text
