"""What is to be done, as plain values: carried out by an operator, or by ``qtops.actions``."""

import msgspec


class Step(msgspec.Struct, frozen=True):
    """One action of a plan. ``command`` is what an operator would type; ``way_back`` is empty where there is none."""

    command: tuple[str, ...]
    why: str
    effect: str = ""  # what it changes, counted: "moves 12 entries to consumer worker-2"
    way_back: str = ""
    risk: str = ""  # why a person has to ask for it by name; empty: safe


class Plan(msgspec.Struct, frozen=True):
    """Steps in order, for one subject. The first that fails ends it."""

    code: str  # of the finding that it is for
    subject: str
    steps: tuple[Step, ...]
    why_none: str = ""  # without steps: why there is nothing that could be done by command
