"""What the caller knows of a start: distributions that are to be taken as installed, and files that other starts have read."""

from qtops.imports.files import Files
from qtops.imports.outcome import ImportVerdict
from qtops.imports.predict import predict

from .builders import APP, host, launch, outcome

MAIN = "import redis.asyncio\nfrom redis import Redis\nfrom redis.exceptions import ConnectionError\nimport lib\n"


def test_what_is_taken_to_be_installed_resolves_with_all_that_is_below_it() -> None:
    found = outcome({"main.py": MAIN, "lib.py": ""}, installed=frozenset({"redis"}))
    assert (found.verdict, found.third_party_missing) == (ImportVerdict.OK, ())
    assert outcome({"main.py": MAIN, "lib.py": ""}).third_party_missing == ("redis",)


def test_what_comes_after_it_is_still_judged() -> None:
    found = outcome({"main.py": MAIN}, installed=frozenset({"redis"}))
    assert found.failing is not None
    assert (found.verdict, found.failing.module) == (ImportVerdict.MISSING, "lib")


def test_a_file_of_that_name_wins_over_the_assumption() -> None:
    found = outcome({"main.py": "from redis import Redis\n", "redis.py": ""}, installed=frozenset({"redis"}))
    assert found.verdict is ImportVerdict.NAME_MISSING


def test_files_are_parsed_once_for_all_starts() -> None:
    files = Files(host({"a.py": "import shared\n", "b.py": "import shared\n", "shared.py": "x = 1\n"}))
    first = predict(files, launch("a.py"))
    parsed = files.source(f"{APP}/shared.py", (3, 11))
    second = predict(files, launch("b.py"))
    assert (first.verdict, second.verdict) == (ImportVerdict.OK, ImportVerdict.OK)
    assert files.source(f"{APP}/shared.py", (3, 11)) is parsed
