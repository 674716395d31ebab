"""Every check of the folder is registered, and plays the part that a diagnosis gives it."""

from pathlib import Path

from qtops.checks.proposals.registry import CHECKS, MODULES, headline, judge
from qtops.facts.proposals import ProposalFacts
from qtops.findings import Check, Doubt, Finding, Judged, Severity, Verdict

from .proposals import SETTINGS

FOLDER = Path(__file__).parents[3] / "qtops" / "checks" / "proposals"


def test_every_check_of_the_folder_is_registered():
    files = {path.stem for path in FOLDER.glob("*.py") if "CHECK = Check(" in path.read_text()}
    assert files == {module.__name__.rpartition(".")[2] for module in MODULES}


def test_causes_are_what_lies_upstream():
    roles = {known.check.code: known.check.role for known in CHECKS}
    causes = {"PROPOSAL105", "PROPOSAL107", "PROPOSAL110", "PROPOSAL117", "PROPOSAL118"}
    assert {code for code, role in roles.items() if role == "cause"} == causes
    assert {code for code, role in roles.items() if role == "note"} == {"PROPOSAL112", "PROPOSAL113", "PROPOSAL116"}


def test_nothing_to_judge_yields_nothing():
    facts = ProposalFacts(family="risk-proposal", symbols=(), looks=())
    assert judge(facts, SETTINGS) == Judged()


def finding(code: str, severity: Severity = Severity.CRITICAL) -> Finding:
    return Check(code, "", severity, ()).finding("BTCUSDT", "", (), "")


def test_the_headline_says_what_matters_most():
    doubt = Doubt("PROPOSAL106", "BTCUSDT", "")
    assert headline(Judged()) == "RIGHT"
    assert headline(Judged(doubts=(doubt,))) == "COULD NOT TELL"
    assert headline(Judged((finding("PROPOSAL113", Severity.WARNING),))) == "NOT QUITE RIGHT"
    assert headline(Judged((finding("PROPOSAL105"),))) == "NOT RIGHT"
    assert headline(Judged((finding("PROPOSAL105"), finding("PROPOSAL107")))) == "FRESH, NOT REAL"
    assert Judged((finding("PROPOSAL107"),)).verdict is Verdict.CRITICAL
