"""Markdown to a Runbook: its heading, and its fenced blocks ``toml parameters`` and ``toml step``. Everything else is prose."""

import hashlib
import tomllib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

from qtops.facts.text import printable
from qtops.guides.filling import DERIVED, objections, unknown
from qtops.guides.values import PARAMETER, Parameter, Runbook, RunbookError, RunbookStep

LARGEST: Final = 1 << 18  # bytes; a runbook has some kilobytes
STEP, PARAMETERS = "toml step", "toml parameters"
_MOST_STEPS: Final = 100


class _Block(NamedTuple):
    kind: str
    line: int  # of its fence, from 1
    content: str


def parse(content: bytes, origin: str) -> Runbook:
    """Read a runbook. Raises RunbookError, naming the file and the line of the block at fault, and nothing else."""
    if len(content) > LARGEST:
        raise RunbookError(f"{origin}: larger than {LARGEST} bytes: no runbook")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RunbookError(f"{origin}: not UTF-8") from None
    tokens = _blocks_only().parse(text)
    blocks = [block for token in tokens if token.type == "fence" and (block := _block(token, origin))]
    parameters = _parameters(blocks, origin)
    known = {**parameters, **{name: source for name, source in DERIVED.items() if source in parameters}}
    steps = tuple(_step(block, known, origin) for block in blocks if block.kind == STEP)
    _refuse_many(steps, origin)
    return Runbook(
        title=_title(tokens) or origin,
        origin=origin,
        sha256=hashlib.sha256(content).hexdigest(),
        text=text,
        parameters=parameters,
        steps=steps,
    )


def _blocks_only() -> MarkdownIt:
    """CommonMark without what is inside a line, which nobody reads here."""
    markdown = MarkdownIt("commonmark")
    markdown.core.ruler.enableOnly(["normalize", "block"])
    return markdown


def _title(tokens: list[Token]) -> str:
    """The first heading."""
    inside = (tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open")
    return printable(next(inside, "").strip())


def _block(token: Token, origin: str) -> _Block | None:
    """A block that is meant for qtops; None for one that is only shown."""
    language, *kind = token.info.split()[:2] or [""]
    line = token.map[0] + 1 if token.map else 0
    if language != "toml" or not kind:
        return None
    info = f"{language} {kind[0]}"
    if info not in (STEP, PARAMETERS):
        raise RunbookError(f"{origin}:{line}: ```{token.info.strip()[:64]!a}: there are `{STEP}` and `{PARAMETERS}`")
    return _Block(info, line, token.content)


def _parameters(blocks: list[_Block], origin: str) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for block in blocks:
        if block.kind != PARAMETERS:
            continue
        at = f"{origin}:{block.line}"
        for name, table in _toml(block, at).items():
            if not PARAMETER.fullmatch(name) or name in DERIVED or name in found:
                raise RunbookError(f"{at}: {name[:64]!a}: no name for a parameter, or one that is taken")
            found[name] = _converted(table, Parameter, f"{at}: {name}")
    return found


def _step(block: _Block, known: Mapping[str, object], origin: str) -> RunbookStep:
    at = f"{origin}:{block.line}"
    table = _toml(block, at)
    if "line" in table:
        raise RunbookError(f"{at}: line: no key of a step")
    for key in ("command", "way_back"):
        if isinstance(table.get(key), str):
            raise RunbookError(f'{at}: {key}: wants a list of words, such as ["systemctl", "status"]: no shell takes it apart')
    step: RunbookStep = _converted({**table, "line": block.line}, RunbookStep, at)
    for key, words in (("command", step.command), ("way_back", step.way_back)):
        if key == "command" or words:
            for reason in objections(words, known):
                raise RunbookError(f"{at}: {step.name}: {key}: {reason}")
    for text in (*step.expect.contains, *step.expect.lacks):
        for reason in unknown(text, known):
            raise RunbookError(f"{at}: {step.name}: expect: {reason}")
    return step


def _refuse_many(steps: tuple[RunbookStep, ...], origin: str) -> None:
    if len(steps) > _MOST_STEPS:
        raise RunbookError(f"{origin}: {len(steps)} steps: {_MOST_STEPS} at most")
    lines: dict[str, int] = {}
    for step in steps:
        if step.name in lines:
            raise RunbookError(f"{origin}:{step.line}: {step.name}: the step at line {lines[step.name]} has that name")
        lines[step.name] = step.line


def _toml(block: _Block, at: str) -> dict[str, Any]:
    try:
        return tomllib.loads(block.content)
    except RecursionError:
        raise RunbookError(f"{at}: nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, and int() of thousands of digits
        raise RunbookError(f"{at}: not valid TOML: {error}") from None


def _converted(table: object, kind: type[Any], at: str) -> Any:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        wrong, _, path = str(error).partition(" - at `$")
        key = path.strip("`.")
        raise RunbookError(f"{at}: {key + ': ' if key else ''}{wrong}") from None
