"""What attributes hold: of modules, classes and objects of the project, of settings that are read from the environment."""

import ast
from collections.abc import Iterator

from qtops.wiring.functions import decorators, is_abstract
from qtops.wiring.outline import Scope
from qtops.wiring.settings import Settings
from qtops.wiring.values import (
    Arguments,
    ClassValue,
    Client,
    External,
    Frame,
    FunctionValue,
    Instance,
    Member,
    ModuleValue,
    Plain,
    Text,
    Unknown,
    Value,
    Values,
    distinct,
)

_PROPERTIES = frozenset({"property", "cached_property"})


class Attributes(Settings):
    """Looks attributes up."""

    def attribute(self, of: Value, name: str, frame: Frame) -> Values:
        """An attribute of a value."""
        match of:
            case External():
                return (self.module(f"{of.name}.{name}"),)
            case ModuleValue():
                return self._of_module_value(of, name)
            case Instance():
                return self._of_instance(of, name, frame)
            case ClassValue():
                return self._of_class(of, name)
            case Text() if name == "value":
                return (of,)
            case Unknown():
                return (Unknown(of.why, name),)
        return (Member(of, name),)

    def _of_module_value(self, of: ModuleValue, name: str) -> Values:
        found = self.of_module(of.outline, name)
        if isinstance(found[0], Unknown):
            for full, outline in self.closure.modules.items():
                if outline is of.outline and f"{full}.{name}" in self.closure.modules:
                    return (self.module(f"{full}.{name}"),)
        return found

    # ---- classes

    def _of_class(self, of: ClassValue, name: str) -> Values:
        line = self.line(of)
        for cls in line:
            inner = self.base(cls.scope)
            if bindings := self.flow(cls.scope).last.get(name):
                values = self.bindings(bindings, inner, name)
                if any(isinstance(value, FunctionValue) for value in values):
                    return tuple(self._bind_class(value, of) for value in values)
                return self.of_settings(of, name, values)
            if (noted := self._noted(cls.scope, name)) is not None:
                return self.of_settings(of, name, None) if noted == () else noted
        if name == "__members__" and self.is_enum(of):
            return (of,)
        if name == "__name__":
            return (Text((of.scope.name,)),)
        return (Unknown(f"nothing that is known sets {of.scope.name}.{name}", name),)

    def _bind_class(self, value: Value, of: ClassValue) -> Value:
        if isinstance(value, FunctionValue) and "classmethod" in decorators(value.node):
            return value._replace(subject=of)
        return value

    def _noted(self, scope: Scope, name: str) -> Values | None:
        """A field that has an annotation and no value; () where that says nothing of Redis."""
        for node in scope.node.body:
            match node:
                case ast.AnnAssign(target=ast.Name(id=found), annotation=annotation, value=None) if found == name:
                    noted = self.annotated(annotation, scope)
                    return () if noted is None else (noted,)
        return None

    def is_enum(self, of: ClassValue) -> bool:
        """Whether members of a class are constants with a value."""
        return any(
            isinstance(base, External) and base.name.rpartition(".")[2] in {"Enum", "StrEnum", "IntEnum"}
            for cls in self.line(of)
            for base in self.bases(cls)
        )

    # ---- objects

    def _of_instance(self, of: Instance, name: str, frame: Frame) -> Values:
        cls = of.of
        if self.is_enum(cls):
            return (Unknown(f"which member of {cls.scope.name} it is, is not known", name),)
        if methods := self._methods(of, name):
            return distinct([value for method in methods for value in self._of_method(method, of, frame)])
        found = self._stored(of, name)
        if not found:
            found = self._fields(of, name)
        if of.given is None:
            for sub in self.subclasses(cls.scope):
                found += self._own(ClassValue(sub, self.base(sub.outer or sub)), name)
        certain = [
            value for value in found if not isinstance(value, Unknown) and not (isinstance(value, Plain) and value.value is None)
        ]
        return distinct(certain or found) or (Unknown(f"nothing that is known sets {cls.scope.name}.{name}", name),)

    def _methods(self, of: Instance, name: str) -> list[Scope]:
        """The methods of this name that an object may have: where it may be of a subclass, those of subclasses as well."""
        first = self.method(of.of, name)
        found = [] if first is None else [first]
        if of.given is None:
            found += [
                sub.inner[name][-1] for sub in self.subclasses(of.of.scope) if name in sub.inner and sub.inner[name][-1].is_function
            ]
        return [method for method in found if not is_abstract(method.node)] or found

    def _of_method(self, method: Scope, of: Instance, frame: Frame) -> Values:
        function = FunctionValue(method.node, method, self.base(method.outer or method), of)  # type: ignore[arg-type]
        if _PROPERTIES & decorators(method.node):
            return self.returned(function, Frame(method, self._subject(method, of), frame.depth + 1))
        return (function._replace(subject=None) if _is_plain(method) else function,)

    def _subject(self, method: Scope, of: Instance) -> Arguments:
        arguments = method.node.args.args if isinstance(method.node, ast.FunctionDef | ast.AsyncFunctionDef) else []
        return {arguments[0].arg: (of,)} if arguments else {}

    def _stored(self, of: Instance, name: str) -> list[Value]:
        """What methods assign to ``self.name``."""
        found: list[Value] = []
        for cls in self.line(of.of):
            for scopes in cls.scope.inner.values():
                for method in scopes:
                    for binding in self.flow(method).stored.get(name, ()) if name in method.stores and method.is_function else ():
                        frame = self.base(method)
                        if method.name == "__init__" and of.given is not None and method is self.method(of.of, "__init__"):
                            frame = self.constructor(of, method)
                        found += self.binding(binding, frame)
        for scopes in of.of.scope.inner.values():
            for method in scopes:
                for argument in self._noted_attributes(method, name):
                    found.append(argument)
        return found

    def _noted_attributes(self, method: Scope, name: str) -> list[Value]:
        """``self.redis: Redis | None = None``: what is noted of an attribute, where it says that it is a client."""
        if not method.is_function or name not in method.mentions:
            return []
        for node in method.node.body:
            match node:
                case ast.AnnAssign(target=ast.Attribute(value=ast.Name(), attr=found), annotation=annotation) if found == name:
                    noted = self.annotated(annotation, method)
                    return [noted] if isinstance(noted, Client) else []
        return []

    def constructor(self, of: Instance, method: Scope) -> Frame:
        """``__init__`` as it was run for this object: one frame for each."""
        known = self._constructors.get(id(of))
        if known is None or known[0] is not of:
            known = self._constructors[id(of)] = (of, Frame(method, {**(of.given or {}), **self._subject(method, of)}, 1))
        return known[1]

    def _fields(self, of: Instance, name: str) -> list[Value]:
        """A field of a dataclass or model: what its constructor is given, or its default."""
        cls = of.of
        if of.given is not None and name in of.given:
            return list(self.given(of.given[name]))
        found: list[Value] = []
        if of.given is None and self.method(cls, "__init__") is None and self._is_field(cls, name):
            for given in self._constructed(cls):
                found += self.given(given.get(name, ()))
        default = list(self._of_class(cls, name))
        if found and all(isinstance(value, Unknown) for value in default):
            return found
        return found + default

    def _is_field(self, cls: ClassValue, name: str) -> bool:
        return any(name in self.field_names(one) for one in self.line(cls))

    def field_names(self, cls: ClassValue) -> list[str]:
        """The fields of one class, in order, as its own body has them."""
        body = cls.scope.node.body
        return [node.target.id for node in body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)]

    def _constructed(self, cls: ClassValue) -> list[Arguments]:
        """What the constructor of a class without ``__init__`` is given, call by call."""
        return self.work_out(("constructed", cls.scope), lambda: list(self._givens(cls)), [], self._made)

    def _givens(self, cls: ClassValue) -> Iterator[Arguments]:
        for outline in self.closure.outlines:
            for caller, node in outline.called.get(cls.scope.name, ())[:MOST_MADE]:
                if caller not in self.reached:
                    continue
                for made in self.evaluate(node, self.base(caller)):
                    if isinstance(made, Instance) and made.of.scope is cls.scope and made.given:
                        yield made.given

    def _own(self, cls: ClassValue, name: str) -> list[Value]:
        """What a subclass itself has under a name."""
        if bindings := self.flow(cls.scope).last.get(name):
            return list(self.bindings(bindings, self.base(cls.scope), name))
        found: list[Value] = []
        for scopes in cls.scope.inner.values():
            for method in scopes:
                for binding in self.flow(method).stored.get(name, ()) if name in method.stores and method.is_function else ():
                    found += self.binding(binding, self.base(method))
        return found


MOST_MADE = 16  # places that make objects of one class


def _is_plain(method: Scope) -> bool:
    return "staticmethod" in decorators(method.node)
