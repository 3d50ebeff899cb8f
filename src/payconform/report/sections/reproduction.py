"""The request behind a finding as a `curl` command. What is masked in the journal stays masked in it."""

import shlex

from msgspec import Struct

from payconform.model.evidence import Exchange
from payconform.report.text import visible

LONGEST = 3_000
"""Characters of a body in a command; what is larger is for the journal."""

_OF_THE_CONNECTION = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "user-agent"}


class Reproduction(Struct, frozen=True):
    """A command, and what has to be put into it before it is run."""

    command: str
    remarks: tuple[str, ...]


def as_curl(exchange: Exchange, *, is_signed: bool) -> Reproduction:
    """The request of an exchange. `is_signed` says that the dialect wants a signature, which only the secret's owner can make."""
    headers = [(name, value) for name, value in exchange.request_headers if name.lower() not in _OF_THE_CONNECTION]
    lines = [f"curl -sS -i -X {shlex.quote(exchange.method)} {shlex.quote(exchange.url)}"]
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers]
    body, remark = _body(exchange)
    remarks = ["a request_id that was not used before", "the test card's own number and CVV where they are masked"]
    if is_signed:
        remarks.append("timestamp and signature, made anew over the final body")
    if body:
        lines.append(body)
    return Reproduction(" \\\n  ".join(lines), (*remarks, *([remark] if remark else ())))


def _body(exchange: Exchange) -> tuple[str, str]:
    """The option that sends the body, and what is to be said of it."""
    body = exchange.request_body
    if not body.size:
        return "", ""
    if body.truncated or body.size > LONGEST:
        return "--data-binary @body", f"the body of {exchange.id} from the journal, in a file named body"
    if body.text is not None and visible(body.text) == body.text:
        return f"--data-raw {shlex.quote(body.text)}", ""
    return (
        "--data-binary @body",
        f"the body of {exchange.id} from the journal, for no command line bears its bytes, in a file body",
    )
