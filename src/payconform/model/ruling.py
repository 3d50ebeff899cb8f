"""What a release gate is told and what it answers: policy, waivers, and the ruling."""

from datetime import date
from typing import Literal

from msgspec import Struct

from payconform.model.clause import Level, Mode
from payconform.model.finding import ExitCode, Finding, Outcome, Verdict

Place = tuple[str, Mode]
"""A clause in a mode."""


class Waiver(Struct, frozen=True, kw_only=True):
    """A known deviation of one target that stops no release until it expires; `expiry` is the last day it holds, in UTC."""

    clause: str
    mode: Mode
    target: str
    reason: str
    owner: str
    ticket: str
    expiry: date

    @property
    def place(self) -> Place:
        return self.clause, self.mode


class Policy(Struct, frozen=True, kw_only=True):
    """What a gate lets through. The defaults are what a run's own exit code says.

    `failed` and `warned` are the levels whose failed or warned findings block. `observed` holds clauses that must have been
    seen in each mode of the run (`EP-01`) or in one (`CB-02/card`). `max_age_days` and `plan` are None or "" for any.
    The `inconclusive_` members say which findings may stay inconclusive.
    """

    failed: tuple[Level, ...] = tuple(Level)
    warned: tuple[Level, ...] = ()
    regressions: bool = True
    vanished_cases: bool = False
    max_age_days: float | None = None
    plan: Literal["", "quick", "default", "deep"] = ""
    observed: tuple[str, ...] = ()
    inconclusive_clauses: tuple[str, ...] = ()
    inconclusive_levels: tuple[Level, ...] = ()
    inconclusive_modes: tuple[Mode, ...] = ()


class Objection(Struct, frozen=True):
    """One reason to stop a release, as a sentence, and the exit code it leads to."""

    exit_code: ExitCode
    reason: str


class Ruling(Struct, frozen=True, kw_only=True):
    """What a gate says. `verdict` is that of the target under the policy; the first objection gives exit code and reason.

    `waived` are the waivers that a deviation needed, `expired` those that hold no more; `deviations` are the findings that block
    and that no valid waiver covers.
    """

    verdict: Verdict
    exit_code: ExitCode
    reason: str
    objections: tuple[Objection, ...] = ()
    waived: tuple[Waiver, ...] = ()
    expired: tuple[Waiver, ...] = ()
    deviations: tuple[Finding, ...] = ()

    @property
    def passes(self) -> bool:
        return self.exit_code is ExitCode.CONFORMANT


class Change(Struct, frozen=True):
    """A clause in a mode whose outcome differs; "" stands for no finding."""

    clause: str
    mode: Mode
    before: Outcome | str
    after: Outcome | str

    @property
    def place(self) -> Place:
        return self.clause, self.mode


class Differences(Struct, frozen=True, kw_only=True):
    """Of clauses judged both times, `regressions` got worse and `mended` better; `lost` were judged only before, `new` only now.

    `vanished_cases` ran before and do not run now, `new_cases` the other way round; both are None where a side does not tell.
    """

    regressions: tuple[Change, ...]
    mended: tuple[Change, ...]
    lost: tuple[Change, ...]
    new: tuple[Change, ...]
    vanished_cases: tuple[str, ...] | None
    new_cases: tuple[str, ...] | None


class Since(Struct, frozen=True, kw_only=True):
    """The run that a report compares with, the last certified one, and what changed since."""

    verdict: Verdict
    started_at: str
    suite_version: str
    differences: Differences
