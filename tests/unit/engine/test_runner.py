"""The runner against a transport that answers what the test says: no socket is opened."""

import json
import threading
import time
from collections.abc import Callable, Generator
from math import inf
from typing import Any

import msgspec
import pytest

from payconform.adapters.signers import Lesspay2Signer
from payconform.authoring import (
    CARD,
    Case,
    Control,
    Create,
    Forge,
    Forgery,
    Make,
    Placed,
    Probe,
    Reply,
    Script,
    Together,
    case,
    check,
    drawn_drafts,
    drawn_orders,
    narrowed,
    ordinary_ones_are_accepted,
    placed,
    tried_together,
)
from payconform.authoring.steps import Silence, TerminalCallback
from payconform.contract.signature import sign
from payconform.engine import listening
from payconform.engine.ports import Ports, Signer
from payconform.engine.runner import Runner
from payconform.journal.recorder import Recorder
from payconform.journal.redaction import Redactor
from payconform.model.evidence import Awaited, Callback, Exchange, Leak, OrderRecord
from payconform.model.finding import Observation, Outcome
from payconform.model.message import Arrival, Captured, Errand, Landing, Request, Response, Verification
from payconform.model.profile import Callbacks, Card, Limits, Profile, Role, Target
from payconform.model.run import Ended

CARD_NUMBER = "4242424242424242"
PROFILE = Profile(
    target=Target(name="fake", environment="sandbox", base_url="http://target.example"),
    cards=(Card(role=Role.APPROVED, number=CARD_NUMBER, expiry_month=12, expiry_year=2035, cvv="123"),),
    callbacks=Callbacks(deadline_s=0.2, quiet_window_s=0.05),
    limits=Limits(requests_per_second=1000.0),
)
ACCEPTED = Response(status=200, body=json.dumps({"code": 0, "msg": "SUCCESS"}).encode())

Answers = Callable[[int], Response]


class FakeTransport:
    """Answers the n-th request, from 1, with what the test says."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.sent: list[Request] = []

    def send(self, request: Request) -> Response:
        self.sent.append(request)
        return self._answers(len(self.sent))


class PlainSigner:
    """Vouches for a body by repeating it in a header, so that a test sees what was signed."""

    def sign(self, request: Request) -> Request:
        return msgspec.structs.replace(request, headers=(*request.headers, ("x-body", request.body.decode())))


def nobody(errand: Errand) -> Generator[Request, Response, Landing]:
    yield from ()
    return Landing(stuck=f"nobody opens {errand.url}")


def unverified(_arrival: Arrival) -> Verification:
    return Verification()


def a_plain_order(make: Make) -> Script[None]:
    """A plain order is answered."""
    reply: Reply = yield Create(make.order())
    yield check("EP-01", reply, holds=reply.accepted, expected="accepted", observed=reply.describe())


def after_the_control(make: Make) -> Script[None]:
    """A case that relies on the plain order of its mode."""
    control: Placed = yield Control()
    yield check("EP-01", control.reply, holds=True, expected="", observed=make.mode.value)


def after_the_control_too(make: Make) -> Script[None]:
    """Another one."""
    yield from after_the_control(make)


def broken_script(make: Make) -> Script[None]:
    """A script with a fault of its own."""
    yield Create(make.order())
    raise KeyError(CARD_NUMBER)


def declared(write: Callable[[Make], Script[None]], *, opens: bool = True) -> Case:
    """A case of a script. It is declared here because the plugin collects what a module declares."""
    return case("EP-01", modes=(CARD,), opens=opens)(write).cases[0]


PLAIN, BROKEN, AFTER = declared(a_plain_order), declared(broken_script), declared(after_the_control, opens=False)


class Scene:
    """What became of some cases."""

    def __init__(self, recorder: Recorder, transport: FakeTransport) -> None:
        records = recorder.records
        self.sent = transport.sent
        self.ended = {record.case: record for record in records if isinstance(record, Ended)}
        self.exchanges = [record for record in records if isinstance(record, Exchange)]
        self.awaited = [record for record in records if isinstance(record, Awaited)]
        self.observations = [record for record in records if isinstance(record, Observation)]


def play(
    answers: Answers,
    *cases: Case,
    signer: Signer | None = None,
    transport: FakeTransport | None = None,
    profile: Profile = PROFILE,
    examples: int = 0,
    heard_until: Callable[[], float] = lambda: inf,
) -> Scene:
    transport = transport or FakeTransport(answers)
    recorder = Recorder(None, Redactor.of(PROFILE), verify=unverified)
    ports = Ports(transport, signer or PlainSigner(), nobody, recorder, "http://inbox.example", heard_until=heard_until)
    runner = Runner(profile, ports, seed=1, examples=examples)
    try:
        runner.start(cases)
        for each in cases:
            assert runner.ended(each, within_s=10.0), each.id
    finally:
        runner.stop()
    return Scene(recorder, transport)


@pytest.mark.parametrize(
    "putting_off",
    [Response(status=429, headers=(("Retry-After", "0"),)), Response(status=503, headers=(("Retry-After", "0"),))],
    ids=["429", "503"],
)
def test_a_request_put_off_is_sent_again_and_is_no_finding(putting_off: Response) -> None:
    scene = play(lambda number: putting_off if number < 3 else ACCEPTED, PLAIN)
    assert [exchange.kind for exchange in scene.exchanges] == ["throttled", "throttled", "create"]
    assert len({request.body for request in scene.sent}) == 1
    assert [said.outcome for said in scene.observations] == [Outcome.PASSED]
    assert not scene.ended[PLAIN.id].trouble


def test_a_target_that_only_puts_off_cannot_be_judged() -> None:
    scene = play(lambda _: Response(status=429, headers=(("Retry-After", "0"),)), PLAIN)
    assert "429" in scene.ended[PLAIN.id].trouble
    assert not scene.observations


def test_an_unreached_target_is_asked_once_more_with_a_fresh_order() -> None:
    lost = Response(error="connection reset")
    scene = play(lambda number: lost if number == 1 else ACCEPTED, PLAIN)
    ids = {json.loads(request.body)["request_id"] for request in scene.sent}
    assert len(ids) == len(scene.sent) == 2
    assert [said.outcome for said in scene.observations] == [Outcome.PASSED]


def test_an_unreachable_target_is_inconclusive() -> None:
    scene = play(lambda _: Response(error="connection reset"), PLAIN)
    end = scene.ended[PLAIN.id]
    assert "connection reset" in end.trouble
    assert not end.error
    assert not scene.observations


def test_the_harness_own_fault_ends_one_case_and_tells_no_values() -> None:
    scene = play(lambda _: ACCEPTED, BROKEN, PLAIN)
    end = scene.ended[BROKEN.id]
    assert end.error.startswith("KeyError in broken_script")
    assert CARD_NUMBER not in end.error
    assert not scene.ended[PLAIN.id].error


def test_a_case_waits_for_the_plain_order_of_its_mode() -> None:
    refused = Response(status=200, body=b'{"code": 1001, "msg": "no such merchant"}')
    scene = play(lambda _: refused, AFTER)
    assert "1001" in scene.ended[AFTER.id].trouble
    assert not scene.observations


def test_the_plain_order_is_created_once_for_all() -> None:
    scene = play(lambda _: ACCEPTED, AFTER, declared(after_the_control_too, opens=False))
    assert len(scene.sent) == 1


def a_large_body(make: Make) -> Script[None]:
    """A body that a server may turn away by closing the connection."""
    reply: Reply = yield Probe(make.order(), body=b"[", fault="an unusual body: large", may_close=True)
    yield check("EP-04", reply, holds=not reply.accepted, expected="no order", observed=reply.describe())


def test_a_connection_closed_on_purpose_is_an_answer() -> None:
    large = declared(a_large_body)
    scene = play(lambda _: Response(error="connection closed before a response"), large)
    assert [said.outcome for said in scene.observations] == [Outcome.PASSED]
    assert len(scene.sent) == 1


def test_a_connection_that_never_was_is_none() -> None:
    large = declared(a_large_body)
    scene = play(lambda _: Response(error="connection refused", unreached=True), large)
    assert "connection refused" in scene.ended[large.id].trouble
    assert not scene.observations


def a_body_signed_for_another(make: Make) -> Script[None]:
    """A body that goes with the credentials of another one."""
    yield Probe(make.order(), body=b'{"a":1,"a":2}', signed=b'{"a":1}')


def test_a_probe_is_signed_over_the_bytes_it_names() -> None:
    scene = play(lambda _: ACCEPTED, declared(a_body_signed_for_another))
    assert scene.sent[0].body == b'{"a":1,"a":2}'
    assert dict(scene.sent[0].headers)["x-body"] == '{"a":1}'


def an_awaited_callback(make: Make) -> Script[None]:
    """A terminal callback is awaited, and then silence."""
    order = make.order()
    yield Create(order)
    callback = yield TerminalCallback(order)
    yield Silence((order,))
    yield check("CB-01", holds=callback is not None, expected="a callback", observed=str(callback))


def test_silence_is_believed_only_of_an_inbox_within_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "INBOX_PATIENCE_S", 0.1)
    awaited = declared(an_awaited_callback)
    assert [said.outcome for said in play(lambda _: ACCEPTED, awaited).observations] == [Outcome.FAILED]
    scene = play(lambda _: ACCEPTED, awaited, heard_until=lambda: 0.0)
    assert "the capture service could not be reached" in scene.ended[awaited.id].trouble
    assert not scene.observations
    assert not scene.awaited


def test_what_an_inbox_hands_on_late_is_heard() -> None:
    awaited, handing_on = declared(an_awaited_callback), threading.Event()
    recorder = Recorder(None, Redactor.of(PROFILE), verify=unverified)

    def heard_until() -> float:
        """Past its deadline, the callback that came in time is handed on."""
        if not handing_on.is_set():
            handing_on.set()
            (order,) = {record.id for record in recorder.records if isinstance(record, OrderRecord)}
            body = json.dumps({"order_status": "SUCCEED", "order_status_int": 2}).encode()
            captured = Captured(ago_s=0.15, answered=202, leaks=(Leak("cvv", "field", "callback body"),))
            runner.receive(Arrival(method="POST", path=f"/callbacks/{order}", query="", headers=(), body=body, captured=captured))
        return time.monotonic()

    ports = Ports(FakeTransport(lambda _: ACCEPTED), PlainSigner(), nobody, recorder, "http://i.example", heard_until=heard_until)
    runner = Runner(PROFILE, ports, seed=1)
    try:
        runner.start([awaited])
        assert runner.ended(awaited, within_s=10.0)
    finally:
        runner.stop()
    (wait,) = (record for record in recorder.records if isinstance(record, Awaited))
    (callback,) = (record for record in recorder.records if isinstance(record, Callback))
    assert (wait.callback, callback.answered, [leak.what for leak in callback.leaks]) == (callback.id, 202, ["cvv"])
    assert callback.at < wait.until - 0.1, "its time is that of its capture"


def a_batch(make: Make) -> Script[None]:
    """Two orders at the same time, of which one may meet trouble."""
    replies = yield Together((placed(make.order()), placed(make.order())))
    yield check("EP-01", holds=len(replies) == 2, expected="two", observed=str([reply is not None for reply in replies]))


def test_scripts_run_together_and_one_in_trouble_does_not_end_the_others() -> None:
    batch = declared(a_batch)
    scene = play(lambda number: Response(error="timed out") if number == 1 else ACCEPTED, batch)
    assert [said.observed.count("True") for said in scene.observations] == [1]
    scene = play(lambda _: Response(error="timed out"), batch)
    assert "timed out" in scene.ended[batch.id].trouble
    assert not scene.observations


DEAF = msgspec.structs.replace(PROFILE, callbacks=Callbacks(inbox="none"))


def drawn(make: Make) -> Script[None]:
    """Drawn orders, and the smallest that shows a fault."""
    orders = drawn_orders(make)
    trials = yield from tried_together(orders, drawn_drafts(make))
    yield from narrowed(orders, trials)
    yield from ordinary_ones_are_accepted(orders, trials, "EP-01")


DRAWN = declared(drawn)


class ByOrder(FakeTransport):
    """Answers by what the order says."""

    def __init__(self, answer: Callable[[dict[str, Any]], Any]) -> None:
        super().__init__(lambda _: ACCEPTED)
        self._answer = answer

    def send(self, request: Request) -> Response:
        return Response(status=200, body=json.dumps(self._answer(json.loads(request.body))).encode())


def play_drawn(answer: Callable[[dict[str, Any]], Any]) -> list[Observation]:
    """What drawn orders lead to with a target that answers by the order."""
    return play(lambda _: ACCEPTED, DRAWN, transport=ByOrder(answer), profile=DEAF, examples=16).observations


def test_the_smallest_order_that_fails_is_found() -> None:
    def answer(order: dict[str, Any]) -> Any:
        return {"code": 0, "msg": "OK" if "&" in order["product_name"] else "SUCCESS"}

    said = [one for one in play_drawn(answer) if one.clause == "RS-02"]
    assert [one.outcome for one in said] == [Outcome.FAILED]
    assert "16 drawn orders break it" in said[0].observed
    assert said[0].observed.endswith("the smallest that does: product_name '&'")


def test_what_fails_for_every_order_is_not_blamed_on_what_was_drawn() -> None:
    assert not [one for one in play_drawn(lambda _: {"code": 0, "msg": "OK"}) if one.clause == "RS-02"]


def test_an_ordinary_order_that_is_refused_is_made_small() -> None:
    def answer(order: dict[str, Any]) -> Any:
        refuses = next(iter(order)) != "target_amount"
        return {"code": 11, "msg": "no amount"} if refuses else {"code": 0, "msg": "SUCCESS"}

    said = [one for one in play_drawn(answer) if one.clause == "EP-01"]
    assert [one.outcome for one in said] == [Outcome.PASSED, Outcome.FAILED]
    assert said[1].observed.endswith("the smallest: its members in another sequence")


def test_a_strange_order_may_be_refused() -> None:
    def answer(order: dict[str, Any]) -> Any:
        return {"code": 0, "msg": "SUCCESS"} if order["product_name"].isascii() else {"code": 11, "msg": "ASCII only"}

    assert {one.outcome for one in play_drawn(answer) if one.clause == "EP-01"} == {Outcome.PASSED}


@pytest.mark.parametrize("budget", [{"requests": 1}, {"seconds": 1e-9}], ids=["requests", "seconds"])
def test_a_spent_budget_is_inconclusive(budget: dict[str, Any]) -> None:
    limits = msgspec.structs.replace(PROFILE.limits, **budget)
    scene = play(lambda _: ACCEPTED, PLAIN, AFTER, profile=msgspec.structs.replace(PROFILE, limits=limits))
    troubles = [ended.trouble for ended in scene.ended.values() if ended.trouble]
    assert troubles
    assert all("budget" in trouble for trouble in troubles)
    assert len(scene.sent) <= 1


def test_what_a_target_puts_off_is_sent_out_of_the_same_budget() -> None:
    limits = msgspec.structs.replace(PROFILE.limits, requests=3)
    put_off = Response(status=429, headers=(("Retry-After", "0"),))
    scene = play(lambda _: put_off, PLAIN, profile=msgspec.structs.replace(PROFILE, limits=limits))
    assert "budget of 3 requests" in scene.ended[PLAIN.id].trouble
    assert len(scene.sent) == 3


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


def test_a_signer_that_adds_nothing_to_forge_is_inconclusive() -> None:
    forged = declared(a_forged_order)
    scene = play(lambda _: ACCEPTED, forged)
    assert "no header x-auth-signature" in scene.ended[forged.id].trouble
    assert not scene.sent


def test_forged_orders_are_sent_when_all_else_has_ended() -> None:
    forging = case("AU-03", modes=(CARD,), opens=True, forges=True)(a_forged_order).cases[0]
    scene = play(lambda _: ACCEPTED, forging, PLAIN, declared(after_the_control_too, opens=False), signer=SIGNER)
    assert [exchange.kind for exchange in scene.exchanges] == ["create", "create", "forged"]
