"""No password of a URL is in a bundle, wherever in the facts the URL stands."""

import pytest
from msgspec.structs import replace

from qtops.bundle import encode, save
from qtops.facts.cadence import CadenceFacts, Series
from qtops.facts.events import EventFacts, EventReading, GuardReading, Statement
from qtops.facts.journal import JournalFacts, Line
from qtops.facts.keys import ServerReading
from qtops.facts.proposals import ProposalLook
from qtops.facts.streams import GroupReading, StreamReading
from qtops.facts.wiring import End, UnitWiring, WiringFacts
from qtops.settings import RedisSettings, Settings
from tests.bundle.looks import NOW_S, facts, proposals, service, streams

URL = "redis://app:c4n4ry@db:6379/0"
END = End(unit="a.service", name=URL, command="GET", direction="read", where=URL)
SERVER_OF_A_URL = ServerReading(URL, "down", f"see {URL}", f"cannot reach {URL}")


def test_no_password_of_a_url_is_written(tmp_path):
    looked = facts(
        service(journal=JournalFacts(lines=(Line(NOW_S, f"cannot reach {URL}, nor unix:///a.sock?password=c4n4ry"),))),
        settings=Settings(redis=RedisSettings(url=URL)),
    )
    save(looked, tmp_path / "a")
    text = (tmp_path / "a").read_text("utf-8")
    assert "c4n4ry" not in text
    assert "redis://app:***@db:6379/0" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"proposals": replace(proposals({URL: URL, "flags": URL}), missing=(URL,), symbols=(URL,))},
        {"proposals": replace(proposals(), looks=(ProposalLook(taken_at_s=NOW_S, server=SERVER_OF_A_URL),))},
        {"streams": streams(trouble="down", detail=URL, fields=(URL,), groups=(GroupReading(name=URL, trouble=URL),))},
        {"cadence": CadenceFacts(server=SERVER_OF_A_URL, taken_at_s=NOW_S, series=(Series(family=URL, trouble=URL),))},
        {
            "events": EventFacts(
                taken_at_s=NOW_S,
                read_at_s=NOW_S,
                server=SERVER_OF_A_URL,
                stream=StreamReading(name=URL, read_at_s=NOW_S),
                events=(EventReading("1-1", {URL: URL}),),
                guards=(GuardReading(URL, URL, None, detail=URL),),
                statements=(Statement(URL, URL, URL),),
            )
        },
        {
            "wiring": WiringFacts(
                taken_at_s=NOW_S,
                redis_url=URL,
                found=(URL,),
                units=(
                    UnitWiring(
                        unit="a.service", ends=(End(unit="a.service", name=URL, command="GET", direction="read", where=URL),)
                    ),
                ),
            )
        },
    ],
)
def test_no_kind_of_facts_can_carry_the_password_of_a_url(changes):
    text = encode(facts(**changes)).decode()
    assert "c4n4ry" not in text
    assert "redis://app:***@db:6379/0" in text
