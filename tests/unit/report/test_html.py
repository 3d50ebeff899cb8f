"""The HTML report: harmless, self-contained, linked within itself, and of bounded size."""

import re
import time
from collections.abc import Callable, Sequence

import pytest
from lxml import html
from lxml.html import HtmlElement

from payconform.model.clause import PAYING_MODES, Mode
from payconform.model.evidence import Body, Callback, Exchange
from payconform.model.finding import Finding, Outcome
from payconform.model.run import Ended, PlannedCase, Record
from payconform.report.account import Account
from payconform.report.html import compliance_html

Build = Callable[..., list[Record]]
Found = Callable[..., Finding]
Exchanged = Callable[..., Exchange]
Accounted = Callable[[Sequence[Record]], Account]


@pytest.fixture(params=["conformant", "hostile"])
def page(request: pytest.FixtureRequest, account: Accounted) -> str:
    return compliance_html(account(request.getfixturevalue(request.param)))


def _texts(document: HtmlElement, path: str) -> list[str]:
    return [" ".join(element.text_content().split()) for element in document.xpath(path)]


def test_ids_are_unique_and_every_link_leads_somewhere(page: str) -> None:
    document = html.document_fromstring(page)
    ids = [str(name) for name in document.xpath("//@id")]
    assert len(ids) == len(set(ids))
    links = [str(link) for link in document.xpath("//@href")]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    document = html.document_fromstring(page)
    assert not document.xpath(
        "//@src | //link | //iframe | //object | //img | //base | //@style | //@*[starts-with(name(), 'on')]"
    )
    styles = "".join(document.xpath("//style/text()"))
    assert "url(" not in styles
    assert "@import" not in styles
    assert len(document.xpath("//script")) == 1


def test_the_page_forbids_what_it_does_not_bring(page: str) -> None:
    (policy,) = html.document_fromstring(page).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_tables_and_sections_are_named(page: str) -> None:
    document = html.document_fromstring(page)
    assert document.get("lang") == "en"
    assert len(document.xpath("//h1")) == 1
    assert not document.xpath("//th[not(@scope)]")
    assert not document.xpath("//table[not(caption)]")
    assert not document.xpath("//main/section[not(@aria-labelledby)]")


def test_hostile_text_is_shown_and_never_obeyed(hostile: list[Record], account: Accounted) -> None:
    page = compliance_html(account(hostile))
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "{{ 7*7 }}" in page
    assert "\\x1b[31mred" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff\ufffe]", page)
    assert len(page) < 300_000


def test_the_first_screen_says_what_was_tested_and_what_came_of_it(conformant: list[Record], account: Accounted) -> None:
    document = html.document_fromstring(compliance_html(account(conformant)))
    (head,) = _texts(document, "//header")
    for fact in (
        "Example provider",
        "Conformant",
        "sandbox",
        "https://provider.example",
        "guide",
        "2026-02-28",
        "0.1.0",
        "seed 7",
        "31.7 s",
    ):
        assert fact in head
    assert "04 March 2026" in head


def test_a_failure_shows_both_sides_its_evidence_and_the_command(
    journal: Build, found: Found, exchange: Exchanged, account: Accounted
) -> None:
    finding = found(Outcome.FAILED, expected="one id", observed="two ids", exchanges=("x1", "x2", "x3", "x4"))
    records = journal([finding], evidence=[exchange(f"x{number}") for number in range(1, 5)])
    document = html.document_fromstring(compliance_html(account(records)))
    (text,) = _texts(document, "//article[@id='RS-05-card']")
    for part in ("The statement of RS-05.", "Response Example", "one id", "two ids", "blocks", '"target_amount": 100.00'):
        assert part in text
    assert "pytest suites -k RS-05 --profile profiles/example.toml --seed 7" in text
    assert len(document.xpath("//article[@id='RS-05-card']//details[@class='exhibit']")) == 3
    assert "In the journal only: x4." in text


def test_evidence_of_two_findings_stands_in_the_page_once(
    journal: Build, found: Found, exchange: Exchanged, account: Accounted
) -> None:
    findings = [found(Outcome.FAILED, exchanges=("x1",)), found(Outcome.FAILED, "CB-02", exchanges=("x1",))]
    document = html.document_fromstring(compliance_html(account(journal(findings, evidence=[exchange("x1")]))))
    assert document.xpath("//article[@id='CB-02-card']//a[@href='#x1']")
    assert len(document.xpath("//details[@id='x1']")) == 1


def test_a_callback_is_shown_with_the_order_it_is_about(
    journal: Build, found: Found, exchange: Exchanged, account: Accounted
) -> None:
    heard = Callback(id="n1", order="o1", case="c", mode=Mode.CARD, method="POST", path="/callbacks/o1")
    records = journal([found(Outcome.FAILED, "CB-02", callbacks=("n1",))], evidence=[exchange("x1"), heard])
    document = html.document_fromstring(compliance_html(account(records)))
    assert document.xpath("//article[@id='CB-02-card']//details/@id") == ["n1", "x1"]


def test_what_was_not_judged_is_listed_with_the_reason(journal: Build, found: Found, account: Accounted) -> None:
    records = journal([found(Outcome.PASSED), found(Outcome.NOT_OBSERVED, mode=Mode.TOKEN, reason="no token was stored")])
    document = html.document_fromstring(compliance_html(account(records)))
    (text,) = _texts(document, "//section[@id='unjudged']")
    assert "no token was stored" in text
    assert "No source gives the schedule." in text


def test_readings_and_orders_left_behind_are_listed(conformant: list[Record], account: Accounted) -> None:
    document = html.document_fromstring(compliance_html(account(conformant)))
    assert "empty = any: all pass the default" in _texts(document, "//section[@id='readings']")[0]
    assert "created 1 order in this run" in _texts(document, "//section[@id='orders']")[0]
    assert _texts(document, "//section[@id='orders']//li") == ["P1"]


def test_a_journal_that_was_cut_off_says_so_loudly(journal: Build, found: Found, account: Accounted) -> None:
    document = html.document_fromstring(compliance_html(account(journal([found(Outcome.PASSED)], complete=False))))
    (head,) = _texts(document, "//header")
    assert "This journal is incomplete." in head
    assert "Inconclusive" in _texts(document, "//*[contains(@class, 'verdict')]")[0]


def test_a_run_that_ended_early_says_so_loudly(journal: Build, found: Found, account: Accounted) -> None:
    case = PlannedCase(id="c", title="", mode=Mode.CARD, clauses=("RS-05",))
    early = journal([found(Outcome.FAILED)], cases=[case])
    assert _texts(html.document_fromstring(compliance_html(account(early))), "//p[@class='alarm']") == [
        "The run ended early. 1 case of its plan did not end, and what was asked there is open."
    ]
    whole = journal([found(Outcome.FAILED)], cases=[case], ended=[Ended(case="c", at=1.0)])
    assert not _texts(html.document_fromstring(compliance_html(account(whole))), "//p[@class='alarm']")


def test_an_empty_journal_has_a_report(account: Accounted) -> None:
    document = html.document_fromstring(compliance_html(account([])))
    assert "The journal holds no findings." in document.text_content()


def test_a_large_run_stays_small_and_fast(journal: Build, found: Found, exchange: Exchanged, account: Accounted) -> None:
    body = Body(text='{"msg": "' + "<&" * 20_000 + '"}', size=40_011)
    evidence = [exchange(f"x{number}", response_body=body) for number in range(2_000)]
    findings = [
        found(Outcome.FAILED, f"ZZ-{number}", mode, exchanges=tuple(f"x{number * 9 + place}" for place in range(9)))
        for number in range(200)
        for mode in PAYING_MODES
    ]
    began = time.process_time()
    page = compliance_html(account(journal(findings, evidence=evidence)))
    assert len(page.encode()) < 5_000_000
    assert time.process_time() - began < 8
