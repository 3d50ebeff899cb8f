"""What a run that is to end early asks first, and what is left of cases that are cut off."""

import threading
import time

import msgspec

from payconform.authoring import Create, Make, Script, check
from payconform.authoring.steps import TerminalCallback
from payconform.engine.ports import Ports
from payconform.engine.runner import Runner
from payconform.engine.stages import stages
from payconform.journal.recorder import Recorder
from payconform.journal.redaction import Redactor
from payconform.model.clause import Mode
from payconform.model.evidence import Exchange
from payconform.model.message import Response
from payconform.model.run import Ended
from tests.unit.engine.scenes import ACCEPTED, PLAIN, PROFILE, FakeTransport, PlainSigner, declared, nobody, unverified

QUICK = PLAIN
SLOW = msgspec.structs.replace(PLAIN, id="slow", quick=False)
DRAWING = msgspec.structs.replace(PLAIN, id="drawing", draws=True)
FORGING = msgspec.structs.replace(PLAIN, id="forging", forges=True)


def waits_for_ever(make: Make) -> Script[None]:
    """A callback is awaited that never comes."""
    order = make.order()
    yield Create(order)
    yield TerminalCallback(order)
    yield check("EP-01", holds=True, expected="", observed="")


def test_what_finds_most_by_the_request_comes_first() -> None:
    assert stages([SLOW, QUICK, DRAWING, FORGING]) == [[QUICK], [SLOW, DRAWING, FORGING]]


def test_no_stage_is_empty() -> None:
    assert stages([DRAWING]) == [[DRAWING]]
    assert stages([QUICK]) == [[QUICK]]
    assert stages([]) == []


def asks_twice(make: Make) -> Script[None]:
    """Two orders, one after the other."""
    yield Create(make.order())
    yield Create(make.order())
    yield check("EP-01", holds=True, expected="", observed="")


def test_what_is_on_the_wire_when_a_case_is_cut_off_is_recorded() -> None:
    sent, answered = threading.Event(), threading.Event()

    def answer(_: int) -> Response:
        sent.set()
        assert answered.wait(5)
        return ACCEPTED

    asking, recorder = declared(asks_twice), Recorder(None, Redactor.of(PROFILE), verify=unverified)
    transport = FakeTransport(answer)
    runner = Runner(PROFILE, Ports(transport, PlainSigner(), nobody, recorder, "http://inbox.example"), seed=1)
    try:
        runner.start([asking])
        assert sent.wait(5)
        threading.Timer(0.2, answered.set).start()
        runner.cut_off()
        (exchange,) = (record for record in recorder.records if isinstance(record, Exchange))
        assert exchange.status == ACCEPTED.status
        assert len(transport.sent) == 1, "the second order is not sent any more"
    finally:
        runner.stop()


def test_a_case_that_is_cut_off_is_awaited_by_nobody_and_never_done() -> None:
    patient = msgspec.structs.replace(PROFILE, callbacks=msgspec.structs.replace(PROFILE.callbacks, deadline_s=60.0))
    waiting = declared(waits_for_ever)
    recorder = Recorder(None, Redactor.of(PROFILE), verify=unverified)
    ports = Ports(FakeTransport(lambda _: ACCEPTED), PlainSigner(), nobody, recorder, "http://inbox.example")
    runner = Runner(patient, ports, seed=1)
    try:
        runner.start([waiting])
        while not runner.waiting:
            time.sleep(0.01)
        assert not runner.ended(waiting, within_s=0.1)
        runner.cut_off()
        assert runner.ended(waiting, within_s=2.0)
        assert not runner.done(waiting)
        assert runner.ended(SLOW), "nor is one that was never begun"
        assert not runner.done(SLOW)
        assert not any(isinstance(record, Ended) for record in recorder.records)
        reply = runner.perform(Create(runner.make(Mode.CARD, "own").order()), "own")
        assert reply.accepted, "the engine goes on"
    finally:
        runner.stop()
