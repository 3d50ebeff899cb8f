"""What the inbox answers while a case plays a merchant in trouble."""

import json
from collections.abc import Generator

import msgspec
import pytest

from payconform.authoring import (
    CARD,
    Callback,
    Case,
    Create,
    Make,
    Redeliveries,
    Script,
    TerminalCallback,
    Unacknowledged,
    case,
    delivered_again,
)
from payconform.engine.ports import Ports
from payconform.engine.runner import Runner
from payconform.journal.recorder import Recorder
from payconform.journal.redaction import Redactor
from payconform.model.finding import Observation, Outcome
from payconform.model.message import Arrival, Errand, Landing, Request, Response
from payconform.model.profile import Callbacks, Card, Profile, Role, Target

PROFILE = Profile(
    target=Target(name="fake", environment="sandbox", base_url="http://target.example"),
    cards=(Card(role=Role.APPROVED, number="4242424242424242", expiry_month=12, expiry_year=2035, cvv="123"),),
    callbacks=Callbacks(deadline_s=5.0, quiet_window_s=0.05, redelivery_s=5.0),
)
PENDING, SUCCEED = {"order_status": "PENDING_PAY", "order_status_int": 1}, {"order_status": "SUCCEED", "order_status_int": 2}


class FakeTarget:
    """Accepts every order, and calls its notify_url with what it is told to; keeps the answers."""

    def __init__(self) -> None:
        self.runner: Runner | None = None
        self.answers: list[tuple[int, str]] = []
        self.notices: list[dict[str, object]] = []

    def send(self, request: Request) -> Response:
        path = json.loads(request.body)["notify_url"].removeprefix("http://inbox.example").partition("?")[0]
        assert self.runner is not None
        for notice in self.notices:
            arrival = Arrival(method="POST", path=path, query="", headers=(), body=json.dumps(notice).encode())
            answer = self.runner.receive(arrival)
            self.answers.append((answer.status, answer.body))
        return Response(status=200, body=b'{"code": 0, "msg": "SUCCESS"}')


class NoSigner:
    def sign(self, request: Request) -> Request:
        return request


def nobody(errand: Errand) -> Generator[Request, Response, Landing]:
    yield from ()
    return Landing(stuck=f"nobody opens {errand.url}")


heard: list[tuple[Callback, ...]] = []


def in_trouble(make: Make) -> Script[None]:
    """The terminal callbacks of an order are not acknowledged until two were heard; those of the next are."""
    order = make.order()
    yield Unacknowledged(order)
    yield Create(order)
    yield TerminalCallback(order)
    heard.append((yield Redeliveries(order, 2)))
    yield Create(make.repeat(order))


def not_acknowledged(make: Make) -> Script[None]:
    """What comes of an order whose callback is not acknowledged."""
    order = make.order()
    yield Unacknowledged(order)
    yield Create(order)
    callback: Callback = yield TerminalCallback(order)
    yield from delivered_again(make, order, callback)


@pytest.fixture
def in_trouble_case() -> Case:
    return case("EP-01", modes=(CARD,), opens=True)(in_trouble).cases[0]


@pytest.fixture
def not_acknowledged_case() -> Case:
    return case("CB-26", modes=(CARD,), opens=True)(not_acknowledged).cases[0]


def played(each: Case, profile: Profile, *notices: dict[str, object]) -> tuple[FakeTarget, Recorder]:
    """The target and what was recorded, after a case during which every order brings these callbacks."""
    target, recorder = FakeTarget(), Recorder(None, Redactor())
    target.notices = list(notices)
    target.runner = runner = Runner(profile, Ports(target, NoSigner(), nobody, recorder, "http://inbox.example"), seed=1)
    try:
        runner.start([each])
        assert runner.ended(each, within_s=10.0)
    finally:
        runner.stop()
    return target, recorder


@pytest.mark.parametrize(
    ("notices", "outcome"),
    [
        ([SUCCEED], Outcome.FAILED),
        ([SUCCEED, PENDING], Outcome.FAILED),
        ([SUCCEED, SUCCEED], Outcome.PASSED),
        ([PENDING, SUCCEED, SUCCEED], Outcome.PASSED),
    ],
)
def test_what_was_not_acknowledged_comes_again(
    not_acknowledged_case: Case, notices: list[dict[str, object]], outcome: Outcome
) -> None:
    soon = msgspec.structs.replace(PROFILE, callbacks=msgspec.structs.replace(PROFILE.callbacks, redelivery_s=0.1))
    _, recorder = played(not_acknowledged_case, soon, *notices)
    assert [said.outcome for said in recorder.records if isinstance(said, Observation) and said.clause == "CB-26"] == [outcome]


def test_only_final_callbacks_are_left_unacknowledged_and_only_for_a_while(in_trouble_case: Case) -> None:
    target, recorder = played(in_trouble_case, PROFILE, PENDING, SUCCEED, SUCCEED)
    trouble, well = (500, "FAIL"), (200, "SUCCESS")
    assert target.answers == [well, trouble, trouble, well, well, well]
    assert [callback.answered for callback in recorder.records if isinstance(callback, Callback)][:3] == [200, 500, 500]
    assert len(heard[0]) == 2
