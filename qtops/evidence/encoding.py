"""A record's bytes: JSON that a person can read, one line for each small thing; or a text as it is. Exact, and printable. Pure."""

import json
from collections.abc import Sequence
from typing import Any, Final, NoReturn, TypeVar

import msgspec

from qtops.evidence.records import EvidenceError
from qtops.facts.text import printable, quoted

WIDTH: Final = 200  # characters: what fits is not broken, so that a line of a journal is one here as well
FARTHEST_S: Final = 6.2e10  # seconds: times and ages beyond 3900 are none, and calendars end
_JSON: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
Kind = TypeVar("Kind")


def encode(name: str, value: Any) -> bytes:
    """The bytes of a record that holds structs. Raises EvidenceError for a number that is none."""
    try:
        text = _laid_out(msgspec.to_builtins(value), "")
    except ValueError as error:  # NaN, infinite
        raise EvidenceError(name, f"cannot be written down: {error}") from None
    return f"{_escaped(text)}\n".encode()


def decode(name: str, content: bytes, kind: type[Kind]) -> Kind:
    """What such a record holds. Raises EvidenceError saying what is wrong with it."""
    try:
        value = json.loads(content.decode("utf-8"), parse_constant=_refuse_constant)
        _refuse_numbers(name, value)
        return msgspec.convert(value, kind)
    except RecursionError:
        raise EvidenceError(name, "nested too deeply to be a record") from None
    except msgspec.ValidationError as error:
        raise EvidenceError(name, f"is not as this record should be: {printable(str(error))}") from None
    except ValueError as error:  # malformed JSON, bytes that are no UTF-8
        raise EvidenceError(name, f"is no JSON that can be read: {printable(str(error))}") from None


def refuse_repeated(text: str | bytes) -> None:
    """Raise ValueError for JSON in which an object gives a name twice: readers differ in which of the two they take.

    Raises ValueError for what is no JSON as well, and RecursionError.
    """
    json.loads(text, object_pairs_hook=_once)


def encode_text(text: str) -> bytes:
    """The bytes of a record that is a text: as it is, where a terminal may show it, and as a JSON string otherwise."""
    return text.encode() if _is_plain(text) else f"{_escaped(_JSON.encode(text))}\n".encode()


def decode_text(name: str, content: bytes) -> str:
    """That text. Raises EvidenceError."""
    if content.startswith(b'"'):
        return decode(name, content, str)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvidenceError(name, f"is no text: {error}") from None


def _is_plain(text: str) -> bool:
    return not text.startswith('"') and all(line.removesuffix("\r").replace("\t", "").isprintable() for line in text.split("\n"))


def _laid_out(value: Any, indent: str) -> str:
    """JSON that is broken where a line would be too long, and nowhere else."""
    line = _JSON.encode(value)
    if len(indent) + len(line) <= WIDTH or not value or not isinstance(value, dict | list | tuple):
        return line
    deeper = f"{indent}  "
    if isinstance(value, dict):
        begin, end = "{}"
        rows = [f"{_JSON.encode(name)}: {_laid_out(item, deeper)}" for name, item in value.items()]
    else:
        begin, end = "[]"
        rows = [_laid_out(item, deeper) for item in value]
    return f"{begin}\n{deeper}" + f",\n{deeper}".join(rows) + f"\n{indent}{end}"


def _escaped(text: str) -> str:
    """JSON with what is not printable escaped, as JSON has it; outside of strings there is nothing but line ends."""
    return "\n".join(line if line.isprintable() else "".join(map(_character, line)) for line in text.split("\n"))


def _character(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]


def _once(pairs: list[tuple[str, None]]) -> None:
    names: set[str] = set()
    for name, _ in pairs:
        if name in names:
            raise ValueError(f"it says {quoted(name)} twice in one place")
        names.add(name)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _refuse_numbers(record: str, value: Any, name: str = "") -> None:
    """Raise EvidenceError for a number that no host ever had: what is made of them, a date or a length, would fail."""
    match value:
        case bool():
            return
        case int() | float():
            if abs(value) > (FARTHEST_S if name.endswith("_s") else 2.0**64):
                raise EvidenceError(record, f"{quoted(str(value))} is no value of {quoted(name)}")
        case dict():
            for inner, item in value.items():
                _refuse_numbers(record, item, inner)
        case Sequence() if not isinstance(value, str):
            for item in value:
                _refuse_numbers(record, item, name)
