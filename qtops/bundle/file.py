"""A bundle is the Facts as JSON, compressed where its name ends in ``.gz``. It may come from strangers: nothing in it is trusted.

What is written holds printable text only, and no password of any URL; what is read is made printable again, and bounded.
"""

import gzip
import os
import re
import stat
import zlib
from pathlib import Path
from typing import Any, Final

import msgspec

from qtops import __version__
from qtops.bundle.writing import BundleError, complaint, write
from qtops.facts.service import Facts
from qtops.facts.text import all_printable, quoted
from qtops.settings import Settings

LARGEST: Final = 64 << 20  # bytes of JSON: fifty services with a thousand lines of journal each take 8 MiB
FARTHEST_S: Final = 6.2e10  # seconds: times and ages beyond 3900 are none, and calendars end
_GZIP: Final = b"\x1f\x8b"
_PASSWORD: Final = re.compile(r"(?<=://)([^:/?#\s@]*):\S*@")
_PARAMETER: Final = re.compile(r"(?<=[?&]password=)[^&\s]*")


class Bundle(Facts, frozen=True, kw_only=True, tag_field="schema", tag="qtops.bundle/1"):
    """The facts of one look at a host, and the version of qtops that wrote them down."""

    version: str = ""

    @property
    def facts(self) -> Facts:
        """What a diagnosis is made of."""
        return Facts(**{name: getattr(self, name) for name in Facts.__struct_fields__})


def encode(facts: Facts) -> bytes:
    """The JSON of a bundle."""
    wrote = facts.version if isinstance(facts, Bundle) else __version__
    bundle = Bundle(**{name: getattr(facts, name) for name in Facts.__struct_fields__}, version=wrote)
    return msgspec.json.encode(_without_passwords(all_printable(msgspec.to_builtins(bundle))))


def save(facts: Facts, path: Path) -> None:
    """Write a bundle that only its owner may read. What is at ``path`` is replaced at once and as a whole, or not at all.

    Raises BundleError where ``path`` is a link, a directory or somebody else's, NotPermitted, Unavailable (a full disk).
    """
    content = encode(facts)
    if len(content) > LARGEST:
        raise BundleError(f"{path}: these facts take {len(content)} bytes, more than a bundle may hold; name fewer services")
    if path.name.endswith(".gz"):
        content = gzip.compress(content, mtime=0)
    write(path, content)


def load(path: Path) -> Facts:
    """The facts that a bundle holds; raises as ``read`` does."""
    return read(path).facts


def read(path: Path) -> Bundle:
    """A bundle, its texts printable.

    Raises BundleError saying what is wrong with it, NotPermitted, Unavailable.
    """
    try:
        content = _content(path)
    except OSError as error:
        raise complaint(path, "cannot be read", error) from None
    try:
        return decode(content)
    except BundleError as error:
        raise BundleError(f"{path}: {error}") from None


def _content(path: Path) -> bytes:
    """The bytes of a regular file that is not too large."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO must not make us wait
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BundleError(f"{path}: is no regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(content) > LARGEST:
        raise BundleError(f"{path}: larger than {LARGEST >> 20} MiB, which no bundle is")
    return content


def decode(content: bytes) -> Bundle:
    """The bundle in these bytes, compressed or not. Raises BundleError without the name of the file."""
    if content.startswith(_GZIP):
        content = _decompressed(content)
    try:
        values = all_printable(msgspec.json.decode(content))
        if not isinstance(values, dict) or not str(values.get("schema", "")).startswith("qtops.bundle/"):
            raise BundleError("is no bundle of qtops: it does not begin as one")
        tag = Bundle.__struct_config__.tag
        if values["schema"] != tag:
            raise BundleError(f"is of another version, {quoted(values['schema'])}: this qtops ({__version__}) reads {tag}")
        values["settings"] = _known(values.get("settings", {}), msgspec.inspect.type_info(Settings))
        _refuse_numbers(values)
        return msgspec.convert(values, Bundle)
    except RecursionError:
        raise BundleError("nested too deeply to be a bundle") from None
    except msgspec.ValidationError as error:
        raise BundleError(f"is not as a bundle should be: {error}") from None
    except ValueError as error:  # malformed JSON, truncated JSON, bytes that are no UTF-8
        raise BundleError(f"is no JSON that can be read: {error}; was it cut short, or edited?") from None


def _decompressed(content: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(content, LARGEST + 1)
    except zlib.error as error:
        raise BundleError(f"begins like gzip and is none: {error}") from None
    if len(plain) > LARGEST:
        raise BundleError(f"larger than {LARGEST >> 20} MiB once decompressed, which no bundle is")
    if not stream.eof:
        raise BundleError("is truncated: the compressed data end early")
    if stream.unused_data:
        raise BundleError("more follows after the compressed data: it is no bundle as it was written")
    return plain


def _known(values: Any, kind: msgspec.inspect.Type) -> Any:
    """The part of some settings that this version knows: a later one may have written more, which settings refuse elsewhere."""
    match kind:
        case msgspec.inspect.StructType() if isinstance(values, dict):
            known = {field.encode_name: field.type for field in kind.fields}
            return {name: _known(value, known[name]) for name, value in values.items() if name in known}
        case msgspec.inspect.VarTupleType() if isinstance(values, list):
            return [_known(value, kind.item_type) for value in values]
    return values


def _refuse_numbers(value: Any, name: str = "") -> None:
    """Raise BundleError for a number that no host ever had: what is made of them, a date or a length, would fail."""
    match value:
        case bool():
            return
        case int() | float():
            limit = FARTHEST_S if name.endswith("_s") else 2.0**64
            if abs(value) > limit:
                raise BundleError(f"is not as a bundle should be: {quoted(str(value))} is no value of {quoted(name)}")
        case list():
            for item in value:
                _refuse_numbers(item, name)
        case dict():
            for inner, item in value.items():
                _refuse_numbers(item, inner)


def _without_passwords(value: Any) -> Any:
    match value:
        case str() if "://" in value:
            return _PARAMETER.sub("***", _PASSWORD.sub(r"\1:***@", value))
        case list():
            return [_without_passwords(item) for item in value]
        case dict():
            return {_without_passwords(name): _without_passwords(item) for name, item in value.items()}
    return value
