"""The registers of mutants and variants: every entry is sound, and none breaks the sandbox instead of the contract."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from payconform.contract.register import clauses
from payconform.model.message import Request
from payconform.profile.loading import load
from payconform.sandbox.catalogue import MUTANTS as ENTERED
from payconform.sandbox.catalogue import Mutant, Variant, kebab, mutant
from payconform.sandbox.mutants import MUTANTS
from payconform.sandbox.order import Order
from payconform.sandbox.profile import sandbox_profile
from payconform.sandbox.provider import Provider
from payconform.sandbox.variants import VARIANTS

ORDER = {
    "target_amount": "100",
    "target_currency": "USD",
    "transaction_type": "PAY_IN",
    "notify_url": "http://127.0.0.1:9/callback",
    "request_id": "M1",
    "fail_url": "http://127.0.0.1:9/fail",
    "success_url": "http://127.0.0.1:9/success",
    "product_name": "Tea",
    "description": "Two bags",
    "way_type": "CARD_PAYMENT",
    "api_version": "V2",
    "pay_access_type": 1,
}
CARD_DATA = {"number": "4242424242424242", "expiry_month": 12, "expiry_year": 2035, "cvv": "123", "store_for_future_use": True}


def card_order(**card_data: object) -> dict[str, object]:
    extra = {"extra_type": "card", "card_data": {**CARD_DATA, **card_data}}
    return {**ORDER, "pay_access_type": 2, "channel_extra": extra}


REQUESTS = (
    ORDER,
    card_order(),
    card_order(number="4010061700000021"),
    card_order(number="4544249167673670"),
    card_order(expiry_month=13),
    {**ORDER, "target_amount": None},
)


ENTRIES: tuple[Mutant | Variant, ...] = (*MUTANTS.values(), *VARIANTS.values())


def test_mutants_name_known_clauses_and_say_what_is_wrong() -> None:
    known = clauses()
    for each in MUTANTS.values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", each.name)
        assert each.clauses, each.name
        assert set(each.clauses) <= known.keys(), each.name
        assert each.statement, each.name
        assert issubclass(each.provider, Provider)
        assert each.provider is not Provider


def test_no_mutant_is_also_a_variant() -> None:
    assert len(MUTANTS) > 200
    assert not MUTANTS.keys() & VARIANTS.keys()
    assert not {each.provider for each in MUTANTS.values()} & {each.provider for each in VARIANTS.values()}


def test_a_name_is_given_once() -> None:
    name = next(iter(MUTANTS))
    with pytest.raises(ValueError, match=name):
        mutant("EP-01", "the same again", name=name)(Provider)
    assert ENTERED[name].provider is not Provider


def test_a_class_name_becomes_a_slug() -> None:
    assert kebab("UnknownAccessType3IsCashier") == "unknown-access-type-3-is-cashier"


@pytest.mark.parametrize("provider", [each.provider for each in ENTRIES], ids=[each.name for each in ENTRIES])
def test_a_faulty_provider_breaks_the_contract_and_not_itself(provider: type[Provider]) -> None:
    """Every entry answers plain orders and plain faults, and makes the callbacks and pages of its orders, without an error."""

    class Silent(provider):  # type: ignore[misc, valid-type]
        async def notify(self, order: Order) -> None:
            for document in self.callback_documents(order):
                self.callback_request(order, document)

    async def drive() -> None:
        each = Silent()
        for number, document in enumerate(REQUESTS):
            body = json.dumps({**document, "request_id": f"M{number}"}).encode()
            reply = await each.create(Request(method="POST", url="/", body=body))
            assert 200 <= reply.status <= 500
        await asyncio.gather(*each._tasks)
        for order in each.orders.values():
            assert each.show("cashier", order).status
            assert each.submit("3ds", order, {"password": "wrong"}).status
        await each.stop_notifying()

    asyncio.run(drive())


def test_the_profile_in_the_repository_is_the_sandboxs_own() -> None:
    path = Path(__file__).parents[3] / "profiles" / "sandbox.toml"
    assert load(path, {}) == sandbox_profile("http://127.0.0.1:8642")


def test_every_entry_has_a_profile_at_its_own_address() -> None:
    for each in ENTRIES:
        profile = each.profile("http://127.0.0.1:1")
        assert profile.target.base_url == "http://127.0.0.1:1"
        assert (profile.target.dialect == "lesspay2") == (each.settings.signing is not None)
