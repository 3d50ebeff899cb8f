"""SARIF 2.1.0, for hosts that show results beside code: clauses are its rules, what breaks or does not decide one its results."""

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from payconform.contract.register import Place, places
from payconform.model.clause import Clause, Level, Severity
from payconform.model.finding import Finding, Outcome, Verdict
from payconform.report.account import Account
from payconform.report.rerun import command
from payconform.report.text import clip, one_line, visible
from payconform.report.verdict import conclusion
from payconform.report.wording import LEVELS, MODES, OUTCOMES, waived

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ENDPOINT = "POST /api/global/v1/pay/create-order"

_TEXT_LIMIT = 1_000
_REGISTER = Place("schemas/clauses", 1)
"""What a clause that this version does not know points at."""

_KINDS = {
    Outcome.FAILED: ("fail", "error"),
    Outcome.WARNED: ("fail", "warning"),
    Outcome.INCONCLUSIVE: ("open", "none"),
    Outcome.ERROR: ("open", "none"),
}
"""Kind and level of what is told. A clause that was not decided stays an open result, so that no host takes it for mended."""

_PRECISIONS = {Level.DOCUMENTED: "very-high", Level.IMPLIED: "high", Level.COMPANION: "high", Level.ADVISORY: "medium"}


def sarif_document(account: Account) -> dict[str, Any]:
    """The content of results.sarif: one run, a rule for every clause that has a finding."""
    rules = {finding.clause: account.clause(finding) for finding in account.findings}
    order = {name: place for place, name in enumerate(rules)}
    told = account.with_outcome(*_KINDS)
    run = {
        "tool": {
            "driver": {
                "name": "payconform",
                "version": _line(account.header.suite_version),
                "rules": [_rule(account, clause) for clause in rules.values()],
            }
        },
        "automationDetails": {"id": f"payconform/{_identifier(account.header.target.name)}/"},
        "invocations": [_invocation(account)],
        "columnKind": "utf16CodeUnits",
        "results": [_result(account, finding, order[finding.clause]) for finding in told],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(account: Account, clause: Clause) -> dict[str, Any]:
    severity = account.register.severity(clause, account.header.target.dialect)
    source = f"{clause.section} ({clause.level.value}). {LEVELS[clause.level]}"
    return {
        "id": _line(clause.id),
        "shortDescription": {"text": _message(clause.statement)},
        "fullDescription": {"text": _message(f"{clause.statement} Source: {source}")},
        "help": {"text": _message(f"Source: {source} The evidence is in compliance.html, in full in journal.ndjson.")},
        "defaultConfiguration": {"level": "error" if severity is Severity.STRICT else "warning"},
        "properties": {"tags": [_line(clause.chapter), clause.level.value], "precision": _PRECISIONS[clause.level]},
    }


def _result(account: Account, finding: Finding, rule: int) -> dict[str, Any]:
    kind, level = _KINDS[finding.outcome]
    target = account.header.target.name
    result: dict[str, Any] = {
        "ruleId": _line(finding.clause),
        "ruleIndex": rule,
        "kind": kind,
        "level": level,
        "message": {"text": _told(account, finding)},
        "locations": [_location(finding)],
        "partialFingerprints": {"primaryLocationLineHash": f"{_digest(target, finding.clause, finding.mode.value)}:1"},
        "properties": {
            "mode": finding.mode.value,
            "outcome": finding.outcome.value,
            "blocking": finding.blocking,
            "evidence": [_line(name) for name in (*finding.exchanges, *finding.callbacks, *finding.journeys)],
            "again": visible(clip(command(account, finding), _TEXT_LIMIT)),
        },
    }
    waiver = account.waiver(finding)
    if waiver is not None:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": _line(f"waived {waived(waiver)}")}]
    return result


def _told(account: Account, finding: Finding) -> str:
    said = {"expected": finding.expected, "observed": finding.observed, "reason": finding.reason}
    facts = "; ".join(f"{label} {value}" for label, value in said.items() if value) or OUTCOMES[finding.outcome].meaning
    head = f"{finding.clause} {OUTCOMES[finding.outcome].word} in {MODES[finding.mode].lower()} mode"
    return _message(f"{head}: {account.clause(finding).statement} {facts}")


def _location(finding: Finding) -> dict[str, Any]:
    """The clause as the register states it, which a code host can show, and the endpoint in the mode."""
    place = places().get(finding.clause, _REGISTER)
    return {
        "physicalLocation": {"artifactLocation": {"uri": place.path}, "region": {"startLine": place.line}},
        "logicalLocations": [{"fullyQualifiedName": f"{ENDPOINT} ({finding.mode.value})", "kind": "resource"}],
    }


def _invocation(account: Account) -> dict[str, Any]:
    """How the run went. What did not reach a verdict was no success, whatever it found."""
    decision = conclusion(account)
    ended = account.footer.ended_at if account.footer else ""
    times = {"startTimeUtc": _utc(account.header.started_at), "endTimeUtc": _utc(ended)}
    return {
        "commandLine": visible(clip(account.header.command, _TEXT_LIMIT)),
        **{name: time for name, time in times.items() if time},
        "exitCode": int(decision.exit_code),
        "exitCodeDescription": _line(f"{decision.verdict.value}: {decision.reason}"),
        "executionSuccessful": decision.verdict is not Verdict.INCONCLUSIVE,
    }


def _utc(stamp: str) -> str:
    """A time as SARIF has it, "" where there is none."""
    try:
        return datetime.fromisoformat(stamp).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return ""


def _identifier(name: str) -> str:
    """A target's name as one part of a path."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-")[:80] or "target"


def _digest(*parts: str) -> str:
    """What is the same for a clause in a mode of a target in every run, by which a host follows it."""
    return sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()[:16]


def _line(text: str) -> str:
    return one_line(text, _TEXT_LIMIT)


def _message(text: str) -> str:
    """Text of a message: no placeholders and no links but ours, of which there are none (SARIF 3.11.5 and 3.11.6)."""
    return re.sub(r"[\\\[\]]", r"\\\g<0>", _line(text)).replace("{", "{{").replace("}", "}}")
