"""Settings: fields of a class that are read from the environment by their names."""

import ast

from qtops.wiring.parameters import Parameters
from qtops.wiring.values import (
    ClassValue,
    External,
    Text,
    Unknown,
    Values,
)


class Settings(Parameters):
    """Looks settings up."""

    def is_settings(self, of: ClassValue) -> bool:
        """Whether fields of a class are read from the environment by their names."""
        return any(
            isinstance(base, External) and base.name.endswith("BaseSettings") for cls in self.line(of) for base in self.bases(cls)
        )

    def of_settings(self, of: ClassValue, name: str, default: Values | None) -> Values:
        """A field: what the environment says, or its default."""
        if not self.is_settings(of):
            return default if default is not None else (Unknown(f"{of.scope.name}.{name} has no default", name),)
        prefix = next((value for cls in self.line(of) if (value := self._prefix(cls)) is not None), "")
        variable = self._alias(of, name) or f"{prefix}{name}"
        spellings = {other.lower(): other for other in self.environment}
        return self.variable(spellings.get(variable.lower(), variable.upper()), default)

    def _prefix(self, of: ClassValue) -> str | None:
        """``model_config = SettingsConfigDict(env_prefix="HEAT_")`` or ``class Config: env_prefix = "HEAT_"``."""
        for node in of.scope.node.body:
            match node:
                case ast.Assign(targets=[ast.Name(id="model_config")], value=ast.Call(keywords=words)):
                    for word in words:
                        if word.arg == "env_prefix":
                            return self._constant(word.value, of)
                case ast.Assign(targets=[ast.Name(id="model_config")], value=ast.Dict(keys=keys, values=values)):
                    for key, value in zip(keys, values, strict=True):
                        if isinstance(key, ast.Constant) and key.value == "env_prefix":
                            return self._constant(value, of)
        for inner in of.scope.inner.get("Config", ()):
            if "env_prefix" in self.flow(inner).last:
                found = self.bindings(self.flow(inner).last["env_prefix"], self.base(inner), "env_prefix")
                return next((value.known for value in found if isinstance(value, Text)), None)
        return None

    def _alias(self, of: ClassValue, name: str) -> str | None:
        """``Field(…, env="X")``, ``alias=``, ``validation_alias=``."""
        for cls in self.line(of):
            for node in cls.scope.node.body:
                match node:
                    case ast.AnnAssign(target=ast.Name(id=found), value=ast.Call(keywords=words)) if found == name:
                        for word in words:
                            if word.arg in {"env", "alias", "validation_alias"}:
                                return self._constant(word.value, cls)
        return None

    def _constant(self, node: ast.expr, of: ClassValue) -> str | None:
        return next((value.known for value in self.evaluate(node, self.base(of.scope)) if isinstance(value, Text)), None)
