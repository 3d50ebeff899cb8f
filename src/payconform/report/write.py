"""Writes the reports of a run into a directory."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from payconform.model.ruling import Ruling, Since
from payconform.model.run import Record
from payconform.report.account import Account
from payconform.report.allure import write_allure
from payconform.report.badge import badge_document, badge_svg
from payconform.report.html import compliance_html
from payconform.report.junit import junit_xml
from payconform.report.register import Register
from payconform.report.sarif import sarif_document
from payconform.report.summary import summary_markdown
from payconform.report.verdict import verdict_document


def write_reports(
    records: Sequence[Record],
    directory: Path,
    *,
    register: Register | None = None,
    ruling: Ruling | None = None,
    since: Since | None = None,
    seal: str = "",
) -> tuple[Path, ...]:
    """Write every report of a journal's records and return their paths. A file is replaced whole or not at all."""
    account = Account(records, register, ruling, since, seal)
    directory.mkdir(parents=True, exist_ok=True)
    contents = {
        "compliance.html": compliance_html(account).encode(),
        "verdict.json": _json(verdict_document(account)),
        "junit.xml": junit_xml(account),
        "summary.md": summary_markdown(account).encode(),
        "results.sarif": _json(sarif_document(account)),
        "badge.json": _json(badge_document(account)),
        "badge.svg": badge_svg(account).encode(),
    }
    written = [replace(directory / name, content) for name, content in contents.items()]
    return (*written, write_allure(account, directory / "allure-results"))


def _json(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def replace(path: Path, content: bytes) -> Path:
    """Write beside the file and put it in its place at once, so that nobody reads half a report."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    return beside.replace(path)
