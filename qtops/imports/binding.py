"""Assignments and definitions: what names, attributes and items hold from now on."""

import ast

from qtops.imports.importing import Imports
from qtops.imports.modules import LoadedModule
from qtops.imports.resolve import Found
from qtops.imports.values import Class, External, Function, Instance, Scope, Unknown, Value, doubt_in

_PROPERTIES = frozenset({"builtins.property", "functools.cached_property"})
_TRANSPARENT = _PROPERTIES | {
    "builtins.staticmethod",
    "functools.lru_cache",
    "functools.cache",
    "functools.wraps",
    "typing.overload",
    "typing.final",
    "abc.abstractmethod",
    "typing_extensions.override",
}
_MACHINERY = frozenset({"sys.meta_path", "sys.path_hooks", "sys.modules", "sys.path_importer_cache", "builtins.__import__"})


class Binding(Imports):
    """Executes what binds."""

    def bind(self, target: ast.expr, value: Value) -> None:
        """See Expressions."""
        match target:
            case ast.Name(id=name):
                self.bind_name(name, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                known = (
                    isinstance(value, list | tuple)
                    and len(value) == len(parts)
                    and not any(isinstance(p, ast.Starred) for p in parts)
                )
                values = (
                    value
                    if known
                    else [Unknown(doubt_in(value) or f"a part of what is unpacked at {self.at(target)}")] * len(parts)
                )
                for part, item in zip(parts, values, strict=True):
                    self.bind(part, item)
            case ast.Starred(value=inner):
                self.bind(inner, Unknown(doubt_in(value) or f"a part of what is unpacked at {self.at(target)}"))
            case ast.Attribute(value=inner, attr=name):
                self._bind_attribute(self.value(inner), name, value, target)
            case ast.Subscript():
                self._bind_item(target, value)

    def bind_name(self, name: str, value: Value) -> None:
        """Bind a name where the present scope binds it."""
        scope = self.scope
        if name in scope.global_names:
            scope.module.names[name] = value
        else:
            scope.names[name] = value

    def _bind_attribute(self, subject: Value, name: str, value: Value, target: ast.expr) -> None:
        kept = Unknown(self.doubts[-1]) if self.doubts else value
        if isinstance(subject, LoadedModule):
            subject.names[name] = value
        elif isinstance(subject, Instance):
            subject.attributes[name] = kept
        elif isinstance(subject, Class):
            subject.names[name] = kept
        elif isinstance(subject, External) and f"{subject.name}.{name}" in _MACHINERY:
            self.hooks.append(f"{subject.name}.{name} is replaced at {self.at(target)}")

    def _bind_item(self, target: ast.Subscript, value: Value) -> None:
        subject = self.value(target.value)
        index = self.value(target.slice)
        if isinstance(subject, External) and subject.name == "os.environ" and isinstance(index, str):
            self.environment[index] = value
        elif isinstance(subject, External) and subject.name == "os.environ":
            self.variables_unknown = f"which variable is set at {self.at(target)} is not known"
        elif isinstance(subject, External) and subject.name == "sys.modules":
            self._replace_module(index, value, target)
        elif isinstance(subject, External) and subject.name in _MACHINERY:
            self.hooks.append(f"{subject.name} is changed at {self.at(target)}")
        elif isinstance(subject, dict | list) and isinstance(target.value, ast.Name | ast.Attribute):
            changed: Value = subject.copy()
            try:
                changed[index] = value
            except (TypeError, IndexError, ValueError):
                changed = Unknown(doubt_in(index) or f"the change at {self.at(target)} is not evaluated")
            self.bind(target.value, changed)

    def _replace_module(self, name: Value, value: Value, target: ast.expr) -> None:
        if not isinstance(name, str):
            self.hooks.append(f"sys.modules is changed at {self.at(target)}")
        elif isinstance(value, LoadedModule):
            self.modules[name] = value
        else:
            why = f"sys.modules[{name!r}] is set at {self.at(target)}"
            self.modules[name] = LoadedModule(name, Found("namespace", search=()), "third", opaque=why, complete=True)

    def run_assign(self, node: ast.Assign) -> None:
        """``a = b = value``."""
        value = self.value(node.value)
        for target in node.targets:
            self._assign_to(target, value, node)

    def run_annotated(self, node: ast.AnnAssign) -> None:
        """``a: int = value``."""
        if node.value is not None:
            self._assign_to(node.target, self.value(node.value), node)

    def _assign_to(self, target: ast.expr, value: Value, node: ast.stmt) -> None:
        if isinstance(target, ast.Attribute) and self._is_path(target):
            self.assign_path(self.concrete(value), node)
        elif isinstance(target, ast.Subscript) and self._is_path(target.value):
            self.assign_part(target, self.concrete(value), node)
        else:
            self.bind(target, value)

    def _is_path(self, node: ast.expr) -> bool:
        """Whether an expression is sys.path itself, under whatever name."""
        if not isinstance(node, ast.Attribute | ast.Name) or (isinstance(node, ast.Attribute) and node.attr != "path"):
            return False
        value = self.value(node)
        return isinstance(value, External) and value.name == "sys.path"

    def run_augmented(self, node: ast.AugAssign) -> None:
        """``a += value``."""
        here = self.value(node.target)
        if isinstance(here, External) and here.name == "sys.path" and isinstance(node.op, ast.Add):
            added = self.concrete(self.value(node.value))
            known = isinstance(added, list | tuple)
            unknown = Unknown(doubt_in(added) or f"what is added at {self.at(node)} is not known")
            self.assign_path([*self.concrete(here), *added] if known else unknown, node, "extend")
            return
        if isinstance(here, External) and here.name == "os.environ":
            self.variables_unknown = f"which variables are set at {self.at(node)} is not known"
            return
        self.bind(node.target, self.value(ast.copy_location(ast.BinOp(node.target, node.op, node.value), node)))

    def run_delete(self, node: ast.Delete) -> None:
        """``del a, b[0]``."""
        for target in node.targets:
            if isinstance(target, ast.Name):
                if self.scope.names.pop(target.id, None) is None and self.scope.outer is None:
                    self.check_name(target)
            elif isinstance(target, ast.Subscript):
                self._delete_item(target, node)

    def _delete_item(self, target: ast.Subscript, node: ast.Delete) -> None:
        subject = self.value(target.value)
        if isinstance(subject, External) and subject.name == "sys.path":
            self.delete_part(target, node)
        elif isinstance(subject, External) and subject.name == "sys.modules":
            index = self.value(target.slice)
            if isinstance(index, str):
                self.modules.pop(index, None)
            else:
                self.hooks.append(f"sys.modules is changed at {self.at(node)}")
        elif isinstance(subject, External) and subject.name in _MACHINERY:
            self.hooks.append(f"{subject.name} is changed at {self.at(node)}")

    def run_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """``def``."""
        arguments = node.args
        defaults: dict[str, Value] = {}
        positional = [*arguments.posonlyargs, *arguments.args]
        if arguments.defaults:
            for parameter, default in zip(positional[-len(arguments.defaults) :], arguments.defaults, strict=True):
                defaults[parameter.arg] = self.value(default)
        for parameter, keyword in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if keyword is not None:
                defaults[parameter.arg] = self.value(keyword)
        function = Function(node, self.scope.function_outer, defaults)
        self.bind_name(node.name, self._decorated(node, function) if node.decorator_list else function)

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef, function: Function) -> Value:
        if any(isinstance(one, ast.Attribute) and one.attr in {"setter", "deleter", "getter"} for one in node.decorator_list):
            return self.scope.names.get(node.name, function)
        result: Value = function
        for decorator in reversed(node.decorator_list):
            value = self.value(decorator.func if isinstance(decorator, ast.Call) else decorator)
            known = value.name if isinstance(value, External) else ""
            if known in _TRANSPARENT:
                if isinstance(result, Function) and known in _PROPERTIES:
                    result.is_property = True
            elif isinstance(value, Function) and isinstance(result, Function) and not isinstance(decorator, ast.Call):
                result = self.apply(value, [result], {})
            else:
                maker = self.value(decorator) if isinstance(decorator, ast.Call) else value
                if isinstance(maker, Function) and isinstance(result, Function):
                    result = self.apply(maker, [result], {})
                elif isinstance(result, Function):
                    result = result.doubted(f"the decorator at {self.at(decorator)} is not known")
        return result

    def run_class(self, node: ast.ClassDef) -> None:
        """``class``."""
        for decorator in node.decorator_list:
            self.value(decorator)
        bases = tuple(self.value(base) for base in node.bases)
        unsure: list[Value] = [hook for base in bases if isinstance(base, Class) for hook in base.unsure]
        for keyword in node.keywords:
            given = self.value(keyword.value)
            if keyword.arg == "metaclass" and isinstance(given, Class):
                unsure += [given.find(name) for name in ("__call__", "__new__", "__init__")]
        scope = Scope({}, self.scope.module, self.scope, is_class=True)
        with self.inside(scope):
            self.run_body(node.body)
        self.bind_name(node.name, Class(node.name, scope.names, bases, tuple(unsure)))
