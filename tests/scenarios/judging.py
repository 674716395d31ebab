"""Hold what doctor says of a scenario's service against what the catalogue says."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.scenarios.scenario import Scenario

Result = Mapping[str, Any]
"""One of ``results`` in doctor's JSON."""
PARTS = ("path", "symptoms", "notes")


def misses(scenario: Scenario, result: Result | None) -> list[str]:
    """Everything in which they differ; nothing where they agree."""
    return ["it is not among the results"] if result is None else list(_misses(scenario, result))


def root_of(result: Result | None) -> str:
    """The code of the root; ``-`` where there is none."""
    root = (result or {}).get("root")
    return root["code"] if root else "-"


def _misses(scenario: Scenario, result: Result) -> Iterator[str]:
    findings = [*filter(None, [result["root"]]), *(finding for part in PARTS for finding in result[part])]
    codes = {finding["code"] for finding in findings}
    if (found := root_of(result)) != (scenario.root or "-"):
        yield f"the root is {found}, not {scenario.root or '-'}"
    text = "\n".join(_text(finding) for finding in ([result["root"]] if result["root"] else findings))
    yield from (f"it does not say {words!r}" for words in scenario.says if words not in text)
    yield from (f"{code} is not told" for code in scenario.further if code not in codes)
    yield from (f"{code} is told" for code in scenario.clear if code in codes)
    verdicts = scenario.verdicts or (("warning", "critical") if scenario.root or scenario.further else ("ok",))
    if result["verdict"] not in verdicts:
        yield f"the verdict is {result['verdict']}, not {' or '.join(verdicts)}"
    if not scenario.root and not scenario.further:
        yield from (f"{finding['code']} is told: {finding['summary']}" for finding in findings if finding["severity"] != "info")


def _text(finding: Mapping[str, Any]) -> str:
    return "\n".join((finding["summary"], finding["where"], *finding["evidence"], finding["remedy"]))
