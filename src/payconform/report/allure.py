"""Allure results, written with Allure's own model: a file per item, and the masked messages as attachments of its steps."""

import json
import re
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from allure_commons.model2 import (
    ATTACHMENT_PATTERN,
    Attachment,
    Label,
    Link,
    Parameter,
    Status,
    StatusDetails,
    TestResult,
    TestStepResult,
)
from attr import asdict

from payconform.model.clause import Clause, Level
from payconform.model.finding import Outcome
from payconform.report.account import Account
from payconform.report.allure_items import Item, items
from payconform.report.exhibits import Exhibit, exhibit
from payconform.report.text import clip, one_line, visible
from payconform.report.wording import ATTENTION, LEVELS, MODES, OUTCOMES, amount

MOST_STEP_FILES = 500
"""Attachments of single steps in one run: a file takes far longer to make than to fill."""

COMPLIANCE = "compliance.html"
_TEXT_LIMIT = 4_000
_NAME_LIMIT = 200
_OWN_FILE = re.compile(r"[0-9a-f-]{36}-(result\.json|attachment\.txt)|(categories|executor)\.json|environment\.properties")
_OWN_MARK = "payconform.suite_version="

_SEVERITIES = {Level.DOCUMENTED: "critical", Level.IMPLIED: "normal", Level.COMPANION: "minor", Level.ADVISORY: "trivial"}
_STATUSES = {
    Outcome.PASSED: Status.PASSED,
    Outcome.WARNED: Status.PASSED,
    Outcome.FAILED: Status.FAILED,
    Outcome.INCONCLUSIVE: Status.BROKEN,
    Outcome.ERROR: Status.BROKEN,
    Outcome.NOT_OBSERVED: Status.SKIPPED,
    Outcome.NOT_APPLICABLE: Status.SKIPPED,
}


def write_allure(account: Account, directory: Path) -> Path:
    """Write the run as Allure results. Results of an earlier run of ours in the same directory are removed first."""
    directory.mkdir(parents=True, exist_ok=True)
    _remove_earlier(directory)
    (directory / "environment.properties").write_text(_environment(account), encoding="utf-8")
    for name, content in (("categories.json", _categories()), ("executor.json", _executor(account))):
        (directory / name).write_text(json.dumps(content, indent=2), encoding="utf-8")
    writer = _Writer(account, directory)
    for item in items(account):
        writer.write(item)
    return directory


def _remove_earlier(directory: Path) -> None:
    mark = directory / "environment.properties"
    if not mark.is_file() or _OWN_MARK not in mark.read_text(encoding="utf-8", errors="replace"):
        return
    for path in directory.iterdir():
        if _OWN_FILE.fullmatch(path.name):
            path.unlink()


def _environment(account: Account) -> str:
    """What was tested, as a Java properties file. Escapes keep any text on its own line and in ASCII."""
    header = account.header
    facts = {
        "payconform.suite_version": header.suite_version,
        "contract_version": header.contract_version,
        "target": header.target.name,
        "environment": header.target.environment,
        "base_url": header.target.base_url,
        "dialect": header.target.dialect,
        "plan": header.plan,
        "seed": str(header.seed),
        "started_at": header.started_at,
    }
    return "".join(f"{name}={_property(one_line(value))}\n" for name, value in facts.items())


def _property(text: str) -> str:
    units = text.replace("\\", "\\\\").encode("utf-16-be")
    pairs = (int.from_bytes(units[place : place + 2]) for place in range(0, len(units), 2))
    return "".join(chr(unit) if unit < 0x7F else f"\\u{unit:04x}" for unit in pairs)


def _categories() -> list[dict[str, Any]]:
    """Categories by outcome: Allure knows four statuses, a finding has seven outcomes."""
    return [
        {
            "name": wording.word.capitalize(),
            "matchedStatuses": [_STATUSES[outcome]],
            "messageRegex": f"(?s){wording.word}: .*",
        }
        for outcome, wording in OUTCOMES.items()
        if outcome is not Outcome.PASSED
    ]


def _executor(account: Account) -> dict[str, Any]:
    """Who ran it, and the name and place of the run among others."""
    header = account.header
    return {
        "name": one_line(header.run_by) or "payconform",
        "type": "payconform",
        "buildName": one_line(f"{header.started_at}, plan {header.plan}, seed {header.seed}"),
        "buildOrder": _milliseconds(header.started_at) // 1000,
        "reportName": one_line(f"{header.target.name}, {header.target.environment}"),
    }


class _Writer:
    """Writes the items of one run. Names follow from the run and the item, so that the same journal gives the same files."""

    def __init__(self, account: Account, directory: Path) -> None:
        self._account = account
        self._directory = directory
        self._began = _milliseconds(account.header.started_at)
        self._run = f"payconform:{one_line(account.header.started_at)}:{account.header.seed}"
        self._step_files = MOST_STEP_FILES

    def write(self, item: Item) -> None:
        result = TestResult(
            uuid=self._name(item.id),
            historyId=_identity(item.id),
            testCaseId=_identity(item.id),
            fullName=f"payconform.{one_line(item.id, _TEXT_LIMIT)}",
            name=one_line(item.title, _NAME_LIMIT),
            status=_STATUSES[item.outcome],
            stage="finished",
            description=_description(item),
            labels=_labels(item),
            links=_links(item),
            parameters=_parameters(self._account, item),
            start=self._began + round(item.start * 1000),
            stop=self._began + round(item.stop * 1000),
        )
        if item.message:
            message = visible(clip(item.message, _TEXT_LIMIT))
            result.statusDetails = StatusDetails(message=message, trace=item.again, known=bool(item.waived))
        shown = [made for name in item.evidence if (made := exhibit(self._account, name))]
        # Whoever reads of trouble wants each message at its step; of what passed, all that was said in one text.
        apart = item.outcome in ATTENTION and len(shown) <= self._step_files
        result.steps = [self._step(item, made, apart=apart) for made in shown]
        if shown and not apart:
            whole = "\n\n".join(f"{made.id} {_transcript(made)}" for made in shown)
            result.attachments = [self._attached(f"{item.id} evidence", "evidence", whole)]
        if item.left:
            result.steps.append(
                TestStepResult(name=f"{amount(item.left, 'more piece')} of evidence in the journal", status=Status.PASSED)
            )
        content = asdict(result, filter=lambda _, value: value or value is False)
        path = self._directory / result.file_pattern.format(prefix=result.uuid)
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    def _step(self, item: Item, made: Exhibit, *, apart: bool) -> TestStepResult:
        """A piece of evidence as a step, `apart` with its messages. It always passes: it shows what happened, the item judges."""
        start = self._began + round(made.at * 1000)
        step = TestStepResult(
            name=f"{made.id} {made.title}",
            status=Status.PASSED,
            stage="finished",
            start=start,
            stop=start + round(made.seconds * 1000),
        )
        if apart:
            self._step_files -= 1
            step.attachments = [self._attached(f"{item.id} {made.id}", made.id, _transcript(made))]
        return step

    def _attached(self, about: str, name: str, text: str) -> Attachment:
        source = ATTACHMENT_PATTERN.format(prefix=self._name(about), ext="txt")
        (self._directory / source).write_text(text, encoding="utf-8")
        return Attachment(name=name, source=source, type="text/plain")

    def _name(self, about: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{self._run}:{_identity(about)}"))


def _identity(item: str) -> str:
    """What is the same for an item in every run, by which Allure keeps its history."""
    return sha256(item.encode(errors="backslashreplace")).hexdigest()[:32]


def _labels(item: Item) -> list[Label]:
    """Epics are chapters, features modes, stories clauses; suites put the mode last, so that a clause stands beside itself."""
    mode = f"{MODES[item.mode]} mode"
    labels = [("framework", "payconform"), ("feature", mode)]
    for clause in item.clauses:
        labels += [("epic", clause.chapter), ("story", _titled(clause)), ("tag", clause.id), ("tag", clause.level.value)]
    if item.clauses:
        labels += [("parentSuite", item.clauses[0].chapter), ("suite", _titled(item.clauses[0])), ("subSuite", mode)]
        labels += [("severity", min((_SEVERITIES[clause.level] for clause in item.clauses), key=_BY_WEIGHT.index))]
    labels += [("tag", "waived")] if item.waived else []
    return [Label(name=name, value=value) for name, value in dict.fromkeys(labels)]


def _parameters(account: Account, item: Item) -> list[Parameter]:
    """The mode, by which results differ, and what was drawn from, by which the runs of one result do."""
    header = account.header
    drawn = {"plan": one_line(header.plan, _NAME_LIMIT), "seed": str(header.seed)}
    return [
        Parameter(name="mode", value=item.mode.value),
        *(Parameter(name=name, value=value, excluded=True) for name, value in drawn.items()),
    ]


def _titled(clause: Clause) -> str:
    return one_line(f"{clause.id} {clause.statement}", _NAME_LIMIT)


def _links(item: Item) -> list[Link]:
    """Where the clauses stand in the compliance report, which lies beside the folder that the HTML is made in."""
    return [
        Link(type="clause", url=f"../{COMPLIANCE}#clause-{quote(clause.id)}", name=f"{clause.id} in the compliance report")
        for clause in item.clauses
    ]


_BY_WEIGHT = tuple(_SEVERITIES.values())


def _description(item: Item) -> str:
    lines = [f"{clause.id} ({clause.level.value}; {clause.section}): {clause.statement}" for clause in item.clauses]
    meanings = dict.fromkeys(f"{clause.level.value}: {LEVELS[clause.level]}" for clause in item.clauses)
    lines += [f"Waived {one_line(waiver, _TEXT_LIMIT)}" for waiver in item.waived.splitlines()]
    return "\n\n".join([*lines, *meanings, f"Run it again: {item.again}"])


def _transcript(made: Exhibit) -> str:
    """An exhibit as plain text."""
    lines = [made.title, *(f"({remark})" for remark in made.remarks)]
    for part in made.parts:
        lines += ["", part.title, *(f"{name}: {value}" for name, value in part.headers), "", part.body]
        lines += [f"({part.note})"] if part.note else []
    return "\n".join(lines) + "\n"


def _milliseconds(stamp: str) -> int:
    """An ISO 8601 time as milliseconds since 1970, 0 when it is none."""
    try:
        return round(datetime.fromisoformat(stamp).timestamp() * 1000)
    except ValueError:
        return 0
