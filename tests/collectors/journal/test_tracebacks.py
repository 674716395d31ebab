"""Tracebacks are put together again, from the lines that real programs print."""

import json
import logging
import re
import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtops.collectors.journal.tracebacks import assemble
from tests.collectors.journal.builders import spoken

ENDED = {"a": 1001.0}
SIMPLE = 'Traceback (most recent call last):\n  File "/app/main.py", line 3, in <module>\n    boom()\nValueError: no\n'


def found(text, ended=ENDED):
    return assemble(spoken(text), ended)


def messages(text, ended=ENDED):
    return [item.message for item in found(text, ended)]


def printed(error):
    return "".join(traceback.format_exception(error))


def raised(source):
    """The exception that a program ends with, as CPython prints it."""
    try:
        exec(compile(source, "/app/main.py", "exec"), {"__name__": "__main__"})
    except Exception as error:  # noqa: BLE001
        error.__traceback__ = error.__traceback__.tb_next
        return error
    raise AssertionError("nothing was raised")


def test_one_traceback():
    (only,) = found(f"starting\n{SIMPLE}")
    assert (only.type, only.message, only.final, only.invocation) == ("ValueError", "ValueError: no", True, "a")
    assert [(frame.file, frame.line, frame.function) for frame in only.frames] == [("/app/main.py", 3, "<module>")]


@pytest.mark.parametrize("words", ["from error", "", "from None"])
def test_a_chain_is_one_traceback_with_its_causes(words):
    source = f"try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise RuntimeError('after') {words}"
    (only,) = found(printed(raised(source)))
    assert only.message == "RuntimeError: after"
    assert only.causes == (() if words == "from None" else ("ZeroDivisionError: division by zero",))


def test_an_exception_group_has_what_it_holds_as_its_causes():
    inner = "ExceptionGroup('inner', [TypeError('t'), KeyError('k')])"
    (only,) = found(printed(raised(f"def f():\n    raise ExceptionGroup('outer', [ValueError('v'), {inner}])\nf()")))
    assert (only.type, only.message) == ("ExceptionGroup", "ExceptionGroup: outer (2 sub-exceptions)")
    assert only.causes == ("ValueError: v", "ExceptionGroup: inner (2 sub-exceptions)", "TypeError: t", "KeyError: 'k'")
    assert [frame.function for frame in only.frames] == ["<module>", "f"]


def test_a_group_in_a_chain():
    source = "try:\n    raise ExceptionGroup('g', [ValueError('v')])\nexcept ExceptionGroup as e:\n    raise RuntimeError from e"
    (only,) = found(printed(raised(source)) + "bye")
    assert (only.type, only.causes) == ("RuntimeError", ("ValueError: v", "ExceptionGroup: g (1 sub-exception)"))


def test_a_syntax_error_has_no_header():
    (only,) = found('  File "/app/main.py", line 7\n    def f(:\n          ^\nSyntaxError: invalid syntax\n')
    assert (only.type, only.frames[-1].file, only.frames[-1].line) == ("SyntaxError", "/app/main.py", 7)


def test_a_syntax_error_in_an_imported_file():
    text = SIMPLE.replace("ValueError: no", '  File "/app/bad.py", line 1\n    def f(:\n          ^\nSyntaxError: invalid syntax')
    (only,) = found(text)
    assert [frame.file for frame in only.frames] == ["/app/main.py", "/app/bad.py"]


def test_a_message_of_many_lines():
    validation = "pydantic_core.ValidationError: 2 validation errors for Settings\nurl\n  Field required\nkey\n  Field required"
    (only,) = found(SIMPLE.replace("ValueError: no", validation))
    assert only.type == "pydantic_core.ValidationError"
    assert only.message == validation.replace("\n", r"\n")


def test_what_comes_after_a_traceback_that_was_caught_is_no_message():
    caught = SIMPLE.replace("no\n", "no\n  detail\nretrying\n")
    assert messages(caught, {}) == [r"ValueError: no\n  detail"]
    (only,) = found(caught + "2026-01-01 12:00:00 INFO app: done\n")
    assert (only.message, only.final) == (r"ValueError: no\n  detail", False)


def test_only_the_last_words_of_a_process_are_final():
    assert [item.final for item in found(SIMPLE + SIMPLE)] == [False, True]
    assert [item.final for item in found(SIMPLE, {})] == [False]
    late = spoken(SIMPLE) + spoken("still here", at_s=1000.5, start=50) + spoken("and here", at_s=1030.0, start=60)
    assert [item.final for item in assemble(late, {"a": 1031.0})] == [False]
    assert [item.final for item in assemble(spoken(SIMPLE), {"a": 9000.0})] == [False]  # a worker's, hours before the end


def test_an_exception_of_a_task_that_nobody_waits_for_ends_nothing_and_has_no_further_lines():
    lost = f"Task exception was never retrieved\nfuture: <Task finished name='Task-2' exception=ValueError('no')>\n{SIMPLE}"
    (told,) = found(f"{lost}no quorum among the feeds\n")
    assert (told.message, told.final) == ("ValueError: no", False)
    (first, last) = found(f"{lost}{SIMPLE}")
    assert (first.final, last.final) == (False, True)


def test_what_the_interpreter_says_while_it_ends_does_not_count():
    ignored = SIMPLE.replace("ValueError: no", "BrokenPipeError: [Errno 32] Broken pipe")
    noise = f"sys:1: RuntimeWarning: coroutine 'f' was never awaited\nException ignored in: <_io.TextIOWrapper>\n{ignored}"
    (only,) = found(SIMPLE + noise)
    assert (only.message, only.final) == ("ValueError: no", True)


@pytest.mark.parametrize(
    "prefix", ["ERROR:    ", "ERROR:root:", "2026-01-01 12:00:00,123 ERROR app: ", "[2026-01-01 12:00:00 +0000] [12] [ERROR] "]
)
def test_a_header_behind_a_logging_prefix(prefix):
    assert messages(prefix + SIMPLE) == ["ValueError: no"]
    lines = [prefix + line for line in SIMPLE.splitlines()]
    (only,) = found("\n".join(line.replace("00:00", f"00:0{number}") for number, line in enumerate(lines)))
    assert (only.message, len(only.frames)) == ("ValueError: no", 1)


def test_what_logging_prints():
    formatter, error = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"), raised("{}['key']")
    record = logging.LogRecord("app", logging.ERROR, "/app/main.py", 1, "failed", (), (type(error), error, error.__traceback__))
    record.stack_info = 'Stack (most recent call last):\n  File "/app/x.py", line 1, in f\n    log()'
    assert messages(formatter.format(record) + "\nERROR: next", {}) == ["KeyError: 'key'"]


@pytest.mark.parametrize("wrap", [json.dumps, lambda document: json.dumps({"log": json.dumps(document) + "\n"}), repr])
def test_a_traceback_in_one_json_string(wrap):
    (only,) = found(wrap({"level": "error", "exc_info": SIMPLE.replace("no", 'said "no"'), "pid": 3}))
    assert (only.message, only.frames[0].line) == ('ValueError: said "no"', 3)
    cut = json.dumps({"message": "x", "exc_info": SIMPLE, "more": "y" * 50})[:-30]
    assert messages(cut) == ["ValueError: no"]


def test_processes_that_speak_at_once_are_kept_apart():
    other = SIMPLE.replace("ValueError: no", "KeyError: 'k'")
    mixed = [line for pair in zip(spoken(SIMPLE), spoken(other, pid=7), strict=True) for line in pair]
    assert {item.message for item in assemble(mixed, {})} == {"ValueError: no", "KeyError: 'k'"}


def test_a_stray_line_of_another_thread_does_no_harm():
    assert messages(SIMPLE.replace("    boom()\n", "    boom()\nsaved 17 rows\nINFO: more\n")) == ["ValueError: no"]


def test_a_deep_recursion_is_bounded():
    (only,) = found(printed(raised("import sys\nsys.setrecursionlimit(6000)\ndef f(n):\n    if n: f(n - 1)\n    1 / 0\nf(5000)")))
    assert (only.type, len(only.frames)) == (
        "ZeroDivisionError",
        5,
    )  # CPython itself says "[Previous line repeated 4997 more times]"
    mutual = "def f(n):\n    g(n - 1) if n else 1 / 0\ndef g(n):\n    f(n)\nf(400)"
    (only,) = found(printed(raised(mutual)))
    assert len(only.frames) == 60
    assert (only.frames[0].function, only.frames[-1].function) == ("<module>", "f")


def test_without_its_beginning_it_is_still_one():
    assert messages("\n".join(SIMPLE.splitlines()[1:])) == ["ValueError: no"]


def test_text_that_only_speaks_of_a_traceback():
    assert messages("Traceback (most recent call last):\n" * 3) == []
    assert messages('  File "/app/main.py", line 3, in <module>\n' + "words of no exception\n" * 30) == []
    assert messages("Object created at (most recent call last):\n" + "\n".join(SIMPLE.splitlines()[1:3])) == []


# Real ones: programs are made up, run, and CPython's own account of the exception is what must come out.

words = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=20).map(str.strip)
errors = st.sampled_from(["ValueError", "KeyError", "OSError", "m.Own", "RuntimeError"])
raising = st.builds("raise {}({!r})".format, errors, words)
groups = st.builds("raise ExceptionGroup({!r}, [{}({!r}), TypeError({!r})])".format, words.filter(bool), errors, words, words)


def nested(inner):
    def handled(first, second, way):
        bodies = (re.sub("(?m)^", "    ", body) for body in (first, second))
        return "try:\n{}\nexcept Exception as error:\n{}{}".format(*bodies, way)

    called = st.builds("def f{0}():\n{1}\nf{0}()".format, st.integers(0, 9), inner.map(lambda body: re.sub("(?m)^", "    ", body)))
    return called | st.builds(handled, inner, raising, st.sampled_from(["", " from error", " from None"]))


programs = st.recursive(raising | groups, nested, max_leaves=5)


@settings(max_examples=300)
@given(programs)
def test_it_says_what_cpython_says(program):
    error = raised(f"class m:\n    class Own(Exception): pass\n{program}")
    told = traceback.TracebackException.from_exception(error)
    (only,) = found(printed(error))
    first = "".join(traceback.TracebackException(type(error), error, None).format_exception_only()).split("\n")[0]
    assert only.message == first.rstrip()
    assert only.type == first.partition(": ")[0]
    assert [(frame.file, frame.line, frame.function) for frame in only.frames] == [
        (item.filename, item.lineno, item.name) for item in told.stack
    ]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        assert type(cause).__qualname__ in " ".join(only.causes)
    assert only.final


@given(
    st.lists(
        st.sampled_from([*SIMPLE.splitlines(), "  | ", "  + Exception Group Traceback (most recent call last):", "    | A: b"])
        | st.text()
    )
)
def test_any_lines_do_no_harm(lines):
    for item in found("\n".join(lines)):
        assert item.type
