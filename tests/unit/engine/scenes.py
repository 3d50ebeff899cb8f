"""Cases that are played with a transport that answers what the test says: no socket is opened."""

import json
from collections.abc import Callable, Generator
from math import inf

import msgspec

from payconform.authoring import (
    CARD,
    Case,
    Control,
    Create,
    Make,
    Placed,
    Reply,
    Script,
    case,
    check,
)
from payconform.engine.ports import Ports, Signer
from payconform.engine.runner import Runner
from payconform.journal.recorder import Recorder
from payconform.journal.redaction import Redactor
from payconform.model.evidence import Awaited, Exchange
from payconform.model.finding import Observation
from payconform.model.message import Arrival, Errand, Landing, Request, Response, Verification
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


def declared(write: Callable[[Make], Script[None]], *, opens: bool = True) -> Case:
    """A case of a script. It is declared here because the plugin collects what a module declares."""
    return case("EP-01", modes=(CARD,), opens=opens)(write).cases[0]


PLAIN = declared(a_plain_order)


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
