"""The compliance report in a real browser: inert, quiet, usable with and without JavaScript, legible, printable."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pypdf = pytest.importorskip("pypdf", reason="the dependency group browser is not installed")

if TYPE_CHECKING:
    from tests.browser.conftest import Open, Opened, Violations

SHOWN = "[...document.querySelectorAll('.matrix [data-filter]')].filter((row) => row.offsetParent).length"
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


def _choose(opened: "Opened", field: str, value: str) -> None:
    locator = opened.page.locator(f"#filter-{field}")
    locator.fill(value) if field == "text" else locator.select_option(value)


def test_the_page_is_inert_and_asks_the_network_for_nothing(show: "Open", report: Path) -> None:
    opened = show(report)
    opened.unfold()
    opened.page.wait_for_timeout(200)
    assert opened.requests == [report.as_uri()]
    assert opened.noises == []


def test_filters_narrow_the_matrix_and_give_it_back(show: "Open", report: Path) -> None:
    opened = show(report)
    everything = opened.value(SHOWN)
    _choose(opened, "outcome", "failed")
    assert opened.value(SHOWN) == 1
    assert opened.page.locator("#filter-status").inner_text().startswith(f"1 of {everything} clauses shown")
    assert opened.count("article:not([hidden])") == 3
    _choose(opened, "mode", "card")
    assert opened.count("article:not([hidden])") == 1
    opened.page.click("button[type=reset]")
    _choose(opened, "text", "cb-04 notified")
    assert opened.value(SHOWN) == 1
    opened.page.click("button[type=reset]")
    _choose(opened, "level", "advisory")
    assert 0 < opened.value(SHOWN) < everything
    opened.page.click("button[type=reset]")
    opened.page.wait_for_function(f"{SHOWN} === {everything}")


def test_a_link_shows_what_a_filter_hides_and_unfolds_evidence(show: "Open", report: Path) -> None:
    opened = show(report)
    _choose(opened, "outcome", "warned")
    opened.value("location.hash = '#x2'")
    opened.page.wait_for_function("document.getElementById('x2').open && document.getElementById('x2').offsetParent !== null")
    assert show(report, anchor="#x2").value("document.getElementById('x2').open")


def test_every_anchor_leads_somewhere_and_no_id_stands_twice(show: "Open", report: Path) -> None:
    opened = show(report)
    assert opened.value(
        "[...document.querySelectorAll('a[href]')].map((a) => a.getAttribute('href'))"
        ".filter((href) => !href.startsWith('#') || !document.getElementById(href.slice(1)))"
    ) == []  # fmt: skip
    assert opened.value(
        "((ids) => ids.filter((id, place) => ids.indexOf(id) !== place))([...document.querySelectorAll('[id]')].map((e) => e.id))"
    ) == []  # fmt: skip


def test_without_javascript_everything_is_there(show: "Open", report: Path) -> None:
    opened = show(report, script=False)
    assert opened.count("#filters[hidden]") == 1
    assert opened.count("article.failed .exhibit[open]") > 0
    assert opened.count("[data-filter][hidden]") == 0
    assert opened.count("svg") > 4


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_width_makes_the_page_scroll_sideways(show: "Open", report: Path, width: int) -> None:
    opened = show(report, width=width)
    opened.unfold()
    assert opened.value("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(show: "Open", report: Path, scheme: str) -> None:
    opened = show(report, scheme=scheme)
    opened.unfold()
    assert opened.value(CONTRAST) >= 4.5


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_axe_finds_nothing_serious(show: "Open", report: Path, violations: "Violations", scheme: str, width: int) -> None:
    opened = show(report, scheme=scheme, width=width)
    opened.unfold()
    assert violations(opened) == []


def test_it_prints_in_light_colours_and_each_finding_begins_a_sheet(show: "Open", report: Path) -> None:
    opened = show(report, scheme="dark")
    sheets = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(opened.page.pdf(prefer_css_page_size=True))).pages]
    assert all(f"{number} of {len(sheets)}" in sheet for number, sheet in enumerate(sheets, start=1))
    assert "Reviewed by" in sheets[0]
    titles = opened.page.locator("article h3").all_inner_texts()
    beginnings = [next(sheet for sheet in sheets if _without_space(title) in _without_space(sheet)) for title in titles]
    assert len({id(sheet) for sheet in beginnings}) == len(titles) > 5
    opened.page.emulate_media(media="print")
    assert opened.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert opened.value("getComputedStyle(document.querySelector('nav')).display") == "none"


def _without_space(text: str) -> str:
    return "".join(text.split())


def test_ten_thousand_exchanges_make_a_page_that_can_be_used(show: "Open", large_report: Path) -> None:
    assert large_report.stat().st_size < 5_000_000
    opened = show(large_report)
    assert opened.noises == []
    took = opened.value(
        "(() => { const began = performance.now(); document.getElementById('filter-text').value = 'RS-05';"
        "document.getElementById('filters').dispatchEvent(new Event('input'));"
        "document.body.offsetHeight; return performance.now() - began; })()"
    )
    assert opened.value(SHOWN) == 1
    assert took < 1_000
