"""What is measured of redaction: the bars that are counts are met. Times are not judged here."""

from tests.bench import redaction
from tests.bench.measuring import Effort
from tests.bench.results import Verdict


def test_redaction_is_measured_with_known_values_and_without() -> None:
    hidden, altered, by_looks, altered_by_looks, line = redaction.measure(Effort(rounds=1))

    assert [result.verdict for result in (hidden, altered, altered_by_looks)] == [Verdict.MET] * 3
    assert (hidden.value, by_looks.limit, line.limit, line.unit) == (100.0, None, 50.0, "µs")
    assert by_looks.value < hidden.value
    assert "syntaxes: hex 0/2; base64 2/7; " in by_looks.how
    assert line.value > 0.0
