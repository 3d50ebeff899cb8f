"""`payconform verify`: whether a journal is the one that was written, and who signed what."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from payconform.adapters.ssh_signatures import SignatureError, ToolError, key_of, signature_path, signer_of
from payconform.commands.arguments import Misconfigured, Parser, journals
from payconform.commands.screen import say
from payconform.journal.reading import Journal
from payconform.judging import flaw_of
from payconform.model.finding import ExitCode
from payconform.model.run import Footer, Header
from payconform.report.text import one_line
from payconform.report.wording import amount

DESCRIPTION = """Say whether the seal of a journal holds, naming the line that was changed, dropped, added or moved; who signed
it; and what was run, when, with which versions and profile. Exit code 0 when seal and signature hold, 1 when one does not."""

_LABEL = 11


def run(argv: Sequence[str]) -> int:
    parser = Parser("verify", DESCRIPTION)
    parser.add_argument("journal", type=Path, metavar="JOURNAL")
    parser.add_argument("--signature", type=Path, metavar="FILE", help="the signature (default: JOURNAL.sig, if it is there)")
    parser.add_argument("--allowed-signers", type=Path, metavar="FILE", help="who may sign, as ssh-keygen -Y verify takes it")
    options = parser.parse_args(argv)
    (journal,) = journals([options.journal]).values()
    signature = options.signature or signature_path(options.journal)
    for path in (options.signature, options.allowed_signers):
        if path and not path.is_file():
            raise Misconfigured(f"{path}: there is no such file")
    signed, signature_holds = _signature(options.journal, signature, options.allowed_signers)
    lines = {"journal": str(options.journal), "seal": _seal(journal), **dict(_facts(journal)), "signature": signed}
    say("".join(f"{label:<{_LABEL}}{one_line(value, 1_000)}\n" for label, value in lines.items()))
    return ExitCode.CONFORMANT if signature_holds and journal.complete else ExitCode.NON_CONFORMANT


def _seal(journal: Journal) -> str:
    if not journal.complete:
        return f"{'NOT WHOLE' if journal.cut_off else 'DOES NOT HOLD'}: {flaw_of(journal)}"
    return f"holds for {amount(len(journal.records), 'record')}: {journal.seal}"


def _facts(journal: Journal) -> Iterator[tuple[str, str]]:
    """What the journal says of itself, as far as its seal holds."""
    header = next((record for record in journal.records if isinstance(record, Header)), None)
    footer = next((record for record in journal.records if isinstance(record, Footer)), None)
    if header:
        target = header.target
        yield "target", f"{target.name} ({target.environment}, dialect {target.dialect}) at {target.base_url}"
        ended = f" to {footer.ended_at}" if footer else ""
        by = f", by {header.run_by}" if header.run_by else ""
        yield "run", f"{header.started_at}{ended}, plan {header.plan}, seed {header.seed}{by}"
        yield "suite", f"payconform {header.suite_version}" + (f", judged with {footer.judged_with}" if footer else "")
        yield "contract", header.contract_version
        yield "profile", f"sha256 {header.profile_sha256}" if header.profile_sha256 else "none: the embedded sandbox"
    if header and header.shard:
        yield "shard", f"{header.shard}: only all shards together certify anything"
    if footer:
        yield "verdict", f"{footer.verdict.value} (exit code {footer.exit_code}): {footer.reason}"
    if footer and footer.made_of:
        yield "made of", f"the journals sealed {', '.join(footer.made_of)}"


def _signature(journal: Path, signature: Path, allowed_signers: Path | None) -> tuple[str, bool]:
    """What is to be said of the signature, and whether it holds. One that nobody asked for need not be there."""
    if not signature.exists():
        return "none", allowed_signers is None
    try:
        if allowed_signers:
            return f"holds, {signer_of(journal, signature, allowed_signers)}", True
        key = key_of(journal, signature)
    except ToolError as error:
        raise Misconfigured(str(error)) from None
    except SignatureError as error:
        return f"DOES NOT HOLD: {error}", False
    return f"holds, {key}; whose key that is, --allowed-signers would say", True
