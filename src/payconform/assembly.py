"""Puts a run together from a profile: transport, signer, inbox, payer, journal and engine, and takes it apart again."""

import shlex
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

import payconform
from payconform.adapters.form_payer import walk
from payconform.adapters.receiver import Receiver
from payconform.adapters.service_inbox import ServiceInbox
from payconform.adapters.signers import signer_for
from payconform.adapters.transport import HttpTransport
from payconform.authoring.cases import Case
from payconform.contract import signature
from payconform.contract.register import CONTRACT_VERSION, clauses, reading_defaults
from payconform.engine.judge import judge
from payconform.engine.plan import plan
from payconform.engine.ports import Ports
from payconform.engine.runner import Runner
from payconform.journal.masks import CALLBACK_BODY
from payconform.journal.reading import merge, read
from payconform.journal.recorder import Recorder
from payconform.journal.redaction import Redactor
from payconform.model.evidence import Callback, Exchange, OrderRecord, Signature
from payconform.model.finding import Finding
from payconform.model.message import Answer, Arrival, Errand, Landing, Request, Response
from payconform.model.profile import Callbacks, Profile
from payconform.model.run import JOURNAL_FORMAT, Counts, Ended, Footer, Header, Plan, Record, TargetSummary
from payconform.report.verdict import decide

INBOX = "the inbox"
NO_INBOX_URL = "https://merchant.example"


class Run:
    """One run against one target.

    `start` sets cases going, `conclude` ends it with findings and footer, `abandon` without (a shard of a larger run is
    judged with the others). `prefix` keeps the ids of shards apart. Raises `ReceiverError`, `ServiceRefusedError`,
    `ServiceUnreachedError` or `SignerError`, one line each, when the profile asks for what cannot be had.
    """

    def __init__(
        self, profile: Profile, journal: Path | None, *, seed: int, plan_name: str = "default", prefix: str = ""
    ) -> None:
        profile = msgspec.structs.replace(profile, readings=reading_defaults() | profile.readings)
        self.profile = profile
        self.redactor = Redactor.of(profile)
        self._transport = HttpTransport(profile.limits.request_timeout_s)
        signer = signer_for(profile.auth)
        callbacks = profile.callbacks
        self._inbox = _inbox(callbacks, lambda arrival: self.runner.receive(arrival))  # noqa: PLW0108 -- the runner comes later
        if self._inbox:
            self._inbox.start()
        self.recorder = Recorder(journal, self.redactor, prefix=prefix, verify=self._verify)
        inbox_url = self._inbox.url if self._inbox else NO_INBOX_URL
        ports = Ports(self._transport, signer, self._walk, self.recorder, inbox_url, prefix)
        if isinstance(self._inbox, ServiceInbox):
            ports = ports._replace(heard_until=self._inbox.heard_until)
        self.runner = Runner(profile, ports, seed)
        self.recorder.write(_header(profile, seed, plan_name))

    def start(self, selected: Sequence[Case], background: Sequence[Case] = (), nodes: Mapping[str, str] | None = None) -> Plan:
        """Plan the cases, record the plan, and set those going that the target can have."""
        planned = plan(selected, background, self.profile, nodes)
        self.recorder.write(planned)
        skipped = {case.id for case in planned.cases if case.skip}
        self.runner.start([case for case in (*selected, *background) if case.id not in skipped])
        return planned

    def findings(self) -> tuple[Finding, ...]:
        """What the journal says so far."""
        return judge(self.recorder.records, clauses())

    def conclude(self, *, interrupted: bool = False) -> tuple[Record, ...]:
        """Hear late callbacks, judge, and close the journal with its footer. Answers all records."""
        if not interrupted:
            self.runner.settle()
        self.abandon()
        seal(self.recorder, self.runner.clock(), interrupted=interrupted)
        return self.recorder.records

    def abandon(self) -> None:
        """Stop everything that is under way; the journal stays open."""
        self.runner.stop()
        if self._inbox:
            self._inbox.stop()
            if self._inbox.failure:
                self.recorder.write(Ended(case=INBOX, at=self.runner.clock(), error=f"the inbox failed: {self._inbox.failure!r}"))
        self._transport.close()

    def _walk(self, errand: Errand) -> Generator[Request, Response, Landing]:
        return walk(errand, self.profile.payer.pages)

    def _verify(self, arrival: Arrival) -> Signature:
        """What the dialect's signature scheme says of a callback's raw bytes; "" where none is expected."""
        if self.profile.target.dialect != "lesspay2":
            return ""
        if arrival.captured and any(leak.where == CALLBACK_BODY for leak in arrival.captured.leaks):
            return arrival.captured.signature  # the bytes as they came are gone
        return signature.verdict(arrival.headers, arrival.body, self.profile.auth.secret)


def _inbox(callbacks: Callbacks, on_arrival: Callable[[Arrival], Answer]) -> Receiver | ServiceInbox | None:
    match callbacks.inbox:
        case "receiver":
            return Receiver(callbacks.bind, callbacks.public_url, on_arrival)
        case "service":
            return ServiceInbox(callbacks, on_arrival)
        case _:
            return None


def conclude_shards(shards: Sequence[Path], journal: Path, seconds: float, *, interrupted: bool) -> tuple[Record, ...]:
    """Make one journal of a run that was written in shards, judged as a whole. Raises `JournalError`."""
    recorder = Recorder(journal, Redactor())
    for record in merge([read(path) for path in shards]):
        recorder.write(record)
    seal(recorder, seconds, interrupted=interrupted)
    return recorder.records


def seal(recorder: Recorder, seconds: float, *, interrupted: bool) -> None:
    """Judge what was recorded, and close the journal with findings and footer. `seconds` is how long the run took."""
    for finding in judge(recorder.records, clauses()):
        recorder.write(finding)
    records = recorder.records
    decision = decide(records, interrupted=interrupted)
    counts = Counts(
        requests=sum(isinstance(record, Exchange) for record in records),
        callbacks=sum(isinstance(record, Callback) for record in records),
        seconds=round(seconds, 3),
        orders=len({record.id for record in records if isinstance(record, OrderRecord)}),
        cases=sum(isinstance(record, Ended) for record in records),
    )
    recorder.write(
        Footer(
            verdict=decision.verdict,
            exit_code=decision.exit_code,
            reason=decision.reason,
            counts=counts,
            ended_at=_now(),
            interrupted=interrupted,
        )
    )
    recorder.close()


def _header(profile: Profile, seed: int, plan_name: str) -> Header:
    target = profile.target
    return Header(
        format=JOURNAL_FORMAT,
        suite_version=payconform.__version__,
        contract_version=CONTRACT_VERSION,
        started_at=_now(),
        seed=seed,
        plan=plan_name,
        target=TargetSummary(name=target.name, environment=target.environment, base_url=target.base_url, dialect=target.dialect),
        modes=profile.modes,
        roles=tuple(sorted(role.value for role in profile.roles())),
        payer=profile.payer.kind,
        inbox=profile.callbacks.inbox,
        quiet_window_s=profile.callbacks.quiet_window_s,
        deadline_s=profile.callbacks.deadline_s,
        readings=profile.readings,
        command=shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
