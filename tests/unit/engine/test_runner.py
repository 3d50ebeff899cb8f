"""The runner against a transport that answers what the test says: no socket is opened."""

import json
import threading
import time
from collections.abc import Callable, Generator
from math import inf
from typing import Literal

import pytest

from payconform.authoring import CARD, Case, Control, Create, Make, Placed, Reply, Script, Together, case, check, placed
from payconform.authoring.steps import Silence, TerminalCallback
from payconform.engine import performer
from payconform.engine.ports import Ports
from payconform.engine.runner import Runner
from payconform.journal.recorder import Recorder
from payconform.journal.redaction import Redactor
from payconform.model.evidence import Awaited, Callback, Exchange, Leak, OrderRecord
from payconform.model.finding import Observation, Outcome
from payconform.model.message import Arrival, Captured, Errand, Landing, Request, Response
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


class NoSigner:
    def sign(self, request: Request) -> Request:
        return request


def nobody(errand: Errand) -> Generator[Request, Response, Landing]:
    yield from ()
    return Landing(stuck=f"nobody opens {errand.url}")


def unverified(_arrival: Arrival) -> Literal[""]:
    return ""


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


def play(answers: Answers, *cases: Case, heard_until: Callable[[], float] = lambda: inf) -> Scene:
    transport, recorder = FakeTransport(answers), Recorder(None, Redactor.of(PROFILE), verify=unverified)
    ports = Ports(transport, NoSigner(), nobody, recorder, "http://inbox.example", heard_until=heard_until)
    runner = Runner(PROFILE, ports, seed=1)
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


def an_awaited_callback(make: Make) -> Script[None]:
    """A terminal callback is awaited, and then silence."""
    order = make.order()
    yield Create(order)
    callback = yield TerminalCallback(order)
    yield Silence((order,))
    yield check("CB-01", holds=callback is not None, expected="a callback", observed=str(callback))


def test_silence_is_believed_only_of_an_inbox_within_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performer, "INBOX_PATIENCE_S", 0.1)
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

    ports = Ports(FakeTransport(lambda _: ACCEPTED), NoSigner(), nobody, recorder, "http://i.example", heard_until=heard_until)
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
