"""The page is one file that asks for nothing, runs nothing, and says every word of the document."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from qtops.evidence.document import Age, Ages, Claim, Level, Levels, Paragraph, Row, Table, Verbatim
from qtops.facts.text import printable
from qtops.reports.written import page, prose
from qtops.reports.written.templates import load
from tests.reports.written.documents import HOSTILE, NOW_S, document, every_block

TEMPLATES = load(None)
VOID = {"meta", "wbr", "line", "rect", "circle", "path"}
PIECES = r"""<script> </style> </title> <!-- ]]> </svg> ' " onload=x &amp; javascript: ` </pre> <b"""
HARMFUL = st.one_of(
    st.text(),
    st.text(alphabet="<>&\"'/=`;:!-aé \n\x1b\u202e"),
    st.lists(st.sampled_from(PIECES.split())).map(" ".join),
)


class Read(HTMLParser):
    """The page as a reader has it: elements with their attributes, and the words of each."""

    def __init__(self, source: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.misnested: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.misnested.append(tag)

    def handle_data(self, data):
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def words(self, tag: str) -> list[list[str]]:
        return [text.split() for text in self.texts.get(tag, [])]


def read(*blocks, text: str = "") -> Read:
    return Read(page.render(document(*blocks, text=text), TEMPLATES))


def tags(found: Read) -> list[str]:
    """Elements, but for those that depend on what a text is: code, times, lines of a diff, and where it may be broken."""
    of_text = {"added", "removed", "place"}
    return [tag for tag, given_to in found.elements if tag not in {"code", "time", "wbr"} and given_to.get("class") not in of_text]


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(HARMFUL.filter(lambda text: bool(prose.plain(printable(text)).strip())))
@example(HOSTILE)
def test_no_text_changes_the_elements_of_the_page(text):
    found = read(*every_block(text), text=text)
    plain = read(*every_block("ordinary"), text="ordinary")
    assert tags(found) == tags(plain)
    assert found.misnested == plain.misnested == []
    assert found.open == []


@settings(max_examples=25, deadline=None)
@given(HARMFUL)
@example(HOSTILE)
def test_the_words_are_the_words_of_the_document(text):
    words = prose.plain(printable(text)).split()
    found = read(Paragraph((Claim(text, ("E01",)),)), Table((text,), (Row((f"x {text}",), ()),)), text=f"t {text}")
    assert found.words("h1") == [["t", *words]]
    assert [*words, "E01"] in found.words("p")
    assert found.words("th")[0] == words
    assert found.words("td")[0] == ["x", *words]


@settings(max_examples=25, deadline=None)
@given(HARMFUL)
@example("\n\nx")
@example("+a\n-b\n@@ c\n--- d")
def test_verbatim_lines_are_exactly_as_they_were(text):
    source = page.render(document(Verbatim(text, (), "diff")), TEMPLATES)
    shown = "".join(character if character in "\n\t" else printable(character) for character in text)
    assert Read(source).texts["pre"] == [f"\n{shown}"]  # a browser leaves the first line end out


def test_it_asks_for_nothing_and_runs_nothing():
    found = read(*every_block(HOSTILE), text=HOSTILE)
    loading = {"script", "link", "img", "iframe", "object", "embed", "form", "base", "video", "use", "image"}
    assert not {tag for tag, _ in found.elements} & loading
    given_to = {name for _, attributes in found.elements for name in attributes}
    assert not {name for name in given_to if name.startswith("on")}
    assert not given_to & {"src", "srcset", "action", "style", "xlink:href"}
    targets = {str(attributes["href"]) for tag, attributes in found.elements if tag == "a"}
    assert {target.split("/")[0] for target in targets if not target.startswith("#")} == {"evidence"}
    styles = "".join(found.texts["style"])
    assert "url(" not in styles
    assert "@import" not in styles


def test_a_browser_is_told_to_load_nothing_and_run_nothing():
    (policy,) = [attributes["content"] for _, attributes in read().elements if "http-equiv" in attributes]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def test_every_citation_leads_to_a_row_of_the_index_and_every_row_to_its_file():
    found = read(*every_block())
    places = {attributes["id"] for _, attributes in found.elements if "id" in attributes}
    links = [str(attributes["href"]) for tag, attributes in found.elements if tag == "a"]
    assert {link.removeprefix("#") for link in links if link.startswith("#")} <= places
    files = [link for link in links if link.startswith("evidence/")]
    assert files == ["evidence/E01-unit.json", "evidence/E02-journal.json", "evidence/E03-keys.json"]


def test_what_nothing_backs_says_so():
    found = read(Paragraph((Claim("Bare.", ()), Claim("Lost.", ("E77",)))))
    assert found.words("p")[-1] == ["Bare.", "no", "evidence", "Lost.", "E77:", "no", "such", "record"]


def test_the_page_is_fit_for_a_phone_a_dark_room_and_paper():
    source = page.render(document(), TEMPLATES)
    assert '<meta name="viewport" content="width=device-width,initial-scale=1">' in source
    for query in ("prefers-color-scheme:dark", "max-width:40rem", "@media print"):
        assert query in source


def test_status_and_answers_are_told_by_shape_and_word_and_not_by_colour_alone():
    found = read(*every_block("a"))
    assert ["✔", "RECOVERED"] in found.words("p")
    assert [" ".join(words[:2]) for words in found.words("li") if words[0] in "✔✘?"] == ["✔ yes", "✘ no", "? could"]


def level(**changed: object) -> Level:
    usual = Level(symbol="BTCUSDT", side="LONG", at_s=NOW_S - 5, price=100.0, stop_loss=98.0, take_profit=104.0)
    return replace(usual, **changed)


def age(**changed: object) -> Age:
    return replace(Age(key="k", look="now", age_s=5.0, warn_s=20.0, critical_s=30.0), **changed)


def pictures(*levels: Level) -> Read:
    return read(Levels(levels, ("E01",)))


def test_a_bracket_has_stop_price_and_target_on_one_scale():
    found = pictures(level())
    assert {"stop 98.0000 (-2.00 %)", "price 100.000", "target 104.000 (+4.00 %)"} <= set(found.texts["text"])
    (ring,) = [float(attributes["cx"]) for tag, attributes in found.elements if tag == "circle"]
    stop, target = [float(re.findall(r"H([\d.]+)", attributes["d"])[0]) for tag, attributes in found.elements if tag == "path"]
    assert stop < ring < target
    assert (target - ring) / (ring - stop) == pytest.approx(2.0, abs=0.01)


def test_a_short_has_its_stop_above():
    found = pictures(level(side="SHORT", stop_loss=103.0, take_profit=95.0))
    stop, target = [float(re.findall(r"H([\d.]+)", attributes["d"])[0]) for tag, attributes in found.elements if tag == "path"]
    assert target < stop


def test_what_is_wrong_is_framed_marked_and_said():
    found = pictures(level(stop_loss=101.0, wrong="stop_breached"))
    assert next(attributes["class"] for tag, attributes in found.elements if tag == "rect") == "wrong"
    assert {"✘", "stop_breached"} <= set(found.texts["text"])
    assert "stop_breached" in found.texts["desc"][0]


def test_levels_of_one_symbol_share_a_picture_and_a_scale():
    found = pictures(level(), level(at_s=NOW_S - 60), level(symbol="ETHUSDT"))
    assert found.texts["title"][1:] == ["BTCUSDT LONG", "ETHUSDT LONG"]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), 0.0, -1.0, 1e300, 5e-324])
def test_any_price_can_be_drawn(value):
    drawn = Levels((level(price=value), level(stop_loss=value, take_profit=value), level(stop_loss=value, price=value)), ())
    source = page.render(document(drawn), TEMPLATES)
    picture = source[source.index("<svg") :]
    assert not re.search(r'"[^"]*\b(nan|inf)\b[^"]*"', picture)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), 0.0, -5.0, 1e300, 61_200.0])
@pytest.mark.parametrize("limit", [0.0, 30.0, float("inf")])
def test_any_age_can_be_drawn(value, limit):
    source = page.render(document(Ages((age(age_s=value, warn_s=limit, critical_s=limit),), ())), TEMPLATES)
    assert not re.search(r'(x|y|x1|x2|width)="(nan|inf|-)', source)


def test_seconds_and_a_day_are_both_to_be_seen():
    found = read(Ages((age(look="before", age_s=61_200.0), age(age_s=5.0)), ("E01",)))
    old, young = [float(attributes["width"]) for tag, attributes in found.elements if tag == "rect"]
    assert 0.1 < young / old < 0.5
    assert {"✘ 17 h, stale", "✔ 5 s, fresh", "late 20 s", "stale 30 s"} <= set(found.texts["text"])


def test_pictures_say_in_words_what_they_show():
    found = read(Ages((age(),), ()), Levels((level(),), ()))
    described = [attributes for tag, attributes in found.elements if tag == "svg"]
    assert [attributes["role"] for attributes in described] == ["img", "img"]
    assert described[0]["aria-label"] == "k: now: 5 s, fresh (late after 20 s, stale after 30 s)"
    assert "stop 98.0000 (-2.00 %)" in str(described[1]["aria-label"])
    assert found.texts["title"][1:] == ["k", "BTCUSDT LONG"]


def test_times_are_marked_as_such():
    found = read(Paragraph((Claim("It failed 2026-02-17 06:06:55 UTC (17 h ago).", ()),)))
    assert {"datetime": "2026-02-17T06:06:55Z"} in [attributes for tag, attributes in found.elements if tag == "time"]


def test_a_hundred_thousand_lines_take_seconds():
    lines = "\n".join(f"-2026-02-17 23:58:25 systemd[1]: line {number} <b>" for number in range(100_000))
    assert len(page.render(document(Verbatim(lines, ("E01",), "diff")), TEMPLATES)) > len(lines)
