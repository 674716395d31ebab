"""Settings with several values: an assignment adds to them, an empty one takes back what was there."""

from dataclasses import replace

from qtops.unitfile import command_lines, values, words
from qtops.unitfile.diagnostics import Diagnostic, Effect
from qtops.unitfile.names import UnitName, parse_name
from qtops.unitfile.reading import Reader, Reading, Refused
from qtops.unitfile.service import Condition, Setting
from qtops.unitfile.syntax import Assignment
from qtops.unitfile.variables import Secret, Variable, assignment, is_name, is_secret_like, oddities


def word_list(rules: words.Rules) -> Reader:
    """A way to read a list of words; empty takes back what was there."""

    def read(reading: Reading, field: str, item: Assignment) -> None:
        if not item.value:
            reading.fields.pop(field, None)
        for word in reading.words(item, rules):
            if found := reading.expand(word, item):
                reading.add(field, Setting(found.text, item.origin, found.unknown))

    return read


def paths(*prefixes: str) -> Reader:
    """A list of paths with prefixes, each at most once and in that order; empty resets it."""

    def read(reading: Reading, field: str, item: Assignment) -> None:
        if not item.value:
            reading.fields.pop(field, None)
        for word in reading.words(item, words.PLAIN):
            rest, kept = word, ""
            for prefix in prefixes:
                if rest.startswith(prefix):
                    rest, kept = rest[1:], kept + prefix
            found = reading.expand(rest, item)
            if not found:
                continue
            if why := found.objection_to_path():
                reading.note(item, Effect.IGNORED, f"{item.key}=: {found.text[:256]!a} is {why}")
            else:
                reading.add(field, Setting(kept + values.simplified(found.text), item.origin, found.unknown))

    return read


def directories(reading: Reading, field: str, item: Assignment) -> None:
    """RuntimeDirectory= and its kin: relative paths, each perhaps with the name of a link to it (``a:b``)."""
    if not item.value:
        reading.fields.pop(field, None)
    for word in reading.words(item, words.Rules(keep_escapes=True)):
        found = reading.expand(word.partition(":")[0], item)
        if not found:
            continue
        if why := found.objection_to_path(absolute=False):
            reading.note(item, Effect.IGNORED, f"{item.key}=: {found.text[:256]!a} is {why}")
        else:
            reading.add(field, Setting(values.simplified(found.text), item.origin, found.unknown))


def units(reading: Reading, field: str, item: Assignment) -> None:
    """Names of other units: quotes mean nothing, and an empty value resets nothing (systemd.unit(5), "[UNIT] SECTION OPTIONS")."""
    for word in words.split(item.value, words.Rules(quotes=False, keep_escapes=True)):
        found = reading.expand(word, item, in_name=True)
        if not found:
            continue
        name = parse_name(found.text)
        full = _instance(name, reading.specifiers.name) if name else found.text
        if name is None and not found.unknown:
            reading.note(item, Effect.IGNORED, f"{item.key}=: {found.text[:256]!a} is no name of a unit")
        elif full == str(reading.specifiers.name):
            reading.note(item, Effect.IGNORED, f"{item.key}=: the unit itself")
        else:
            reading.add(field, Setting(full, item.origin, found.unknown))


def _instance(name: UnitName, mine: UnitName) -> str:
    """``x@.service`` named by an instance means the same instance of x, else that of the prefix."""
    return str(UnitName(name.prefix, mine.instance or mine.prefix, name.type) if name.is_template else name)


def condition(reading: Reading, field: str, item: Assignment) -> None:
    """Condition…= and Assert…=; empty takes back all of them, of whatever kind."""
    if not item.value:
        reading.fields.pop(field, None)
        return
    rest = item.value.removeprefix("|")
    argument = rest.removeprefix("!")
    found = reading.expand(argument, item)
    if not found:
        return
    text = found.text
    if "Path" in item.key or "File" in item.key or "Directory" in item.key:
        if why := found.objection_to_path():
            reading.note(item, Effect.IGNORED, f"{item.key}= is {why}")
            return
        text = values.simplified(text)
    made = Condition(item.key, text, negated=argument != rest, trigger=rest != item.value)
    reading.add(field, Setting(made, item.origin, found.unknown))


def commands(reading: Reading, field: str, item: Assignment) -> None:
    """ExecStart= and its kin."""
    if not item.value:
        reading.fields.pop(field, None)
        return
    line = command_lines.parse(item.value, item.origin, reading.specifiers)
    reading.diagnostics += [Diagnostic(found.origin, found.effect, f"{item.key}=: {found.text}") for found in line.diagnostics]
    for command in line.commands:
        reading.add(field, command)
        if command.unknown:
            reading.note(item, Effect.UNKNOWN, f"{item.key}=: no file tells what {', '.join(command.unknown)} stands for")
    if any(found.effect is Effect.REFUSED for found in line.diagnostics):
        raise Refused


def environment(reading: Reading, field: str, item: Assignment) -> None:
    """Environment= (systemd.exec(5), "ENVIRONMENT"). No diagnostic holds any of a value."""
    if not item.value:
        reading.fields.pop(field, None)
    for word in reading.words(item, words.SETTING):
        found = reading.expand(word, item)
        if not found:
            continue
        pair = assignment(found.text)
        if pair is None:
            name = found.text.partition("=")[0] if "=" in found.text else ""
            reading.note(
                item, Effect.IGNORED, f"{item.key}=: {name[:64]!a} is no name" if name else f"{item.key}=: a word without ="
            )
            continue
        name, value = pair
        reading.add(field, Variable(name, Secret(value), item.origin, found.unknown))
        for text in oddities(value):
            reading.note(item, Effect.NOTED, f"{name}: {text}")
        if is_secret_like(name) and value:
            text = f"{name}: whoever may ask systemd reads it here, a file with EnvironmentFile= can be kept from them"
            reading.note(item, Effect.NOTED, text)


def environment_file(reading: Reading, field: str, item: Assignment) -> None:
    """The whole value is one path: no quotes, no list."""
    if not item.value:
        reading.fields.pop(field, None)
        return
    found = reading.expand(item.value, item)
    if not found:
        return
    path = found.text.removeprefix("-")
    if why := replace(found, text=path).objection_to_path():
        reading.note(item, Effect.IGNORED, f"{item.key}= is {why}")
    else:
        prefix = "-" if path != found.text else ""
        reading.add(field, Setting(prefix + values.simplified(path), item.origin, found.unknown))


def variable_names(reading: Reading, field: str, item: Assignment) -> None:
    """PassEnvironment= (names) and UnsetEnvironment= (names and assignments)."""
    if not item.value:
        reading.fields.pop(field, None)
    for word in reading.words(item, words.SETTING if field == "unset_environment" else words.PLAIN):
        found = reading.expand(word, item)
        if not found:
            continue
        if is_name(found.text) or (field == "unset_environment" and assignment(found.text)):
            reading.add(field, Setting(found.text, item.origin, found.unknown))
        else:
            reading.note(item, Effect.IGNORED, f"{item.key}=: a word that is no name")
