"""JUnit XML: a suite per chapter, a test case per clause and mode, names that stay the same from run to run."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from payconform.model.finding import ExitCode, Finding, Outcome, Verdict
from payconform.model.ruling import Ruling
from payconform.report.account import Account, Chapter
from payconform.report.rerun import command
from payconform.report.text import clip, visible
from payconform.report.verdict import conclusion
from payconform.report.wording import OUTCOMES, waived

_TEXT_LIMIT = 4_000
_ELEMENTS = {
    Outcome.FAILED: "failure",
    Outcome.INCONCLUSIVE: "error",
    Outcome.ERROR: "error",
    Outcome.NOT_OBSERVED: "skipped",
    Outcome.NOT_APPLICABLE: "skipped",
}
"""What an outcome is to a pipeline. A warning passes and says so in system-out."""

_COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def junit_xml(account: Account) -> bytes:
    """The findings as JUnit XML in UTF-8. A journal that was cut off adds an error, so that no pipeline takes it for a pass."""
    root = ET.Element("testsuites", name="payconform", time=f"{account.counts.seconds:.3f}")
    suites = [suite for chapter in account.chapters if (suite := _suite(account, chapter)) is not None]
    suites.extend([_verdict_suite(account)])
    root.extend(suites)
    _count(root, suites)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _suite(account: Account, chapter: Chapter) -> ET.Element | None:
    findings = [finding for row in chapter.rows for finding in row.findings.values()]
    if not findings:
        return None
    suite = ET.Element("testsuite", name=_text(chapter.name), timestamp=_text(account.header.started_at))
    suite.extend(_case(account, finding) for finding in findings)
    _count(suite, [suite])
    return suite


def _verdict_suite(account: Account) -> ET.Element:
    """One test case for the run as a whole: what makes a run inconclusive need not be a finding."""
    decision = conclusion(account)
    suite = ET.Element("testsuite", name="Verdict", timestamp=_text(account.header.started_at))
    case = ET.SubElement(suite, "testcase", classname="payconform.verdict", name="the run reaches a verdict")
    if decision.verdict is Verdict.INCONCLUSIVE:
        ET.SubElement(case, "error", type="inconclusive", message=_text(decision.reason))
    else:
        ET.SubElement(case, "system-out").text = _text(f"{decision.verdict.value}: {decision.reason}")
    if account.ruling:
        suite.append(_gate_case(account.ruling))
    _count(suite, [suite])
    return suite


def _gate_case(ruling: Ruling) -> ET.Element:
    """A test case for the release: a gate may stop one in which every clause was kept, and a host that shows tests says so."""
    case = ET.Element("testcase", classname="payconform.verdict", name="the gate lets the release pass")
    if not ruling.passes:
        reasons = [objection.reason for objection in ruling.objections] or [ruling.reason]
        tag = "failure" if ruling.exit_code is ExitCode.NON_CONFORMANT else "error"
        ET.SubElement(case, tag, type="stopped", message=_text(reasons[0])).text = _text("\n".join(reasons))
    return case


def _case(account: Account, finding: Finding) -> ET.Element:
    clause = account.clause(finding)
    name = f"{finding.clause} in {finding.mode.value} mode"
    case = ET.Element("testcase", classname=_text(f"payconform.{finding.clause}"), name=_text(name))
    for key, value in _of_cases(account, finding).items():
        case.set(key, value)
    properties = ET.SubElement(case, "properties")
    facts = {"clause": clause.id, "mode": finding.mode.value, "level": clause.level.value, "section": clause.section}
    for key, value in {**facts, "statement": clause.statement, "outcome": finding.outcome.value}.items():
        ET.SubElement(properties, "property", name=key, value=_text(value))
    told = _told(account, finding)
    waiver = account.waiver(finding)
    if waiver is not None:
        ET.SubElement(case, "skipped", type="waived", message=_text(f"waived {waived(waiver)}")).text = told
    elif finding.outcome in _ELEMENTS:
        message = _text(finding.reason or finding.observed or OUTCOMES[finding.outcome].meaning)
        element = ET.SubElement(case, _ELEMENTS[finding.outcome], type=finding.outcome.value, message=message)
        element.text = told if finding.outcome not in (Outcome.NOT_OBSERVED, Outcome.NOT_APPLICABLE) else None
    elif finding.outcome is Outcome.WARNED:
        ET.SubElement(case, "system-out").text = told
    return case


def _of_cases(account: Account, finding: Finding) -> dict[str, str]:
    """The suite file of the cases that a clause has of its own, and the seconds that the longest of them took.

    Cases run side by side, so their seconds add up to more than those of the run. What is judged on all evidence has neither.
    """
    own = [case for case in account.cases.values() if finding.clause in case.clauses and case.mode is finding.mode]
    file = next((case.node.partition("::")[0] for case in own if case.node), "")
    took = [ended - begun for begun, ended in (account.spans[case.id] for case in own if case.id in account.spans)]
    facts = {"file": _text(file), "time": f"{max(took):.3f}" if took else ""}
    return {key: value for key, value in facts.items() if value}


def _told(account: Account, finding: Finding) -> str:
    """What a reader of a job page needs to look further."""
    evidence = ", ".join((*finding.exchanges, *finding.callbacks, *finding.journeys))
    lines = {
        "clause": account.clause(finding).statement,
        "source": account.clause(finding).section,
        "expected": finding.expected,
        "observed": finding.observed,
        "reason": finding.reason,
        "evidence": evidence,
        "again": command(account, finding),
    }
    return "\n".join(f"{label}: {_text(value)}" for label, value in lines.items() if value)


def _count(element: ET.Element, suites: Sequence[ET.Element]) -> None:
    """Write the counts of all test cases below an element into its attributes."""
    element.set("tests", str(sum(len(suite.findall("testcase")) for suite in suites)))
    for attribute, tag in _COUNTS.items():
        element.set(attribute, str(sum(len(suite.findall(f"testcase/{tag}")) for suite in suites)))


def _text(text: str) -> str:
    """A text that XML can hold."""
    return visible(clip(text, _TEXT_LIMIT))
