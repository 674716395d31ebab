"""What calls give: functions and classes of the project, run with the arguments that are known."""

import ast

from qtops.wiring.containers import Containers
from qtops.wiring.functions import decorators, is_static
from qtops.wiring.state import label
from qtops.wiring.values import (
    Argument,
    Arguments,
    Bound,
    ClassValue,
    Frame,
    FunctionValue,
    Given,
    Instance,
    Items,
    Plain,
    Table,
    Text,
    Unknown,
    Value,
    Values,
    distinct,
)

DEEPEST_CALLS = 8
_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})


class Calls(Containers):
    """Binds arguments and follows functions."""

    def call_function(self, function: FunctionValue, node: ast.Call, frame: Frame) -> Values:
        """What a function of the project returns for these arguments."""
        if frame.depth >= DEEPEST_CALLS:
            return (Unknown(f"{label(node)}() calls too deeply to be followed", label(node)),)
        inner = self.enter(function, node, frame)
        values = self.returned(function, inner)
        return tuple(_explained(value, node) for value in values)

    def returned(self, function: FunctionValue, frame: Frame) -> Values:
        """What a function returns when it runs in a frame."""
        if isinstance(function.node, ast.Lambda):
            return self.evaluate(function.node.body, frame)
        flow = self.flow(function.scope)
        if flow.yields:
            yielded = tuple(value for node in flow.yields for value in self.evaluate(node, frame))
            return yielded if _MANAGERS & decorators(function.node) else (Items((distinct(yielded),), complete=False),)
        found = [value for node in flow.returns for value in self.evaluate(node, frame)]
        if not found:
            noted = self.annotated(function.node.returns, function.scope)
            return (noted,) if noted is not None else (Plain(None),)
        if all(isinstance(value, Unknown | Plain) for value in found):
            noted = self.annotated(function.node.returns, function.scope)
            if noted is not None:
                return (noted,)
        return distinct(found)

    def enter(self, function: FunctionValue, node: ast.Call, frame: Frame) -> Frame:
        """The frame of a call."""
        positional, complete = self._positional(node, frame)
        named, more = self._named(node, frame)
        arguments = self.bind(function, positional, named, complete=complete and more)
        if isinstance(function.node, ast.Lambda):
            around = function.frame.arguments or {}
            return Frame(function.scope, {**around, **arguments}, frame.depth + 1, outer=function.frame.outer)
        return Frame(function.scope, arguments, frame.depth + 1, self.where(frame.scope, node), function.frame)

    def _positional(self, node: ast.Call, frame: Frame) -> tuple[list[Given], bool]:
        found: list[Given] = []
        for argument in node.args:
            if not isinstance(argument, ast.Starred):
                found.append(Argument(argument, frame))
                continue
            spread = self.evaluate(argument.value, frame)
            if len(spread) != 1 or not isinstance(spread[0], Items) or not spread[0].complete:
                return found, False
            found += spread[0].items
        return found, True

    def _named(self, node: ast.Call, frame: Frame) -> tuple[Arguments, bool]:
        found: Arguments = {}
        complete = True
        for word in node.keywords:
            if word.arg is not None:
                found[word.arg] = Argument(word.value, frame)
                continue
            spread = self.evaluate(word.value, frame)
            table = spread[0] if len(spread) == 1 else None
            if not isinstance(table, Table):
                complete = False
                continue
            complete = complete and table.complete
            found.update({key.known: values for key, values in table.pairs if isinstance(key, Text) and key.known is not None})
        return found, complete

    def bind(self, function: FunctionValue, positional: list[Given], named: Arguments, *, complete: bool) -> Arguments:
        """Arguments by the names of their parameters; defaults where they are left out."""
        arguments = function.node.args
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        bound: Arguments = {}
        if function.subject is not None and names and not is_static(function.node):
            bound[names.pop(0)] = (function.subject,)
        bound.update(zip(names, positional, strict=False))
        every = [*names, *(argument.arg for argument in arguments.kwonlyargs)]
        bound.update({name: values for name, values in named.items() if name in every})
        for name in every:
            if name not in bound:
                default = self.default(function.node, name, function.scope)
                if default is not None and (complete or not positional):
                    bound[name] = default
                else:
                    bound[name] = (Unknown(f"{name} is not among the arguments that are known", name), *(default or ()))
        if arguments.vararg is not None:
            bound[arguments.vararg.arg] = (Items(tuple(map(self.given, positional[len(names) :])), complete),)
        if arguments.kwarg is not None:
            rest = tuple((Text((name,)), values) for name, values in named.items() if name not in every)
            bound[arguments.kwarg.arg] = (Table(rest, complete),)
        return bound

    def construct(self, cls: ClassValue, node: ast.Call, frame: Frame) -> Values:
        """An object of a class of the project."""
        if self.is_enum(cls):
            return self.evaluate(node.args[0], frame) if node.args else (Unknown("a member of an enumeration"),)
        positional, complete = self._positional(node, frame)
        named, more = self._named(node, frame)
        if (method := self.method(cls, "__init__")) is not None:
            function = FunctionValue(method.node, method, self.base(method.outer or method), Instance(cls))  # type: ignore[arg-type]
            return (Instance(cls, self.bind(function, positional, named, complete=complete and more)),)
        fields = [name for one in reversed(self.line(cls)) for name in self.field_names(one)]
        return (Instance(cls, {**dict(zip(fields, positional, strict=False)), **named}),)

    def apply(self, function: Value, arguments: list[Given]) -> Values:
        """A function called by something of the library (``map``, ``default_factory``)."""
        match function:
            case FunctionValue():
                bound = self.bind(function, arguments, {}, complete=True)
                around = (function.frame.arguments or {}) if isinstance(function.node, ast.Lambda) else {}
                return self.returned(function, Frame(function.scope, {**around, **bound}, DEEPEST_CALLS - 2, outer=function.frame))
            case ClassValue():
                return (Instance(function),)
            case Bound():
                return self.apply(function.function, [*function.positional, *arguments])
        return (Unknown("what calls it is not followed"),)


def _explained(value: Value, node: ast.Call) -> Value:
    if isinstance(value, Unknown) and not value.why:
        return value._replace(why=f"what {label(node)}() returns is not known")
    return value
