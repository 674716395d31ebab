"""How often is what a service writes really updated? Only a series that was watched can tell: two readings prove no interval."""

from typing import Final

from qtops.checks.cadence.measure import SLOW, measure
from qtops.checks.cadence.told import told as in_words
from qtops.facts.cadence import CadenceFacts, Series
from qtops.facts.recovery import Answer
from qtops.facts.service import ServiceFacts
from qtops.facts.times import span
from qtops.phases.look import OF_CADENCE, Look
from qtops.phases.verdict import ORDER, Told

INTERVALS: Final = 2  # of three updates: one interval may be the exception
OFTEN: Final = 0.5  # of the interval: whoever looks more rarely cannot tell one update from several
WATCH: Final = 3  # intervals that have to be watched to see so many
NAMED: Final = 3
SOURCES: Final = (("", "cadence"),)


def every(service: ServiceFacts, look: Look, every_s: float) -> Told:
    """Whether each of its keys was seen to be updated at least this often: by its fastest time field."""
    facts, how = look.facts.cadence, f"watch it: `--observe {WATCH * every_s + 5:g}s`"
    if facts is None:
        return Told("could not tell", f"nobody watched: how often it is updated takes more than one look ({how})", SOURCES)
    if facts.server.state != "ok":
        return Told("could not tell", f"Redis did not answer: {facts.server.state}", SOURCES)
    keys: dict[str, list[tuple[Answer, str]]] = {}
    for series in facts.series:
        if series.family in service.families and (series.texts or series.moments_s):
            keys.setdefault(_key(series.family, series.subject), []).append(_series(series, facts, every_s))
    for series in facts.series:
        if series.family in service.families and series.trouble:  # a field that is not there is none that another one waits for
            keys.setdefault(_key(series.family, series.subject), [("could not tell", f"{series.field}: {series.trouble}")])
    for reading in service.keys:
        if reading.present:
            keys.setdefault(_key(reading.family, reading.subject), [("could not tell", f"not watched ({how})")])
    if not keys:
        return Told("could not tell", f"none of its keys was watched ({how})", SOURCES)
    best = {key: max(answers, key=lambda answer: ORDER.index(answer[0])) for key, answers in keys.items()}
    worst = next(holds for holds in ORDER if any(answer == holds for answer, _ in best.values()))
    told = [f"{key}: {seen}" for key, (answer, seen) in best.items() if answer == worst]
    codes = tuple(dict.fromkeys(finding.code for finding in look.cadence(service).findings if finding.code in OF_CADENCE))
    seen = "; ".join(told[:NAMED]) + (f"; and {len(told) - NAMED} more" if len(told) > NAMED else "")
    return Told(worst, seen, SOURCES, () if worst == "yes" else codes)


def _series(series: Series, facts: CadenceFacts, every_s: float) -> tuple[Answer, str]:
    """The answer of one time field."""
    measured, name = measure(series, facts.now_s), series.field or "its entries"
    seen = f"{name}: {in_words(measured)}"
    if series.seen_at_s:  # how finely it was looked at is how finely these figures can be taken
        seen += f", watched for {span(series.watched_s)}, about every {series.sampled_every_s:.2g} s"
    if series.seen_at_s and not 0 < series.sampled_every_s <= OFTEN * every_s:
        return "could not tell", f"{seen}; looked at every {series.sampled_every_s:g} s, which cannot tell one update from several"
    longest_s = max(measured.max_s or 0.0, measured.open_s)
    if measured.n >= INTERVALS and longest_s <= SLOW * every_s:
        return "yes", seen
    if longest_s > SLOW * every_s and not series.blind_s > every_s:
        return "no", f"{seen}; {span(longest_s)} without an update"
    return "could not tell", f"{seen}: too little to tell"


def _key(family: str, subject: str) -> str:
    return f"{family} {subject}".rstrip()
