"""`payconform sign`: signs a journal with an SSH key."""

from collections.abc import Sequence
from pathlib import Path

from payconform.adapters.ssh_signatures import SignatureError, sign, signature_path
from payconform.commands.arguments import Misconfigured, Parser, journals
from payconform.commands.screen import say
from payconform.judging import flaw_of
from payconform.model.finding import ExitCode

DESCRIPTION = """Sign a journal that is whole with an SSH key, beside it as JOURNAL.sig. ssh-keygen does it, so that anybody can
check the signature without payconform: ssh-keygen -Y verify -n payconform -f SIGNERS -I NAME -s JOURNAL.sig < JOURNAL"""


def run(argv: Sequence[str]) -> int:
    parser = Parser("sign", DESCRIPTION)
    parser.add_argument("journal", type=Path, metavar="JOURNAL")
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="a private key, or a public one whose private part an agent holds"
    )
    options = parser.parse_args(argv)
    (journal,) = journals([options.journal]).values()
    if not journal.complete:
        raise Misconfigured(f"{options.journal}: is not whole, so it is not signed: {flaw_of(journal)}")
    signature = signature_path(options.journal)
    if signature.exists():
        raise Misconfigured(f"{signature}: is there already; move it away to sign anew")
    try:
        sign(options.journal, options.key, signature)
    except SignatureError as error:
        raise Misconfigured(str(error)) from None
    except OSError as error:
        raise Misconfigured(f"{error.filename}: cannot be written: {error.strerror}") from None
    say(f"{signature}\n")
    return ExitCode.CONFORMANT
