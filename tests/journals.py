"""The beginning of journals that tests make by hand."""

from typing import Any

from payconform.model.clause import Mode
from payconform.model.run import JOURNAL_FORMAT, Header, TargetSummary


def header(dialect: str = "guide", **members: Any) -> Header:
    """The header of a run of direct card orders against a sandbox of the guide's dialect, unless members say otherwise."""
    usual: dict[str, Any] = {
        "format": JOURNAL_FORMAT,
        "suite_version": "0",
        "contract_version": "0",
        "started_at": "2026-01-01T00:00:00+00:00",
        "seed": 1,
        "plan": "default",
        "target": TargetSummary(name="t", environment="sandbox", base_url="http://t", dialect=dialect),
        "modes": (Mode.CARD,),
        "roles": (),
        "payer": "none",
        "inbox": "none",
        "quiet_window_s": 1.0,
        "deadline_s": 1.0,
        "readings": {},
    }
    return Header(**usual | members)
