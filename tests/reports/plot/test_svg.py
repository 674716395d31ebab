"""Pictures: where lines, gaps, limits and zones are drawn, what the page says in words, and that nothing in it is obeyed."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtops.findings import Verdict
from qtops.reports.plot import svg as drawing
from qtops.reports.plot.chart import age_chart, charts, levels_chart
from qtops.reports.plot.page import Head, page
from qtops.reports.plot.samples import Age, Levels
from qtops.reports.plot.svg import BOTTOM, HEIGHTS, LEFT, RIGHT, TOP, WIDTH, svg, thinned
from qtops.reports.plot.terminal import draw, plain
from tests.reports.plot.drawn import AT_S, HOSTILE, age, history, levels

NS = "{http://www.w3.org/2000/svg}"
HEAD = Head("qtops watch proposals", Verdict.CRITICAL, "2026-02-17 23:58:12 UTC on risk-1", "1 proposal: 1 critical")


def parsed(chart) -> ET.Element:
    return ET.fromstring(svg(chart))


def lines(picture: ET.Element, style: str) -> list[list[tuple[float, float]]]:
    """The points of each line of a style."""
    found = [line for line in picture.iter(f"{NS}polyline") if style in line.get("class").split()]
    return [[tuple(map(float, point.split(","))) for point in line.get("points").split()] for line in found]


def texts(picture: ET.Element) -> list[str]:
    return [element.text for element in picture.iter(f"{NS}text")]


def test_levels_stand_in_their_order_and_span_the_picture():
    picture = parsed(levels_chart("BTC", [levels(), levels(60, price=106.0)]))
    ((stop,), (price,), (target,)) = (lines(picture, style) for style in ("stop", "price", "target"))
    assert stop[0][1] > price[0][1] > target[0][1]  # y grows downwards
    assert price[1][1] < price[0][1]
    assert (price[0][0], price[1][0]) == (LEFT, WIDTH - RIGHT)
    assert all(TOP <= y <= HEIGHTS["price"] - BOTTOM for line in (stop, price, target) for _, y in line)
    assert {"BTC LONG", "price", "SL", "TP", "UTC", "23:58:30"} <= set(texts(picture))


def test_a_gap_parts_a_line_and_a_lone_point_is_a_ring():
    prices = (105.0, 106.0, None, None, 107.0, None)
    picture = parsed(levels_chart("BTC", [levels(10 * number, price=price) for number, price in enumerate(prices)]))
    assert [len(line) for line in lines(picture, "price")] == [2]
    assert [ring.get("class") for ring in picture.iter(f"{NS}circle")] == ["price"]


def test_one_sample_is_drawn_in_the_middle_of_a_minute():
    picture = parsed(levels_chart("BTC", [levels()]))
    rings = {ring.get("class"): float(ring.get("cx")) for ring in picture.iter(f"{NS}circle")}
    assert rings == dict.fromkeys(("price", "stop", "target"), (LEFT + WIDTH - RIGHT) / 2)


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_prices_of_any_size_have_their_own_scale(size):
    samples = [levels(number, price=(105 + number % 3) * size, stop=103 * size, target=108 * size) for number in range(5)]
    (price,) = lines(parsed(levels_chart("BTC", samples)), "price")
    assert max(y for _, y in price) - min(y for _, y in price) > 30


def test_times_at_which_levels_are_impossible_are_marked_up_to_the_next_sample():
    stops = (103.0, 109.0, 109.0, 106.0, 103.0)
    chart = levels_chart("BTC", [levels(10 * number, stop=stop) for number, stop in enumerate(stops)])
    assert [(zone.from_s - AT_S, zone.to_s - AT_S, zone.why) for zone in chart.zones] == [
        (10, 30, "bracket crossed"),
        (30, 40, "stop through the price"),
    ]
    zones = [zone for zone in parsed(chart).iter(f"{NS}rect") if zone.get("class") == "zone"]
    across = WIDTH - RIGHT - LEFT
    assert [float(zone.get("x")) for zone in zones] == pytest.approx([LEFT + across / 4, LEFT + across * 3 / 4], abs=0.1)
    assert [float(zone.get("width")) for zone in zones] == pytest.approx([across / 2, across / 4], abs=0.1)
    assert "bracket crossed, stop through the price" in texts(parsed(chart))


def test_a_fault_of_the_last_sample_can_be_seen():
    (zone,) = (zone for zone in parsed(levels_chart("BTC", [levels(), levels(60, stop=109.0)])).iter(f"{NS}rect"))
    assert float(zone.get("width")) == drawing.THIN
    assert float(zone.get("x")) + drawing.THIN == WIDTH - RIGHT


def test_a_live_price_is_drawn_or_told_where_it_would_flatten_all_else():
    near = levels_chart("BTC", [levels(live=105.5), levels(10, live=105.6)])
    assert [line.name for line in near.lines] == ["price", "SL", "TP", "live price"]
    far = levels_chart("BTC", [levels(live=71_208.9)])
    assert [line.name for line in far.lines] == ["price", "SL", "TP"]
    assert "live price 71,208.9: off this scale" in texts(parsed(far))
    only = levels_chart("BTC", [levels(price=None, stop=None, target=None, live=7.0)])
    assert [line.name for line in only.lines] == ["live price"]


def test_ages_are_drawn_against_their_limits_and_marked_beyond_them():
    chart = age_chart("BTC", {"beat": [age(), age(10, 45.0), age(20)]})
    assert [(line.name, line.style) for line in chart.lines] == [("beat", "age0"), ("late 20 s", "late"), ("stale 30 s", "stale")]
    assert [(zone.from_s - AT_S, zone.why) for zone in chart.zones] == [(10, "beat stale")]
    picture = parsed(chart)
    ((late,), (stale,), (beat,)) = (lines(picture, style) for style in ("late", "stale", "age0"))
    assert late[0][1] > stale[0][1] > beat[1][1]
    assert {"0 s", "30 s"} <= set(texts(picture))


def test_names_never_stand_on_each_other():
    samples = [levels(price=105.0, stop=105.0001, target=105.0002, live=105.0003)]
    names = [text for text in parsed(levels_chart("BTC", samples)).iter(f"{NS}text") if float(text.get("x")) > WIDTH - RIGHT]
    places = [float(name.get("y")) for name in names if name.text in {"price", "SL", "TP", "live price"}]
    assert len(places) == 4
    assert all(abs(one - other) >= 12 for one in places for other in places if one is not other)


def test_no_peak_is_lost_where_points_are_left_out():
    places = [(number / 100, 100.0 - (number == 777) * 90 + (number == 778) * 50) for number in range(5000)]
    kept = thinned(places)
    assert len(kept) < 200
    assert {10.0, 150.0} <= {y for _, y in kept}
    assert kept == sorted(kept)
    assert (kept[0], kept[-1]) == (places[0], places[-1])


def test_those_who_see_no_picture_are_told():
    picture = parsed(levels_chart("BTC", [levels(stop=109.0)]))
    assert picture.get("role") == "img"
    assert picture.get("aria-label") == "BTC LONG: price 105.000, SL 109.000, TP 108.000; bracket crossed"
    assert picture.find(f"{NS}title").text == "BTC LONG"
    assert picture.find(f"{NS}desc").text == "price 105.000, SL 109.000, TP 108.000; bracket crossed"


NOTHING = levels(price=None, stop=None, target=None)
VALUE = st.none() | st.floats(1e-9, 1e9)
NAME, MOMENT = st.sampled_from(["BTC", HOSTILE]), st.floats(1e9, 4e9)
LEVELS = st.builds(Levels, NAME, MOMENT, st.sampled_from(["LONG", "SHORT", ""]), VALUE, VALUE, VALUE, VALUE)
AGES = st.builds(Age, NAME, NAME, MOMENT, st.none() | st.floats(-1e9, 3e9), VALUE, VALUE)


@given(st.lists(LEVELS | AGES, max_size=12))
@settings(deadline=None)
def test_whatever_the_samples_the_picture_is_well_formed_and_within_its_frame(samples):
    kept = history(samples)
    for subject in kept.subjects:
        for chart in charts(kept, subject):
            picture = parsed(chart)
            points = [point for line in picture.iter(f"{NS}polyline") for point in line.get("points").split()]
            for x, y in (map(float, point.split(",")) for point in points):
                assert LEFT <= x <= WIDTH - RIGHT
                assert TOP <= y <= HEIGHTS[chart.unit]
            assert all(text.isprintable() for text in texts(picture))
    assert page(HEAD, kept).encode()


# the page


def test_the_page_needs_nothing_but_itself():
    text = page(HEAD._replace(changes=("23:58:12 found PROPOSAL101 BTC",), refresh_s=10.0), history([levels(), levels(10), age()]))
    assert not re.search(r"<script|<link|@import|url\(|src=|href=", text)
    assert not [url for url in re.findall(r"https?://[^\"' ]+", text) if url != "http://www.w3.org/2000/svg"]
    assert '<meta name="viewport" content="width=device-width,initial-scale=1">' in text
    assert '<meta http-equiv="refresh" content="10">' in text
    assert "prefers-color-scheme:dark" in text
    assert text.count("<style>") == 1
    assert "<li>23:58:12 found PROPOSAL101 BTC</li>" in text
    assert "refresh" not in page(HEAD, history([levels()]))


def test_hostile_names_are_shown_not_obeyed():
    head = Head(HOSTILE, Verdict.OK, HOSTILE, HOSTILE, (HOSTILE,))
    text = page(head, history([levels(subject=HOSTILE), age(subject=HOSTILE, name=HOSTILE)]))
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert all(line.isprintable() for line in text.split("\n"))
    ET.fromstring(re.search(r"<main>.*</main>", text, re.DOTALL)[0])


def test_what_is_not_drawn_is_counted():
    kept = history(levels(subject=f"S{number}") for number in range(60))
    assert "12 more are not drawn" in page(HEAD, kept)
    assert page(HEAD, kept).count("<svg") == 48


@pytest.mark.slow
def test_a_page_of_a_full_history_is_not_large():
    kept = history(levels(10 * step, f"S{number}", price=105 + step % 7 / 7) for number in range(48) for step in range(2000))
    assert len(page(HEAD, kept)) < 2_000_000


# the terminal


def test_in_a_terminal_a_picture_has_the_size_that_was_asked_for():
    chart = levels_chart("BTC", [levels(10 * number, price=105 + number % 3, stop=103.0) for number in range(50)])
    text = plain(draw(chart, 90, 15))
    assert len(text.splitlines()) == 15
    assert max(map(len, text.splitlines())) == 90
    assert text.startswith("BTC LONG: price 106.000, SL 103.000, TP 108.000")
    assert "SSSS" in text
    assert "TTTT" in text
    assert "\x1b[" in draw(chart, 90, 15)
    assert "\x1b" not in text


@pytest.mark.parametrize("samples", [[levels()], [NOTHING], [age(), age(9, 45.0)], [age(0, None)]])
def test_in_a_terminal_anything_can_be_drawn(samples):
    (chart,) = charts(history(samples), "BTC")
    assert plain(draw(chart, 10, 2)).startswith("BTC")
    assert all(line.isprintable() for line in plain(draw(chart._replace(title=HOSTILE), 60, 12)).splitlines())
