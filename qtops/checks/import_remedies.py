"""What to do about an import that breaks, by what was found in its place."""

from typing import Final

from qtops.facts.preflight import ImportFailure, StartFacts, VariableFact

BEFORE_ALL: Final = frozenset({"encodings"})  # what an interpreter imports before it can do anything
NO_PACKAGE: Final = "with no known parent package"  # CPython's words for relative imports that lead nowhere
BEYOND: Final = "beyond top-level package"


def remedy(failure: ImportFailure, start: StartFacts) -> str:
    """The smallest change that is known to mend it, else what has to be looked at."""
    if start.imports and start.imports.ignores_pythonpath:
        return f"Start {start.imports.interpreter} without {start.imports.ignores_pythonpath}"
    if failure.module in BEFORE_ALL:
        return "Remove PYTHONHOME from the environment of the unit: an environment of Python (venv) needs none"
    setting = _setting(failure, start)
    if failure.resolves_without:
        line = f": {failure.edited_line}" if failure.edited_line else ""
        return f"Remove the edit of sys.path at {failure.resolves_without}{line}" + (f"; and {setting}" if setting else "")
    if setting:
        return f"{setting[0].upper()}{setting[1:]}"
    if failure.kind == "shadowed":
        return f"Rename {failure.resolved_to}, or bring {failure.shadowed[0]} forward on sys.path"
    if failure.kind == "name_missing":
        at = f"at {failure.where}" if failure.where else "in ExecStart="
        return f"{failure.resolved_to} binds no {failure.name}: correct the name {at}, or deploy the version that has it"
    if failure.kind == "circular":
        return f"Move the import at {failure.where} into the function that needs it, or what both modules need into a third"
    return _of_what_is_not_there(failure, start)


def pythonpath(start: StartFacts) -> VariableFact | None:
    """The assignment of PYTHONPATH that counts."""
    return next((variable for variable in reversed(start.variables) if variable.name == "PYTHONPATH"), None)


def _setting(failure: ImportFailure, start: StartFacts) -> str:
    if not failure.resolves_with:
        return ""
    variable = pythonpath(start)
    if variable is not None:
        return f"put {failure.resolves_with} on PYTHONPATH at {variable.where}"
    return f"set PYTHONPATH={failure.resolves_with} in the unit"


def _of_what_is_not_there(failure: ImportFailure, start: StartFacts) -> str:
    importer = f"the import at {failure.where}" if failure.where else "the name in ExecStart="
    if NO_PACKAGE in failure.message:
        return f"Write {importer} without the dot, or start the file as a module of its package (python -m)"
    if BEYOND in failure.message:
        return f"Take a dot from {importer}: its package does not reach that far up"
    variable = pythonpath(start)
    if failure.won_by is not None and failure.won_by.origin == "PYTHONPATH" and variable is not None and variable.replaces:
        return f"Correct PYTHONPATH at {variable.where}, which replaces that of {variable.replaces}; or deploy {failure.module}"
    compiled = [path for path in failure.near if path.endswith(".pyc")]
    if compiled:
        return f"Deploy the source of {failure.module}, of which only {compiled[0]} is left, or remove {importer}"
    if failure.near:
        return f"Correct {importer} (did you mean {failure.near[0]}?), or deploy the file that holds {failure.module}"
    return f"Deploy the file that holds {failure.module}, or correct {importer}"
