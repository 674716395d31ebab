"""How much of what is secret is hidden, how little of what is not, and how long a line takes."""

from collections.abc import Iterator
from itertools import groupby

from qtops.collectors.redact import Redactor
from tests.bench.measuring import Arm, Effort, interleave
from tests.bench.results import Result
from tests.redaction.corpus import Recall, altered, clean, planted, recall, vault

LEAST_RECALL_PCT = 100.0
MOST_ALTERED_PCT = 2.0
MOST_US = 50.0
KNOWING, BY_LOOKS = "values known", "by looks alone"


def measure(effort: Effort) -> Iterator[Result]:
    """As a run as root does it, which knows the values of the environments; and as one does that knows none."""
    for name, redactor, is_bar in ((KNOWING, Redactor(vault()), True), (BY_LOOKS, Redactor(), False)):
        found = recall(redactor, planted())
        share = 100.0 * found.hidden.total() / found.planted.total()
        bar = f"planted secrets hidden, {name}"
        least = LEAST_RECALL_PCT if is_bar else None
        yield Result(bar, share, "%", least, "at least", how=_by_syntax(found), timed=False)
        touched = len(altered(redactor, clean()))
        how = f"{touched} of {len(clean())} clean texts"
        pct = 100.0 * touched / len(clean())
        yield Result(f"clean texts altered, {name}", pct, "%", MOST_ALTERED_PCT, how=how, timed=False)
    yield _time(effort)


def _by_syntax(found: Recall) -> str:
    groups = sorted(found.planted, key=lambda syntax: (found.hidden[syntax] / found.planted[syntax], syntax))
    parts = []
    for is_whole, group in groupby(groups, lambda syntax: found.hidden[syntax] == found.planted[syntax]):
        if is_whole:
            parts.append("all of " + ", ".join(f"{_words(syntax)} {found.planted[syntax]}" for syntax in group))
        else:
            parts += [f"{_words(syntax)} {found.hidden[syntax]}/{found.planted[syntax]}" for syntax in group]
    return f"{found.hidden.total()} of {found.planted.total()} in {len(groups)} syntaxes: {'; '.join(parts)}"


def _words(syntax: str) -> str:
    return syntax.replace("_", " ")


def _time(effort: Effort) -> Result:
    lines = [line for text in (*clean(), *(case.text for case in planted())) for line in text.split("\n")]
    redactor = Redactor(vault())
    times = interleave((Arm("lines", lambda: [redactor.text(line) for line in lines]),), effort.rounds)["lines"]
    per_line_us = 1e6 * times.best / len(lines)
    how = f"{len(lines)} lines of the corpus, half of them with secrets, {len(vault())} values known; {times}"
    return Result("redaction of a line", per_line_us, "µs", MOST_US, spread=times.spread, how=how)
