"""Whatever facts hold, there is a verdict, and every form can be made of it."""

import json
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from qtops.facts.keys import ServerReading
from qtops.facts.streams import ClientReading, GroupReading, StreamFacts, StreamLook, StreamReading
from qtops.facts.wiring import End, NameState, UnitWiring, Unresolved, WiringFacts
from qtops.reports.checked import junit, nagios, prometheus
from qtops.reports.wiring import document, drawing, markdown

from .reports import made
from .test_forms import printed

ANY = st.text(max_size=6)
NAME = st.one_of(
    st.sampled_from(["app:a", "app:b", "app:<symbol>", "app:<key>", "app:*", "<x>", "", ":", "app:BTCUSDT", "app:as"]), ANY
)
IDS = st.sampled_from(["0-0", "", "-", "1771364765000-0", "18446744073709551615-18446744073709551615", "9" * 400, "٣-٣", "x"])
UNITS = st.sampled_from(["a.service", "b.service", ""])
KINDS = st.sampled_from(["stream", "hash", "string", "list", "channel", "any"])
ENDS = st.builds(
    End,
    unit=UNITS,
    name=NAME,
    command=st.sampled_from(["XADD", "HSET", "GET", "", "scan"]) | ANY,
    direction=st.sampled_from(["read", "write", "touch"]),
    kind=KINDS,
    where=ANY,
    origin=st.sampled_from(["literal", "default of A", "A at /etc/x:1"]) | ANY,
    fields=st.lists(st.sampled_from(["payload", "qty", "quantity", "<f>", ""]) | ANY, max_size=3).map(tuple),
    fields_known=st.booleans(),
    creates=st.booleans(),
)
WIRED = st.builds(
    UnitWiring,
    unit=UNITS,
    load_state=st.sampled_from(["loaded", "not-found", ""]) | ANY,
    active_state=st.sampled_from(["active", "inactive", "failed", ""]) | ANY,
    unit_file_state=st.sampled_from(["enabled", "disabled"]) | ANY,
    since_s=st.none() | st.floats(0, 4e9),
    ends=st.lists(ENDS, max_size=5).map(tuple),
    unresolved=st.lists(st.builds(Unresolved, UNITS, st.sampled_from(["XADD", "", "GET"]), ANY, ANY), max_size=2).map(tuple),
    missing=st.lists(ANY, max_size=1).map(tuple),
)
STREAMS = st.builds(
    StreamReading,
    name=NAME,
    read_at_s=st.just(0.0),
    present=st.sampled_from([True, False, None]),
    kind=st.sampled_from(["stream", "hash", "none"]),
    length=st.integers(0, 2**63),
    last_generated_id=IDS,
    entries_added=st.none() | st.integers(0, 2**63),
    fields=st.lists(ANY, max_size=2).map(tuple),
    groups=st.lists(st.builds(GroupReading, name=ANY), max_size=2).map(tuple),
)
STATES = st.builds(
    NameState,
    name=NAME,
    present=st.sampled_from([True, False, None]),
    sample=ANY,
    kind=st.sampled_from(["stream", "hash", "", "ReJSON-RL"]),
    ttl_ms=st.none() | st.integers(0, 2**63),
    length=st.integers(0, 2**63),
    detail=ANY,
)


@st.composite
def facts(draw):
    server = ServerReading("redis://h", draw(st.sampled_from(["ok", "down"])), detail=draw(ANY))
    look = StreamLook(taken_at_s=0.0, server=server, streams=tuple(draw(st.lists(STREAMS, max_size=4))))
    streams = draw(st.sampled_from([None, StreamFacts(looks=()), StreamFacts(looks=(look,)), StreamFacts(looks=(look, look))]))
    return WiringFacts(
        taken_at_s=1_771_364_765.0,
        units=tuple(draw(st.lists(WIRED, max_size=4))),
        names=draw(st.none() | st.lists(STATES, max_size=4).map(tuple)),
        streams=streams,
        clients=draw(st.none() | st.just((ClientReading("x", "xadd", 1, False),))),
        found=tuple(draw(st.lists(ANY, max_size=2))),
    )


@settings(max_examples=60, deadline=None)
@given(facts(), st.booleans())
def test_every_form_of_any_facts(wiring, control_plane):
    report = made(wiring, control_plane=control_plane)
    assert report.verdict.exit_code in (0, 1, 2, 3)
    assert json.loads(document.render(report))["summary"]["verdict"] == report.verdict
    assert ET.fromstring(junit.render(report)).tag == "testsuites"
    assert printed(report, verbose=True).replace("\n", "").isprintable()
    for text in (drawing.mermaid(report), drawing.dot(report), markdown.render(report), nagios.render(report)):
        assert text.replace("\n", "").isprintable()
    assert prometheus.render(report)
