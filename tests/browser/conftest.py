"""Pages of ours in headless Chromium, which has to be installed; without it these tests are skipped."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from payconform.report.index import index_html
from payconform.report.write import write_reports
from tests.browser.runs import HOSTILE, past_runs, run_of_many_findings, run_with_deviations

sync_api = pytest.importorskip("playwright.sync_api", reason="the dependency group browser is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
SERIOUS = ("serious", "critical")
NOISES = ("console", "pageerror", "dialog")


class Opened:
    """A page, what it asked the network for, and whatever noise it made."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.noises: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        for kind in NOISES:
            page.on(kind, lambda said, kind=kind: self.noises.append(f"{kind}: {said}"))

    def value(self, expression: str) -> Any:
        """What an expression is worth in the page."""
        return self.page.evaluate(expression)

    def count(self, selector: str) -> int:
        return int(self.page.locator(selector).count())

    def unfold(self) -> None:
        self.value("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")


Open = Callable[..., Opened]
Violations = Callable[[Opened], list[str]]


# The library's loop stands in the way of others in the same thread, so it is ended with the last test of the module.
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield launched
        launched.close()


@pytest.fixture(name="show")
def open_fixture(browser: Any) -> Iterator[Open]:
    """Opens a file in a page of its own."""
    contexts: list[Any] = []

    def show(path: Path, *, width: int = 1280, scheme: str = "light", script: bool = True, anchor: str = "") -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script, reduced_motion="reduce"
        )
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.goto(path.as_uri() + anchor)
        return opened

    yield show
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run that failed one clause against a hostile provider, and passed most others."""
    return write_reports(run_with_deviations(), tmp_path_factory.mktemp("reports"))[0]


@pytest.fixture(scope="session")
def large_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of 10,000 exchanges in which every clause failed in every mode."""
    return write_reports(run_of_many_findings(), tmp_path_factory.mktemp("large"))[0]


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of a few runs of one target, the last of them with deviations."""
    path = tmp_path_factory.mktemp("index") / "index.html"
    path.write_text(index_html(past_runs(), [HOSTILE]), encoding="utf-8")
    return path


@pytest.fixture
def violations() -> Violations:
    """Runs axe-core, which the tox environment `browser` installs by npm, and answers what it finds serious."""
    path = Path(os.environ.get("AXE_CORE", ""))
    if not path.is_file():
        pytest.skip("AXE_CORE names no axe.min.js")

    def found(opened: Opened) -> list[str]:
        opened.value(path.read_text(encoding="utf-8"))
        said = opened.value("axe.run().then((result) => result.violations)")
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in said if one["impact"] in SERIOUS]

    return found
