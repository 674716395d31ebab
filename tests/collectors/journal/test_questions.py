"""Two calls at the most: what is sick first, each by its invocation, and nobody's noise in the way of somebody else."""

from qtops.collectors.journal.questions import MOST_ENTRIES, SICK_ENTRIES, Wanted, again, first, second

LOOP, FAILED, NEVER = Wanted("loop.service", "a" * 32), Wanted("failed.service", "b" * 32), Wanted("never.service")
WELL = Wanted("well.service", "c" * 32, sick=False)


def test_a_single_service_is_asked_for_at_once_with_its_past():
    asked = first([FAILED, WELL])
    assert asked.terms == {
        "_SYSTEMD_INVOCATION_ID": ["b" * 32],
        "INVOCATION_ID": ["b" * 32],
        "UNIT": ["failed.service"],
        "OBJECT_SYSTEMD_UNIT": ["failed.service"],
        "_SYSTEMD_UNIT": ["failed.service"],
    }
    assert asked.units == {"failed.service": SICK_ENTRIES}
    assert second([FAILED, WELL]).units.keys() == {"well.service"}
    assert second([FAILED]) is None
    assert first([WELL]) is None


def test_many_that_are_sick_are_asked_for_by_invocation_and_their_past_comes_second():
    wanted = [LOOP, FAILED, NEVER, WELL]
    assert first(wanted).terms == {
        "_SYSTEMD_INVOCATION_ID": ["a" * 32, "b" * 32],
        "INVOCATION_ID": ["a" * 32, "b" * 32],
        "UNIT": ["never.service"],
    }
    asked = second(wanted)
    assert asked.terms["_SYSTEMD_INVOCATION_ID"] == ["c" * 32]
    assert asked.terms["_SYSTEMD_UNIT"] == asked.terms["UNIT"] == ["loop.service", "failed.service"]


def test_what_was_not_heard_is_asked_for_again_without_the_others():
    asked = again([LOOP, FAILED, WELL], {"failed.service"}, 1234.5)
    assert asked.units == {"failed.service": SICK_ENTRIES}
    assert asked.terms.keys() == {"_SYSTEMD_INVOCATION_ID", "INVOCATION_ID"}
    assert "--until=@1234.500000" in asked.arguments()


def test_a_call_is_bounded_and_short():
    asked = first([Wanted(f"a-service-with-a-name-{number}.service", f"{number:032x}") for number in range(1000)])
    assert asked.most == MOST_ENTRIES
    assert sum(map(len, asked.arguments())) < 128 * 1024
    assert asked.arguments().count("+") == 1


def test_nothing_older_than_what_is_of_interest_to_anybody():
    recent, older = Wanted("a.service", "a" * 32, 2000.0), Wanted("b.service", "b" * 32, 1000.5)
    assert "--since=@1000.500000" in first([recent, older]).arguments()
    assert not [word for word in first([recent, FAILED]).arguments() if word.startswith("--since")]
