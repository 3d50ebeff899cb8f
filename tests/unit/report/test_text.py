"""Hostile text made harmless, and JSON broken into lines without changing it."""

import json
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from payconform.report.text import clip, indented, one_line, visible

ANY_TEXT = st.text(st.characters(codec=None))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(ANY_TEXT)
def test_visible_text_is_encodable_and_legal_in_xml(text: str) -> None:
    shown = visible(text)
    element = ET.Element("text")
    element.text = shown
    assert ET.fromstring(ET.tostring(element, encoding="utf-8")).text == (shown or None)  # noqa: S314 -- our own document


def test_what_a_terminal_would_obey_is_shown_as_an_escape() -> None:
    assert visible("\x1b[31mred\x9b\u202e\ud800\x00") == "\\x1b[31mred\\x9b\\u202e\\ud800\\x00"
    assert visible("keeps\ttabs, lines\n, é, 中 and \U0001f600") == "keeps\ttabs, lines\n, é, 中 and \U0001f600"


def test_a_line_has_no_breaks() -> None:
    assert one_line(" a\r\nb\t c\n") == "a b c"


def test_a_clipped_text_says_how_much_is_left_out() -> None:
    assert clip("abc", 3) == "abc"
    assert clip("a" * 2_000, 10).startswith("a" * 10 + "… (1,990 more")


@given(JSON)
def test_indenting_keeps_the_document(document: object) -> None:
    for written in (json.dumps(document), json.dumps(document, ensure_ascii=False, separators=(",", ":"), indent=None)):
        assert json.loads(indented(written)) == document


def test_indenting_keeps_numbers_and_repeated_members_as_written() -> None:
    assert indented('{"a":100.00,"a":[],"b":{"c":1e2}}') == '{\n  "a": 100.00,\n  "a": [],\n  "b": {\n    "c": 1e2\n  }\n}'
