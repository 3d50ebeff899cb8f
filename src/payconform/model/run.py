"""The records that open, plan and close a journal, and the union of all its records."""

from msgspec import Struct

from payconform.model.clause import Mode
from payconform.model.evidence import Awaited, Callback, Exchange, Journey, OrderRecord, Silence
from payconform.model.finding import Finding, Observation, Verdict

JOURNAL_FORMAT = "payconform-journal/1"


class TargetSummary(Struct, frozen=True, kw_only=True):
    """The target as reports name it."""

    name: str
    environment: str
    base_url: str
    dialect: str


class Header(Struct, frozen=True, kw_only=True, tag="header", tag_field="type"):
    """The first record: what was tested, with what, under which assumptions. `started_at` is ISO 8601 in UTC.

    `profile_sha256` is that of the profile's file, which names secrets and holds none; "" for the embedded sandbox.
    `shard` says which parts of a plan the journal has, such as `2/3` or `1,2/3`; "" when it has all.
    """

    format: str
    suite_version: str
    contract_version: str
    started_at: str
    seed: int
    plan: str
    target: TargetSummary
    modes: tuple[Mode, ...]
    roles: tuple[str, ...]
    payer: str
    inbox: str
    quiet_window_s: float
    deadline_s: float
    readings: dict[str, str]
    command: str = ""
    profile_sha256: str = ""
    run_by: str = ""
    shard: str = ""


class PlannedCase(Struct, frozen=True, kw_only=True):
    """A case of the plan. `skip` says why it cannot run against this target ("" when it can); `title` is its sentence.

    A `background` case was not selected: it runs to give the selected invariants evidence, and its own clauses are not judged.
    """

    id: str
    title: str
    mode: Mode
    clauses: tuple[str, ...]
    node: str = ""
    skip: str = ""
    background: bool = False


class Plan(Struct, frozen=True, kw_only=True, tag="plan", tag_field="type"):
    """What the run set out to do. `invariants` are the clauses judged on all evidence of this run."""

    cases: tuple[PlannedCase, ...]
    invariants: tuple[str, ...] = ()


class Ended(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="ended", tag_field="type"):
    """A case ended. `trouble` is the reason when it could not reach its checks, `error` the harness's own fault."""

    case: str
    at: float
    trouble: str = ""
    error: str = ""


class Counts(Struct, frozen=True, kw_only=True):
    """How much the run did; `seconds` is its wall-clock time."""

    requests: int
    callbacks: int
    seconds: float
    orders: int = 0
    cases: int = 0


class Footer(Struct, frozen=True, kw_only=True, tag="footer", tag_field="type"):
    """The last record. A journal without it was cut off and is never conformant.

    `judged_with` is the version whose rules made the findings; `flaw` says why the evidence is not whole, "" when it is;
    `made_of` holds the seals of the journals that this one was made of.
    """

    verdict: Verdict
    exit_code: int
    reason: str
    counts: Counts
    ended_at: str
    interrupted: bool = False
    judged_with: str = ""
    flaw: str = ""
    made_of: tuple[str, ...] = ()


Record = Header | Plan | OrderRecord | Exchange | Callback | Silence | Awaited | Journey | Observation | Ended | Finding | Footer
