"""The runner: what becomes of cases whatever the target does."""

import json
import threading
import time
from typing import Any

import msgspec
import pytest

from payconform.authoring import (
    Create,
    Make,
    Probe,
    Reply,
    Script,
    Together,
    check,
    each_to_its_end,
    placed,
)
from payconform.authoring.steps import Redeliveries, Silence, TerminalCallback
from payconform.engine import listening
from payconform.engine.ports import Ports
from payconform.engine.runner import Runner
from payconform.journal.recorder import Recorder
from payconform.journal.redaction import Redactor
from payconform.model.evidence import Awaited, Callback, Leak, OrderRecord
from payconform.model.finding import Outcome
from payconform.model.message import Arrival, Captured, Response
from tests.unit.engine.scenes import (
    ACCEPTED,
    CARD_NUMBER,
    PLAIN,
    PROFILE,
    FakeTransport,
    PlainSigner,
    after_the_control,
    declared,
    nobody,
    play,
    unverified,
)


def after_the_control_too(make: Make) -> Script[None]:
    """Another one."""
    yield from after_the_control(make)


def broken_script(make: Make) -> Script[None]:
    """A script with a fault of its own."""
    yield Create(make.order())
    raise KeyError(CARD_NUMBER)


BROKEN, AFTER = declared(broken_script), declared(after_the_control, opens=False)


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


def three_in_a_row(make: Make) -> Script[None]:
    """A case that has most to wait for."""
    for _ in range(3):
        yield Create(make.order())


def test_who_draws_orders_comes_before_the_others_and_goes_on_before_them() -> None:
    drawing = msgspec.structs.replace(declared(three_in_a_row), id="drawing", draws=True)
    others = [msgspec.structs.replace(PLAIN, id=f"plain {number}") for number in range(8)]
    one_at_a_time = msgspec.structs.replace(PROFILE.limits, requests_per_second=200.0, concurrency=1)
    scene = play(lambda _: ACCEPTED, *others, drawing, profile=msgspec.structs.replace(PROFILE, limits=one_at_a_time))
    places = [place for place, exchange in enumerate(scene.exchanges) if exchange.case == "drawing"]
    assert places[0] == 0
    assert places[-1] < 6, "not behind eight others"


def an_order_and_a_long_wait(make: Make) -> Script[None]:
    """A case that listens when it has sent all."""
    order = make.order()
    yield Create(order)
    yield Redeliveries(order, 2)


def test_who_forges_comes_after_all_others_and_does_not_wait_for_redeliveries() -> None:
    waiting = msgspec.structs.replace(declared(an_order_and_a_long_wait), id="waiting", redelivers=True)
    forging = msgspec.structs.replace(PLAIN, id="forging", forges=True)
    others = [msgspec.structs.replace(PLAIN, id=f"plain {number}") for number in range(8)]
    callbacks = msgspec.structs.replace(PROFILE.callbacks, redelivery_s=2.0)
    scene = play(lambda _: ACCEPTED, forging, *others, waiting, profile=msgspec.structs.replace(PROFILE, callbacks=callbacks))
    assert [exchange.case for exchange in scene.exchanges][-1] == "forging"
    assert scene.ended["forging"].at < 1.5, "while the other still listened"
    assert scene.ended["waiting"].at >= 2.0


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


def a_whole_batch(make: Make) -> Script[None]:
    """Two orders at the same time, both of which count."""
    yield from each_to_its_end(_accepted(make) for _ in range(2))


def _accepted(make: Make) -> Script[None]:
    reply = yield from placed(make.order())
    yield check("EP-01", reply, holds=True, expected="accepted", observed=reply.describe())


def test_where_each_counts_one_in_trouble_makes_the_case_inconclusive_and_the_others_are_judged() -> None:
    batch = declared(a_whole_batch)
    scene = play(lambda number: Response(error="timed out") if number == 1 else ACCEPTED, batch)
    assert [said.outcome for said in scene.observations] == [Outcome.PASSED]
    assert scene.ended[batch.id].trouble == "some of these orders met trouble on their way"
    assert not play(lambda _: ACCEPTED, batch).ended[batch.id].trouble


def test_a_reply_whose_body_did_not_come_in_time_says_nothing() -> None:
    cut = Response(status=422, body=b'{"code": 7', error="timed out after 30 s")
    scene = play(lambda _: cut, PLAIN)
    assert "timed out after 30 s" in scene.ended[PLAIN.id].trouble
    assert not scene.observations


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
