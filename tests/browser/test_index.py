"""The index of runs in a real browser."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Open, Violations

ROWS = "[...document.querySelectorAll('[data-filter]')].filter((row) => row.offsetParent).length"


def test_the_page_is_inert_and_asks_the_network_for_nothing(show: "Open", index: Path) -> None:
    opened = show(index)
    opened.unfold()
    opened.page.wait_for_timeout(100)
    assert opened.requests == [index.as_uri()]
    assert opened.noises == []


def test_the_filter_narrows_deviations_and_clauses(show: "Open", index: Path) -> None:
    opened = show(index)
    opened.unfold()
    everything = opened.value(ROWS)
    opened.page.fill("#filter-text", "rs-05")
    assert opened.value(ROWS) == 2
    opened.page.click("button[type=reset]")
    opened.page.wait_for_function(f"{ROWS} === {everything}")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_width_makes_the_page_scroll_sideways(show: "Open", index: Path, width: int) -> None:
    opened = show(index, width=width)
    opened.unfold()
    assert opened.value("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_axe_finds_nothing_serious(show: "Open", index: Path, violations: "Violations", scheme: str, width: int) -> None:
    opened = show(index, scheme=scheme, width=width)
    opened.unfold()
    assert violations(opened) == []


def test_it_prints(show: "Open", index: Path) -> None:
    opened = show(index, script=False)
    assert opened.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
