"""Orders whose signature is wrong on purpose."""

import json
from collections.abc import Callable

import pytest

from payconform.adapters.signers import Lesspay2Signer
from payconform.authoring import (
    CARD,
    Forge,
    Forgery,
    Make,
    Reply,
    Script,
    case,
    check,
)
from payconform.contract.signature import sign
from payconform.model.finding import Outcome
from payconform.model.message import Request, Response
from tests.unit.engine.scenes import ACCEPTED, PLAIN, FakeTransport, after_the_control, declared, play

SECRET = "a secret of the merchant"
SIGNER = Lesspay2Signer("app-1", SECRET)


def a_changed_order(make: Make) -> Script[None]:
    """An order is changed after it was signed."""
    order = make.order()
    reply: Reply = yield Forge(order, signed=make.altered(order, "target_amount changed", target_amount="1"))
    yield check("AU-04", reply, holds=reply.refused, expected="refused", observed=reply.describe())


def a_forged_order(make: Make) -> Script[None]:
    """An order is signed with another secret."""
    reply: Reply = yield Forge(make.order(), Forgery.OTHER_SECRET)
    yield check("AU-03", reply, holds=reply.refused, expected="refused", observed=reply.describe())


def test_a_changed_order_carries_the_signature_of_what_was_signed() -> None:
    scene = play(lambda _: Response(status=401), declared(a_changed_order), signer=SIGNER)
    request, exchange = scene.sent[0], scene.exchanges[0]
    given = next(value for name, value in request.headers if name == "x-auth-signature")
    assert given == sign(json.dumps(json.loads(request.body) | {"target_amount": "1"}).encode(), SECRET)
    assert given != sign(request.body, SECRET)
    assert (exchange.kind, exchange.fault) == ("forged", "target_amount changed")
    assert [said.outcome for said in scene.observations] == [Outcome.PASSED]


@pytest.mark.parametrize("spell", [str.upper, str.lower])
def test_the_right_signature_of_a_forged_order_is_masked_and_noted(spell: Callable[[str], str]) -> None:
    class Telling(FakeTransport):
        def send(self, request: Request) -> Response:
            super().send(request)
            return Response(status=401, body=f'{{"code": 1, "msg": "not {spell(sign(request.body, SECRET))}"}}'.encode())

    scene = play(lambda _: ACCEPTED, declared(a_forged_order), signer=SIGNER, transport=Telling(lambda _: ACCEPTED))
    exchange = scene.exchanges[0]
    assert [leak.what for leak in exchange.leaks] == ["secret"]
    assert spell(sign(scene.sent[0].body, SECRET)) not in str(exchange)


def a_longer_signature(make: Make) -> Script[None]:
    """An order has a digit behind its signature."""
    reply: Reply = yield Forge(make.order(), Forgery.LONGER)
    yield check("AU-03", reply, holds=reply.refused, expected="refused", observed=reply.describe())


def test_a_signature_that_was_sent_may_be_repeated() -> None:
    class Repeating(FakeTransport):
        def send(self, request: Request) -> Response:
            super().send(request)
            given = next(value for name, value in request.headers if name == "x-auth-signature")
            return Response(status=401, body=f'{{"code": 1, "msg": "{given} is wrong"}}'.encode())

    scene = play(lambda _: ACCEPTED, declared(a_longer_signature), signer=SIGNER, transport=Repeating(lambda _: ACCEPTED))
    assert not scene.exchanges[0].leaks


def test_a_signer_that_adds_nothing_to_forge_is_inconclusive() -> None:
    forged = declared(a_forged_order)
    scene = play(lambda _: ACCEPTED, forged)
    assert "no header x-auth-signature" in scene.ended[forged.id].trouble
    assert not scene.sent


def test_forged_orders_are_sent_when_all_else_has_ended() -> None:
    forging = case("AU-03", modes=(CARD,), opens=True, forges=True)(a_forged_order).cases[0]
    scene = play(lambda _: ACCEPTED, forging, PLAIN, declared(after_the_control, opens=False), signer=SIGNER)
    assert [exchange.kind for exchange in scene.exchanges] == ["create", "create", "forged"]
