"""The compliance report in a real browser: inert, quiet, usable with and without JavaScript, legible, printable."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Browser

SHOWN = "[...document.querySelectorAll('.matrix [data-filter]')].filter((row) => row.offsetParent).length"
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


def _choose(browser: "Browser", field: str, value: str) -> None:
    browser.value(f"document.getElementById('{field}').value = '{value}'")
    browser.value(f"document.getElementById('{field}').dispatchEvent(new Event('input', {{bubbles: true}}))")


def test_the_page_is_inert_and_asks_the_network_for_nothing(browser: "Browser", report: Path) -> None:
    browser.open(report)
    browser.value("1")
    requested = [
        event["params"]["request"]["url"] for event in browser.events if event.get("method") == "Network.requestWillBeSent"
    ]
    assert requested == [report.as_uri()]
    noises = {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening"}
    assert [event for event in browser.events if event.get("method") in noises] == []


def test_filters_narrow_the_matrix_and_give_it_back(browser: "Browser", report: Path) -> None:
    browser.open(report)
    everything = browser.value(SHOWN)
    _choose(browser, "filter-outcome", "failed")
    assert browser.value(SHOWN) == 1
    assert browser.value("document.getElementById('filter-status').textContent").startswith(f"1 of {everything} clauses shown")
    assert browser.value("document.querySelectorAll('article:not([hidden])').length") == 3
    _choose(browser, "filter-outcome", "")
    _choose(browser, "filter-text", "cb-04 notified")
    assert browser.value(SHOWN) == 1
    browser.value("document.querySelector('button[type=reset]').click()")
    assert browser.value(f"new Promise((done) => setTimeout(() => done({SHOWN}), 20))") == everything


def test_a_link_shows_what_a_filter_hides_and_unfolds_evidence(browser: "Browser", report: Path) -> None:
    browser.open(report)
    _choose(browser, "filter-outcome", "warned")
    browser.value("location.hash = '#x2'")
    browser.value("new Promise((done) => setTimeout(done, 50))")
    assert browser.value("document.getElementById('x2').open && document.getElementById('x2').offsetParent !== null")


def test_without_javascript_everything_is_there(browser: "Browser", report: Path) -> None:
    browser.open(report, script=False)
    document = browser.call("DOM.getDocument", depth=0)["root"]["nodeId"]

    def count(selector: str) -> int:
        return len(browser.call("DOM.querySelectorAll", nodeId=document, selector=selector)["nodeIds"])

    assert count("#filters[hidden]") == 1
    assert count("article.failed details[open]") == 1
    assert count("[data-filter][hidden]") == 0


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_width_makes_the_page_scroll_sideways(browser: "Browser", report: Path, width: int) -> None:
    browser.open(report, width=width)
    browser.value("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    assert browser.value("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser: "Browser", report: Path, scheme: str) -> None:
    browser.open(report, scheme=scheme)
    browser.value("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    assert browser.value(CONTRAST) >= 4.5


def test_it_prints_in_light_colours_with_findings_kept_whole(browser: "Browser", report: Path) -> None:
    browser.open(report, scheme="dark")
    printed = browser.pdf()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", printed)) >= 5
    browser.call("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert browser.value("getComputedStyle(document.querySelector('article')).breakInside") == "avoid"
    assert browser.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.value("getComputedStyle(document.querySelector('nav')).display") == "none"
