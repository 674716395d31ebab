"""What names and attributes hold: scopes, modules, objects of the project, and what of the library is known."""

import ast
from abc import abstractmethod
from pathlib import PurePosixPath

from qtops.imports.constants import constant
from qtops.imports.modules import LoadedModule
from qtops.imports.operators import BUILTINS
from qtops.imports.state import State
from qtops.imports.values import Bound, Class, External, Function, Instance, Maybe, Scope, Unknown, Value, doubt_in


class Naming(State):
    """Looks names up. Expressions, calls and assignments are the next layers'."""

    @abstractmethod
    def value(self, node: ast.expr) -> Value:
        """The value of an expression; Unknown where it cannot be told."""

    @abstractmethod
    def call(self, node: ast.Call) -> Value:
        """The value of a call, with what it does."""

    @abstractmethod
    def read_property(self, function: Function, subject: Value) -> Value:
        """The value of a property."""

    @abstractmethod
    def await_value(self, value: Value) -> Value:
        """The value of an awaited coroutine, with what it does."""

    @abstractmethod
    def attribute_of_module(self, module: LoadedModule, name: str, node: ast.expr) -> Value:
        """A name of a module of the project, seen from outside."""

    @abstractmethod
    def bind(self, target: ast.expr, value: Value) -> None:
        """Assign to a target."""

    def lookup(self, name: str) -> Value:
        """A name as the present scope sees it."""
        scope: Scope | None = self.scope
        first = True
        while scope is not None:
            if name in scope.names and (first or not scope.is_class):
                found = scope.names[name]
                return Unknown(found.why) if isinstance(found, Maybe) else found
            scope, first = scope.outer, False
        return External(f"builtins.{name}")

    def concrete(self, value: Value) -> Value:
        """sys.path as the list that it is; everything else as it stands."""
        if isinstance(value, External):
            if value.name == "sys.path":
                return [Unknown(e.doubt or "not known") if e.text is None or e.doubt else e.text for e in self.path]
            return constant(value.name, self)
        return value

    def name(self, node: ast.Name) -> Value:
        """A name in an expression."""
        found = self.lookup(node.id)
        if isinstance(found, External) and found.name not in BUILTINS and found.name.startswith("builtins."):
            self.check_name(node)
        return found

    @abstractmethod
    def check_name(self, node: ast.Name) -> None:
        """Raise NameError where a name is certainly not defined."""

    def attribute_node(self, node: ast.Attribute) -> Value:
        """An attribute in an expression."""
        return self.attribute(self.value(node.value), node)

    def attribute(self, subject: Value, node: ast.Attribute) -> Value:
        """An attribute of a value."""
        name = node.attr
        if isinstance(subject, External):
            return External(f"{subject.name}.{name}")
        if isinstance(subject, LoadedModule):
            return self.attribute_of_module(subject, name, node)
        if isinstance(subject, PurePosixPath) and name in {"parent", "parents", "name", "stem", "suffix", "parts"}:
            return getattr(subject, name) if name != "parents" else tuple(subject.parents)
        if isinstance(subject, Instance):
            if name in subject.attributes:
                return subject.attributes[name]
            found = subject.of.find(name)
            if isinstance(found, Function):
                return self.read_property(found, subject) if found.is_property else Bound(found, subject)
            return Unknown(f"attribute {name} of a {subject.of.name} is not known") if found is None else found
        if isinstance(subject, Class):
            found = subject.find(name)
            return Unknown(f"attribute {name} of {subject.name} is not known") if found is None else found
        return Unknown(doubt_in(subject) or f"attribute {name} at {self.at(node)} is not evaluated")

    @abstractmethod
    def variable(self, name: str, node: ast.expr) -> Value:
        """``os.environ[name]``."""
