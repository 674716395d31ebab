"""What names hold: assignments that reach them, parameters as callers give them, globals, imports."""

import ast
import builtins

from qtops.wiring.bindings import Binding
from qtops.wiring.outline import Outline, Scope
from qtops.wiring.state import State
from qtops.wiring.values import (
    MOST_ITEMS,
    Argument,
    ClassValue,
    External,
    Frame,
    FunctionValue,
    Instance,
    Items,
    ModuleValue,
    Plain,
    Reply,
    Table,
    Text,
    Unknown,
    Value,
    Values,
    distinct,
)

_BUILTINS = frozenset(dir(builtins))
_MOST_CALLERS = 64
_MOST_STARS = 8


class Names(State):
    """Looks names up."""

    def name(self, node: ast.Name, frame: Frame) -> Values:
        """A name in an expression."""
        reaching = self.flow(frame.scope).uses.get(node)
        if reaching is not None:
            return self.bindings(reaching, frame, node.id)
        return self.free(node.id, frame)

    def free(self, name: str, frame: Frame) -> Values:
        """A name that the scope itself does not bind: of the scopes around it, the module, or built in."""
        scope: Scope | None = frame.scope.outer
        outer = frame.outer
        while scope is not None and scope.outer is not None:
            if scope.is_function and (every := self.flow(scope).every.get(name)):
                around = outer if outer is not None and outer.scope is scope else self.base(scope)
                return self.bindings(every, around, name)
            if outer is not None and outer.scope is scope:
                outer = outer.outer
            scope = scope.outer
        return self.of_module(frame.scope.module, name)

    def of_module(self, outline: Outline, name: str, stars: int = 0) -> Values:
        """A name of a module: what it holds at the end, and what functions assign to it."""
        frame = self.base(outline.top)
        found: list[Value] = []
        if bindings := self.flow(outline.top).last.get(name):
            found += self.bindings(bindings, frame, name)
        for scope in outline.global_scopes.get(name, ()):
            found += self.bindings(self.flow(scope).every.get(name, ()), self.base(scope), name)
        if found:
            certain = [value for value in found if not (isinstance(value, Plain) and value.value is None)]
            return distinct(certain or found)
        for node in outline.imports if stars < _MOST_STARS else ():
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                base = self.closure.modules.get(self.closure.target(outline, node))
                if base is not None and base is not outline:
                    values = self.of_module(base, name, stars + 1)
                    if not isinstance(values[0], Unknown | External):
                        return values
        if name in _BUILTINS:
            return (External(f"builtins.{name}"),)
        if name in {"__name__", "__file__"}:
            return (Unknown(f"{name} is not followed", name.strip("_")),)
        return (Unknown(f"nothing that is known sets {name}", name),)

    def bindings(self, bindings: tuple[Binding, ...] | list[Binding], frame: Frame, name: str) -> Values:
        """What several assignments give."""
        found: list[Value] = []
        for binding in bindings:
            found += self.binding(binding, frame)
            if len(found) > MOST_ITEMS:
                break
        named = [
            value._replace(name=name) if isinstance(value, Unknown) and (len(name) > 2 or not value.name) else value
            for value in found
        ]
        return distinct(named)

    def binding(self, binding: Binding, frame: Frame) -> Values:
        """What one assignment gives."""
        return self.work_out((binding, frame), lambda: self._bound(binding, frame), (), self._memory)

    def _bound(self, binding: Binding, frame: Frame) -> Values:
        node = binding.node
        match binding.kind:
            case "value":
                return self.parts(self.evaluate(node, frame), binding.path)
            case "element":
                if frame.items is not None and node in frame.items:
                    return self.parts(frame.items[node], binding.path)
                return self.parts(self.elements(self.evaluate(node, frame)), binding.path)
            case "with":
                return self.parts(self._entered(self.evaluate(node, frame), frame), binding.path)
            case "merge":
                return distinct([value for before in binding.before for value in self.binding(before, frame)])
            case "parameter":
                return self.parameter(binding.name, node, frame)
            case "import":
                return self._imported(binding, frame)
            case "definition":
                return self._defined(node, frame)
            case "add" | "append" | "extend" | "item" | "update":
                return self._grown(binding, frame)
        return (Unknown("it is not followed"),)

    def parts(self, values: Values, path: tuple[int, ...]) -> Values:
        """Some part of what is taken apart."""
        for index in path:
            values = distinct([part for value in values for part in self.item(value, index)])
        return values

    def item(self, value: Value, index: int) -> Values:
        """One item of a sequence."""
        if isinstance(value, Items):
            if -len(value.items) <= index < len(value.items) and (value.complete or index < 0 or len(value.items) == 1):
                return value.items[index]
            return distinct([item for values in value.items for item in values]) or (Unknown("an item is not known"),)
        if isinstance(value, Reply) and (part := value.part(index)) is not None:
            return (part,)
        return (Unknown(value.why if isinstance(value, Unknown) else "an item of it is not known"),)

    def _entered(self, values: Values, frame: Frame) -> Values:
        found: list[Value] = []
        for value in values:
            if isinstance(value, Instance) and (
                method := self.method(value.of, "__aenter__") or self.method(value.of, "__enter__")
            ):
                found += self.returned(FunctionValue(method.node, method, frame, value), Frame(method, {}, frame.depth + 1))  # type: ignore[arg-type]
            else:
                found.append(value)
        return tuple(found)

    def returned(self, function: FunctionValue, frame: Frame) -> Values:
        """What a function returns when it runs in a frame."""
        raise NotImplementedError

    # ---- what grows

    def _grown(self, binding: Binding, frame: Frame) -> Values:
        """A container after one more change, or a text that something is added to."""
        before = distinct([value for known in binding.before for value in self.binding(known, frame)])
        node = binding.node
        if binding.kind == "item":
            return tuple(self._with_item(value, binding, frame) for value in before or (Table((), complete=False),))
        if binding.kind == "append" and isinstance(node, ast.Call):
            added: Values = (Items((self.evaluate(node.args[-1], frame),) if node.args else ()),)
        elif isinstance(node, ast.Call) and not node.args:
            added = (Table(tuple((Text((k.arg,)), Argument(k.value, frame)) for k in node.keywords if k.arg)),)
        else:
            added = self.evaluate(node.args[0] if isinstance(node, ast.Call) else node, frame)
        if not before:
            return tuple(value._replace(complete=False) if isinstance(value, Items | Table) else value for value in added)
        return distinct([value for old in before for new in added for value in self.sum(old, new)])

    def _with_item(self, value: Value, binding: Binding, frame: Frame) -> Value:
        if not isinstance(value, Table):
            return value
        node, given = binding.node, binding.given
        if isinstance(node, ast.Subscript) and given is not None:
            keys, values = self.evaluate(node.slice, frame), Argument(given, frame)
        elif isinstance(node, ast.Call) and node.args:  # setdefault
            keys, values = self.evaluate(node.args[0], frame), Argument(node.args[-1], frame)
        else:
            return value._replace(complete=False)
        known = [key for key in keys if isinstance(key, Text | Plain)]
        complete = value.complete and len(known) == len(keys)
        return Table((*value.pairs, *((key, values) for key in known)), complete)

    def sum(self, left: Value, right: Value) -> Values:
        """``left + right``."""
        raise NotImplementedError

    # ---- imports and definitions

    def _imported(self, binding: Binding, frame: Frame) -> Values:
        outline = frame.scope.module
        node = binding.node
        if isinstance(node, ast.Import):
            alias = next((alias for alias in node.names if alias.name == binding.name), node.names[0])
            return (self.module(alias.name if alias.asname else alias.name.partition(".")[0]),)
        if isinstance(node, ast.ImportFrom):
            base = self.closure.target(outline, node)
            return self.member_of_module(base, binding.name)
        return ()

    def module(self, name: str) -> Value:
        """A module by its full name."""
        found = self.closure.modules.get(name)
        return ModuleValue(found) if found is not None else External(name)

    def member_of_module(self, base: str, name: str) -> Values:
        """``from base import name``, or ``base.name``."""
        full = f"{base}.{name}"
        if (found := self.closure.modules.get(base)) is not None:
            values = self.of_module(found, name)
            if not (isinstance(values[0], Unknown) and full in self.closure.modules):
                return values
        return (self.module(full),)

    def _defined(self, node: ast.AST, frame: Frame) -> Values:
        scopes = (
            frame.scope.inner.get(node.name, ()) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else ()
        )
        for scope in scopes:
            if scope.node is node:
                if isinstance(node, ast.ClassDef):
                    return (ClassValue(scope, frame),)
                return (FunctionValue(node, scope, frame),)  # type: ignore[arg-type]
        return (Unknown("it is not followed"),)
