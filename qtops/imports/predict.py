"""The prediction: walk the start, name what fails, and try each edit of sys.path away to see which one stands in the way."""

from dataclasses import replace

from qtops.imports.files import Files
from qtops.imports.interpreter import Interpreter, read_interpreter
from qtops.imports.launch import Launch
from qtops.imports.outcome import Edit, Import, ImportVerdict, Outcome, Site
from qtops.imports.path import Start, starting_path
from qtops.imports.tree import Tree
from qtops.imports.walk import NotStarted, Walk

_COUNTERFACTUALS = 12


def predict(tree: Tree | Files, launch: Launch) -> Outcome:
    """What happens to the imports of a start. Never raises for what the tree holds. Files remember what other starts have read."""
    files = tree if isinstance(tree, Files) else Files(tree)
    tree = files.tree
    interpreter = read_interpreter(tree, launch)
    start = starting_path(tree, launch, interpreter)
    outcome = _walked(files, launch, interpreter, start, frozenset())
    failing = outcome.failing
    if failing is None or outcome.verdict in {ImportVerdict.OK, ImportVerdict.UNKNOWN, ImportVerdict.SCRIPT_MISSING}:
        return outcome
    for edit in _suspects(outcome, failing):
        if _walked(files, launch, interpreter, start, frozenset({edit.site})).verdict is ImportVerdict.OK:
            return _with_edit(outcome, edit)
    return outcome


def _suspects(outcome: Outcome, failing: Import) -> list[Edit]:
    """The edits to try away: the one that put the winner first, then the others, latest first."""
    winner = failing.won_by.origin if failing.won_by is not None else None
    distinct = list({edit.site: edit for edit in outcome.edits}.values())[::-1]
    distinct.sort(key=lambda edit: winner is None or (edit.site.file, edit.site.line) != (winner.file, winner.line))
    return distinct[:_COUNTERFACTUALS]


def _with_edit(outcome: Outcome, edit: Edit) -> Outcome:
    return replace(outcome, resolves_without=edit)


def _walked(files: Files, launch: Launch, interpreter: Interpreter, start: Start, without: frozenset[Site]) -> Outcome:
    walk = Walk(files, launch, interpreter, start, without)
    try:
        walk.run()
    except NotStarted as refusal:
        return Outcome(ImportVerdict.SCRIPT_MISSING, walk.script, reason=str(refusal), message=str(refusal), path=walk.path)
    return _judged(walk)


def _judged(walk: Walk) -> Outcome:
    raised = walk.raised
    failing = raised.cause if raised is not None else None
    doubtful = next((found for found in walk.imports if found.verdict is ImportVerdict.UNKNOWN), None)
    possible = next((found for found in walk.imports if found.failed and not found.guarded and found.reason is not None), None)
    verdict, reason = ImportVerdict.OK, None
    if failing is not None and failing.reason is None and doubtful is None:
        verdict = failing.verdict
    elif failing is not None or possible is not None or doubtful is not None:
        verdict = ImportVerdict.UNKNOWN
        reason = next(found.reason for found in (doubtful, failing, possible) if found is not None and found.reason is not None)
    shown = failing or possible or doubtful
    message = None
    if failing is not None and raised is not None:
        message = None if raised.kind == "SystemExit" else raised.last_line if raised.kind else raised.message
    return Outcome(
        verdict=verdict,
        script=walk.script,
        failing=shown,
        reason=reason,
        message=message if verdict is not ImportVerdict.UNKNOWN else None,
        imports=tuple(walk.imports),
        edits=tuple(walk.edits),
        path=shown.path if shown is not None else walk.path,
        third_party_missing=_third_party(walk),
        ending=walk.ending,
        assumptions=tuple(walk.assumptions),
        files=tuple(dict.fromkeys(walk.followed)),
        distributions=tuple(m.file for m in walk.modules.values() if m.party == "third" and m.file and "." not in m.name),
    )


def _third_party(walk: Walk) -> tuple[str, ...]:
    missing = [found.module for found in walk.imports if found.verdict is ImportVerdict.MISSING and "." not in found.module]
    return tuple(dict.fromkeys(missing))
