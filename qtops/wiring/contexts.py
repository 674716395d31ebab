"""The ways in which a piece of code is run: once for each call of its function, and for each turn of a loop over what is known."""

import ast
from dataclasses import dataclass, field, replace

from qtops.wiring.bindings import Binding, children
from qtops.wiring.evaluate import Evaluator
from qtops.wiring.outline import Scope
from qtops.wiring.values import Argument, Frame, Items, Table, Values

MOST_CONTEXTS = 32
_DEEPEST = 4  # callers of callers
_MOST_TURNS = 32


@dataclass(slots=True)
class Dependence:
    """What expressions depend on."""

    parameters: set[str] = field(default_factory=set)
    loops: dict[ast.AST, Binding] = field(default_factory=dict)


def dependence(evaluator: Evaluator, scope: Scope, nodes: list[ast.expr]) -> Dependence:
    """The parameters and loops that values come from, assignments followed."""
    found = Dependence()
    uses = evaluator.flow(scope).uses
    subject = _subject(scope)
    pending: list[ast.AST | Binding] = list(nodes)
    seen: set[ast.AST | Binding] = set()
    while pending:
        part = pending.pop()
        if part in seen:
            continue
        seen.add(part)
        if isinstance(part, Binding):
            if part.kind == "parameter":
                if part.name != subject and _owns(scope, part.node):
                    found.parameters.add(part.name)
                continue
            if part.kind == "element":
                found.loops[part.node] = part
            pending += part.before
            pending += [part.given] if part.given is not None else []
            if isinstance(part.node, ast.expr):
                pending.append(part.node)
        elif isinstance(part, ast.Name):
            pending += uses.get(part, ())
        elif isinstance(part, ast.Dict):
            # A value tells nothing of names and fields
            pending += [key if key is not None else value for key, value in zip(part.keys, part.values, strict=True)]
        else:
            pending += children(part)
    return found


def contexts(evaluator: Evaluator, scope: Scope, nodes: list[ast.expr], depth: int = _DEEPEST) -> list[Frame]:
    """The frames in which expressions may be evaluated: at least one, no more than a bit over MOST_CONTEXTS."""
    found = dependence(evaluator, scope, nodes)
    frames = [evaluator.base(scope)]
    if found.parameters and depth > 0:
        frames = _called(evaluator, scope, found.parameters, depth) or frames
    for iterated in found.loops:
        frames = [turn for frame in frames for turn in _turns(evaluator, frame, iterated)]
        if len(frames) > 2 * MOST_CONTEXTS:
            break
    return frames[: MOST_CONTEXTS + 1]


def _called(evaluator: Evaluator, scope: Scope, needed: set[str], depth: int) -> list[Frame]:
    frames: list[Frame] = []
    key = ("contexts", scope)
    if key in evaluator.entered:
        return frames
    evaluator.entered.add(key)
    for caller, call, function in evaluator.calls_of(scope):
        given = [
            argument.node
            for argument in map((evaluator.enter(function, call, evaluator.base(caller)).arguments or {}).get, needed)
            if isinstance(argument, Argument) and isinstance(argument.node, ast.expr)
        ]
        for around in contexts(evaluator, caller, given, depth - 1):
            frame = evaluator.enter(function, call, around)
            frames.append(replace(frame, at=around.at or frame.at))
            if len(frames) > MOST_CONTEXTS:
                break
    evaluator.entered.discard(key)
    return frames


def _turns(evaluator: Evaluator, frame: Frame, iterated: ast.AST) -> list[Frame]:
    """One frame for each item, where they are known and few."""
    values = evaluator.evaluate(iterated, frame)
    items = _items(values)
    if not 1 < len(items) <= _MOST_TURNS:
        return [frame]
    return [replace(frame, items={**(frame.items or {}), iterated: item}) for item in items]


def _items(values: Values) -> list[Values]:
    if len(values) != 1:
        return []
    match values[0]:
        case Items(items=items, complete=True):
            return list(items)
        case Table(pairs=pairs, complete=True):
            return [(key,) for key, _ in pairs]
    return []


def _subject(scope: Scope) -> str:
    node = scope.node
    if scope.owner is None or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.args.args:
        return ""
    return node.args.args[0].arg


def _owns(scope: Scope, argument: ast.AST) -> bool:
    node = scope.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    return any(argument is one for one in every)
