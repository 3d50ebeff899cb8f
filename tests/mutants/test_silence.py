"""Nobody has kept a clause by saying nothing: an order that was accepted and not heard of again leaves its case inconclusive."""

from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest

from payconform.authoring import Case
from payconform.model.finding import Finding, Outcome
from payconform.model.message import Request
from payconform.model.run import Record
from payconform.sandbox.catalogue import Mutant
from payconform.sandbox.order import Order, Refusal, State
from payconform.sandbox.provider import Provider

Conduct = Callable[[Mutant, Sequence[Case], str], tuple[Record, ...]]


class ForgetsWhatFails(Provider):
    """Accepts what it should refuse as one more of the order before, and tells nobody of what did not pay."""

    latest: Order

    async def create_order(self, request: Request) -> Order:
        with suppress(Refusal):
            self.latest = await super().create_order(request)
        return self.latest

    def settle(self, order: Order, state: State) -> None:
        if state is State.SUCCEED:
            super().settle(order, state)
        else:
            order.state = state


@pytest.mark.parametrize(
    ("clause", "name"),
    [
        ("DC-04", "the_named_data_alone_pays"),
        ("DC-07", "an_impossible_number_never_pays"),
        ("DC-13", "an_expired_card_never_pays"),
        ("DC-15", "malformed_cvv"),
        ("TK-08", "an_unknown_token_never_pays"),
    ],
)
def test_an_order_that_nobody_hears_of_is_inconclusive(
    clause: str, name: str, every_case: tuple[Case, ...], conduct: Conduct
) -> None:
    silent = Mutant(name="forgets", clauses=(clause,), statement="what fails is forgotten", provider=ForgetsWhatFails)
    records = conduct(silent, [case for case in every_case if name in case.id], "quick")
    found = {record.outcome for record in records if isinstance(record, Finding) and record.clause == clause}
    assert found == {Outcome.INCONCLUSIVE}
