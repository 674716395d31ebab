"""What methods and operators make of texts with holes. None where it cannot be told."""

import re
import string
from collections.abc import Callable
from itertools import product

from qtops.wiring.values import LONGEST, Hole, Items, Plain, Text, Value, Values, hole, join_texts, text

_PER_PIECE: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "casefold": str.casefold,
    "title": str.title,
    "capitalize": str.capitalize,
    "swapcase": str.swapcase,
}
_AT_ENDS = frozenset({"strip", "lstrip", "rstrip", "removeprefix", "removesuffix"})
_SAME = frozenset({"encode", "decode", "format_map", "expandtabs", "__str__", "tobytes"})
_PERCENT = re.compile(r"%(?:\((?P<name>[^)]*)\))?[-+ #0]*\d*(?:\.\d+)?(?P<kind>[a-zA-Z%])")
MOST_PIECES = 8  # alternatives of one piece of a text: where there are more, it is a hole


def bounded(value: Text) -> Text:
    """A text that is not longer than a name can sensibly be."""
    if sum(len(part) if isinstance(part, str) else 1 for part in value.parts) <= LONGEST:
        return value
    return hole("value", f"it is longer than {LONGEST} characters")


def method(of: Text, name: str, arguments: list[str | None]) -> Value | None:
    """A method of text, with the arguments that are known."""
    if name in _SAME:
        return of
    if name in _PER_PIECE:
        change = _PER_PIECE[name]
        return Text(tuple(change(part) if isinstance(part, str) else part for part in of.parts), of.origin)
    known = of.known
    if name in _AT_ENDS:
        return _trimmed(of, name, arguments)
    if name == "replace" and len(arguments) >= 2 and arguments[0] is not None and arguments[1] is not None and arguments[0]:
        old, new = arguments[0], arguments[1]
        return Text(tuple(part.replace(old, new) if isinstance(part, str) else part for part in of.parts), of.origin)
    if known is None or None in arguments:
        return None
    given = [argument for argument in arguments if argument is not None]
    if name in {"split", "rsplit"} and len(given) <= 1:
        pieces = known.split(given[0] if given and given[0] else None)
        return Items(tuple((Text((piece,), of.origin),) for piece in pieces))
    if name == "splitlines":
        return Items(tuple((Text((piece,), of.origin),) for piece in known.splitlines()))
    if name in {"partition", "rpartition"} and given and given[0]:
        pieces = list(getattr(known, name)(given[0]))
        return Items(tuple((Text((piece,), of.origin),) for piece in pieces))
    return None


def _trimmed(of: Text, name: str, arguments: list[str | None]) -> Text | None:
    if not of.parts or None in arguments:
        return of if not arguments else None
    parts = list(of.parts)
    given = [argument for argument in arguments if argument is not None]
    first, last = parts[0], parts[-1]
    if len(parts) == 1 and isinstance(first, str):
        return Text((getattr(first, name)(*given[:1]),), of.origin)
    if name in {"strip", "lstrip", "removeprefix"} and isinstance(first, str):
        parts[0] = getattr(first, "lstrip" if name == "strip" else name)(*given[:1])
    if name in {"strip", "rstrip", "removesuffix"} and isinstance(last, str):
        parts[-1] = getattr(last, "rstrip" if name == "strip" else name)(*given[:1])
    return Text(tuple(parts), of.origin)


def joined(separator: Text, items: list[Values]) -> Text | None:
    """``separator.join(items)`` where each item has one value."""
    pieces: list[Text] = []
    for item in items:
        if len(item) != 1 or not isinstance(item[0], Text):
            return None
        pieces += [separator, item[0]] if pieces else [item[0]]
    return bounded(join_texts(*pieces)) if pieces else text("")


def percent(template: str, given: list[Text], named: dict[str, Text]) -> Text | None:
    """``template % given``."""
    pieces: list[Text] = []
    rest, end = iter(given), 0
    for found in _PERCENT.finditer(template):
        pieces.append(text(template[end : found.start()]))
        end = found.end()
        if found["kind"] == "%":
            pieces.append(text("%"))
            continue
        value = named.get(found["name"]) if found["name"] else next(rest, None)
        pieces.append(value if value is not None else hole(found["name"] or "value"))
    pieces.append(text(template[end:]))
    return bounded(join_texts(*pieces))


def formatted(template: str, given: list[Text], named: dict[str, Text]) -> Text | None:
    """``template.format(…)``."""
    pieces: list[Text] = []
    position = 0
    try:
        for literal, name, _, _ in string.Formatter().parse(template):
            pieces.append(text(literal))
            if name is None:
                continue
            head, tail = re.match(r"([^.\[]*)(.*)", name, re.DOTALL).groups()  # type: ignore[union-attr]
            if not head:
                head, position = str(position), position + 1
            value = (given[int(head)] if int(head) < len(given) else None) if head.isdecimal() else named.get(head)
            label = re.sub(r"\W+", "", tail.rpartition(".")[2]) or ("value" if head.isdecimal() else head)
            pieces.append(value if value is not None and not tail else hole(label))
    except ValueError:
        return None
    return bounded(join_texts(*pieces))


def combined(pieces: list[tuple[Text, ...]], names: list[str]) -> list[Text]:
    """All texts that pieces with several alternatives make; where there are too many, the piece is a hole of its name."""
    few = [values if len(values) <= MOST_PIECES else (hole(name),) for values, name in zip(pieces, names, strict=True)]
    total = 1
    for at, values in enumerate(few):
        if total * len(values) > 4 * MOST_PIECES:
            few[at] = (hole(names[at]),)
        total *= len(few[at])
    return [bounded(join_texts(*choice)) for choice in product(*few)]


def named_hole(value: Text, label: str) -> Text:
    """A piece of which nothing is known is called after the expression that it stands for, unless that says less."""
    if len(value.parts) == 1 and isinstance(only := value.parts[0], Hole) and (len(label) > 2 or len(only.name) <= 2):
        return Text((Hole(label, only.why),), value.origin)
    return value


def plain_text(value: Value, label: str) -> Text | None:
    """A value as ``str()`` gives it; None where it is no text."""
    if isinstance(value, Text):
        return named_hole(value, label) if label else value
    if isinstance(value, Plain) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
        return text(str(value.value))
    return None
