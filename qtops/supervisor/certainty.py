"""What has to be seen twice before it is told, and what is not to be told at all while clocks are being set."""

from typing import Final

from qtops.facts.times import span, utc
from qtops.findings import Finding
from qtops.supervisor.outcomes import OF_TIME, Told

JUMP_S: Final = 2.0  # between two looks: slewing moves a clock by less (adjtimex(2): 500 ppm), and a round trip takes less


class Doubtful:
    """Findings on one service that one look cannot prove: inputs and proposals are written one after the other, within a cycle."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self.pending = False  # whether the next look may prove what this one could not

    def sure(self, said: Told, now_s: float, cycle_s: float) -> Told:
        """What was seen at two looks in a row that are a cycle apart, or more; the rest is a doubt until then."""
        codes = {finding.code for finding in said.findings}
        self._since = {code: self._since.get(code, now_s) for code in codes}
        kept = [
            finding for finding in said.findings if finding.code in said.at_once or now_s - self._since[finding.code] >= cycle_s
        ]
        held = [finding for finding in said.findings if finding not in kept]
        self.pending = bool(held)
        doubts = (f"{finding.code}: {finding.summary}: seen once, and told when it is still so a cycle later" for finding in held)
        return Told(tuple(kept), (*said.doubts, *doubts), said.at_once)


class Jumps:
    """Notices that a clock was set: Redis', or this host's. Both are compared with one that nobody sets."""

    def __init__(self) -> None:
        self._offsets_s: tuple[float, ...] = ()
        self._by_s, self._at_s, self._wall_s = 0.0, float("-inf"), 0.0

    def note(self, now_s: float, *clocks_s: float) -> None:
        """What the clocks say at ``now_s`` of the steady one. The first look has nothing to compare with."""
        offsets_s = tuple(clock_s - now_s for clock_s in clocks_s)
        if len(offsets_s) == len(self._offsets_s):
            moved_s = max((new - old for new, old in zip(offsets_s, self._offsets_s, strict=True)), key=abs, default=0.0)
            if abs(moved_s) > JUMP_S:
                self._by_s, self._at_s, self._wall_s = moved_s, now_s, clocks_s[0]
        self._offsets_s = offsets_s

    def told(self, now_s: float, within_s: float) -> str:
        """In words, where a clock was set no longer ago than ``within_s``; empty otherwise."""
        if now_s - self._at_s > within_s:
            return ""
        sign = "+" if self._by_s > 0 else "-"
        return f"the clock was set by {sign}{span(abs(self._by_s))} at {utc(self._wall_s)}"


def without_times(said: Told, why: str) -> Told:
    """Findings that rest on a clock become doubts, with the reason; the others stay."""
    kept = tuple(finding for finding in said.findings if finding.code not in OF_TIME)
    lost = (_doubt(finding, why) for finding in said.findings if finding.code in OF_TIME)
    return Told(kept, (*said.doubts, *lost), said.at_once)


def _doubt(finding: Finding, why: str) -> str:
    return f"{finding.code}: could not tell, as {why}: {finding.summary}"
