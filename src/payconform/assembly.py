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
from payconform.contract.register import CONTRACT_VERSION, SIGNING_DIALECT, clauses, reading_defaults
from payconform.engine.judge import judge
from payconform.engine.plan import examples, plan
from payconform.engine.ports import Ports
from payconform.engine.runner import Runner
from payconform.journal.masks import CALLBACK_BODY
from payconform.journal.merging import merge
from payconform.journal.reading import read
from payconform.journal.recorder import Recorder, write_journal
from payconform.journal.redaction import Redactor
from payconform.judging import conclusion
from payconform.model.finding import Finding
from payconform.model.message import Answer, Arrival, Errand, Landing, Request, Response, Verification
from payconform.model.profile import Callbacks, Profile
from payconform.model.run import JOURNAL_FORMAT, Ended, Header, Record, TargetSummary

INBOX = "the inbox"
NO_INBOX_URL = "https://merchant.example"


class Run:
    """One run against one target.

    `plan` says what is asked, its `runner` asks it, `conclude` ends it with findings and footer, `abandon` without (a shard of a
    larger run is judged with the others). `prefix` keeps the ids of shards apart. `command` are the words that started the run,
    by default those of this process. Raises `ReceiverError`, `ServiceRefusedError`, `ServiceUnreachedError` or `SignerError`,
    one line each, when the profile asks for what cannot be had.
    """

    def __init__(
        self,
        profile: Profile,
        journal: Path | None,
        *,
        seed: int,
        plan_name: str = "default",
        prefix: str = "",
        profile_sha256: str = "",
        run_by: str = "",
        shard: str = "",
        command: Sequence[str] = (),
    ) -> None:
        profile = msgspec.structs.replace(profile, readings=reading_defaults() | profile.readings)
        self.profile = profile
        self._plan_name = plan_name
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
        self.runner = Runner(profile, ports, seed, examples(profile, plan_name))
        header = _header(profile, seed, plan_name, command or sys.argv)
        self.recorder.write(msgspec.structs.replace(header, profile_sha256=profile_sha256, run_by=run_by, shard=shard))

    def plan(
        self, selected: Sequence[Case], background: Sequence[Case] = (), nodes: Mapping[str, str] | None = None
    ) -> list[Case]:
        """Plan the cases, record the plan, and answer those that the target can have, for the runner to start."""
        planned = plan(selected, background, self.profile, nodes, self._plan_name)
        self.recorder.write(planned)
        skipped = {case.id for case in planned.cases if case.skip}
        return [case for case in (*selected, *background) if case.id not in skipped]

    def findings(self) -> tuple[Finding, ...]:
        """What the journal says so far."""
        return judge(self.recorder.records, clauses())

    def conclude(self, *, interrupted: bool = False) -> tuple[Record, ...]:
        """Hear late callbacks, judge, and close the journal with its footer. Answers all records."""
        if not interrupted:
            self.runner.settle()
        self.abandon()
        evidence, seconds = self.recorder.records, self.runner.clock()
        for record in conclusion(evidence, seconds=seconds, ended_at=_now(), interrupted=interrupted):
            self.recorder.write(record)
        self.recorder.close()
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

    def _verify(self, arrival: Arrival) -> Verification:
        """What the dialect's signature scheme says of a callback's raw bytes."""
        secret = self.profile.auth.secret
        if self.profile.target.dialect != SIGNING_DIALECT:
            return Verification()
        if arrival.captured and any(leak.where == CALLBACK_BODY for leak in arrival.captured.leaks):
            return Verification(arrival.captured.signature)  # the bytes as they came are gone
        said = signature.verdict(arrival.headers, arrival.body, secret)
        if said != "mismatch":
            return Verification(said)
        return Verification(said, signature.uncovered_members(arrival.body, secret, signature.given(arrival.headers)))


def _inbox(callbacks: Callbacks, on_arrival: Callable[[Arrival], Answer]) -> Receiver | ServiceInbox | None:
    match callbacks.inbox:
        case "receiver":
            return Receiver(callbacks.bind, callbacks.public_url, on_arrival)
        case "service":
            return ServiceInbox(callbacks, on_arrival)
        case _:
            return None


def conclude_shards(shards: Sequence[Path], journal: Path, seconds: float, *, interrupted: bool) -> tuple[Record, ...]:
    """Make one journal of a run whose workers wrote one each, judged as a whole. Raises `JournalError`."""
    evidence = merge([read(path) for path in shards])
    records = (*evidence, *conclusion(evidence, seconds=seconds, ended_at=_now(), interrupted=interrupted))
    write_journal(journal, records)
    return records


def _header(profile: Profile, seed: int, plan_name: str, command: Sequence[str]) -> Header:
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
        command=shlex.join([Path(command[0]).name, *command[1:]]),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
