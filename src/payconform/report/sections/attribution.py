"""Whose doing a finding is: the provider's, the profile's, the network's, or the harness's own."""

from collections.abc import Iterable

from msgspec import Struct

from payconform.model.evidence import Journey
from payconform.model.finding import Finding, Outcome
from payconform.report.account import Account, by_case
from payconform.report.rerun import CAPTURED

PROVIDER, PROFILE, NETWORK, HARNESS, OPEN = "provider", "profile", "network", "harness", "not settled"


class Attribution(Struct, frozen=True):
    """Who has to act, and by what the report tells."""

    party: str
    why: str


_BY_JOURNEY = {
    "provider": "A hosted page of the target left the payer without a way on.",
    "profile": "A hosted page is not described by the profile.",
    "network": "The payer's way over the hosted pages broke on the network.",
}
_DEPARTS = Attribution(PROVIDER, "What the target sent departs from the clause.")
_SILENT = Attribution(
    PROVIDER,
    "No callback of any order arrived in this run. If the target cannot reach the inbox, profile or network are at fault.",
)
_BROKE = Attribution(HARNESS, "The harness broke while it judged; nothing is said of the target.")
_UNREACHED = Attribution(NETWORK, "The target gave no answer.")
_PUT_OFF = Attribution(PROFILE, "The target put requests off: the profile's limits allow more than it takes.")
_UNSETTLED = Attribution(OPEN, "A prerequisite was not met; whether target or profile is why, the reason tells.")


class Attributor:
    """Attributes the findings of one run."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._exchanges = by_case(account.exchanges.values())
        self._journeys = by_case(account.journeys.values())
        self._is_unreached = bool(account.exchanges) and all(exchange.unanswered for exchange in account.exchanges.values())

    def of(self, finding: Finding) -> Attribution:
        if finding.outcome is Outcome.ERROR:
            return _BROKE
        if finding.outcome in (Outcome.FAILED, Outcome.WARNED):
            misses_callbacks = not self._account.callbacks and not self._is_captured and finding.clause.startswith("CB-")
            return _SILENT if misses_callbacks else _DEPARTS
        return self._of_undecided(finding)

    @property
    def _is_captured(self) -> bool:
        return self._account.header.plan == CAPTURED

    def _of_undecided(self, finding: Finding) -> Attribution:
        exchanges = [exchange for case in finding.cases for exchange in self._exchanges.get(case, ())]
        fault = _fault(journey for case in finding.cases for journey in self._journeys.get(case, ()))
        if fault:
            return Attribution(fault, _BY_JOURNEY[fault])
        if self._is_unreached or (exchanges and exchanges[-1].unanswered):
            return _UNREACHED
        return _PUT_OFF if exchanges and exchanges[-1].kind == "throttled" else _UNSETTLED


def _fault(journeys: Iterable[Journey]) -> str:
    return next((journey.fault for journey in journeys if journey.fault), "")
