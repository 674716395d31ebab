"""Which way execution takes: conditions, loops and matches, decided where they can be."""

import ast
from collections.abc import Callable
from functools import partial

from qtops.imports.binding import Binding
from qtops.imports.modules import LoopLeft, Runs
from qtops.imports.values import Unknown, Value, doubt_in, truth

_ITERATIONS = 512
_WHILE = 24


def _is_quiet(test: ast.expr) -> bool:
    """Whether a condition has no effect, so that it may be looked at before it is known whether it is reached."""
    return not any(isinstance(part, ast.Call | ast.NamedExpr | ast.Await) for part in ast.walk(test))


class Ways(Binding):
    """Executes what branches."""

    def run_if(self, node: ast.If) -> None:
        """``if``."""
        bodies: list[list[ast.stmt]] = []
        why = ""
        while True:
            test = self.concrete(self.value(node.test))
            known = truth(test)
            if known is None:
                why = why or f"the condition at {self.at(node)} is not known: {doubt_in(test) or 'it depends on an object'}"
                bodies.append(node.body)
            rest = node.body if known else node.orelse
            if known or not (len(rest) == 1 and isinstance(rest[0], ast.If) and (not bodies or _is_quiet(rest[0].test))):
                break
            node = rest[0]
        if bodies:
            self.branch([partial(self.run_body, body) for body in (*bodies, rest)], why)
        else:
            self.run_body(rest)

    def run_for(self, node: ast.For | ast.AsyncFor) -> None:
        """``for``."""
        items = self.concrete(self.value(node.iter))
        if isinstance(items, dict):
            items = list(items)
        if not isinstance(items, list | tuple) or len(items) > _ITERATIONS:
            why = f"the loop at {self.at(node)} is not known: {doubt_in(items) or 'what it goes over'}"
            self.branch([lambda: self._once(node, Unknown(why)), lambda: None], why)
            self.run_body(node.orelse)
            return
        for item in items:
            self.bind(node.target, item)
            try:
                self.run_body(node.body)
            except LoopLeft as left:
                if not left.again:
                    return
        self.run_body(node.orelse)

    def _once(self, node: ast.For | ast.AsyncFor, item: Value) -> None:
        self.bind(node.target, item)
        self._iteration(node.body)

    def _iteration(self, body: list[ast.stmt]) -> None:
        try:
            self.run_body(body)
        except LoopLeft:
            return

    def run_while(self, node: ast.While) -> None:
        """``while``: a loop without an end is never left, and nothing behind it is reached."""
        for _ in range(_WHILE):
            test = self.concrete(self.value(node.test))
            known = truth(test)
            if known is False:
                self.run_body(node.orelse)
                return
            if known is None:
                why = f"the condition at {self.at(node)} is not known: {doubt_in(test) or 'it depends on an object'}"
                self.branch([lambda: self._iteration(node.body), lambda: None], why)
                return
            doubts = len(self.doubts)
            try:
                self.run_body(node.body)
            except LoopLeft as left:
                if not left.again:
                    return
            if len(self.doubts) > doubts:
                return  # it may have been left
        if isinstance(node.test, ast.Constant):
            raise Runs
        self.doubts.append(f"how long the loop at {self.at(node)} runs is not known")

    def run_match(self, node: ast.Match) -> None:
        """``match``: the patterns are not decided."""
        self.value(node.subject)
        why = f"the match at {self.at(node)} is not decided"
        self.branch([*(self._case(case, why) for case in node.cases), lambda: None], why)

    def _case(self, case: ast.match_case, why: str) -> Callable[[], None]:
        def run() -> None:
            for part in ast.walk(case.pattern):
                name = getattr(part, "name", None) or getattr(part, "rest", None)
                if isinstance(name, str):
                    self.bind_name(name, Unknown(why))
            self.run_body(case.body)

        return run
