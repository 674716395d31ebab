"""What becomes of keys that a search found is told from source: who counts them is warned, who deletes them more than that."""

from qtops.checks.wiring.registry import judge
from qtops.settings import Settings
from tests.fleet.keyspace import CASES
from tests.fleet.measuring import facts_of


def test_who_deletes_what_was_found_is_told_apart_from_who_counts_it(tmp_path):
    findings = judge(facts_of(tmp_path, CASES), Settings()).findings
    assert {finding.subject: str(finding.severity) for finding in findings if finding.code == "WIRING111"} == {
        "quantum:heatmark:*": "critical",  # keys = r.keys(…); r.delete(*keys)
        "quantum:lot:*": "critical",  # for key in r.scan_iter(…): r.unlink(key)
        "quantum:holding:*": "warning",
    }
