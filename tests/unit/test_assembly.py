"""How a run is put together, where no other test looks."""

from types import SimpleNamespace
from typing import Any

import pytest

from payconform.assembly import Run
from payconform.contract.signature import callback_signature
from payconform.model.evidence import Leak, Signature
from payconform.model.message import Arrival, Captured

SECRET = "s3cr3t-key"
BODY = b'{"order_status": "SUCCEED"}'


def verified(captured: Captured | None, *, body: bytes = BODY, dialect: str = "lesspay2") -> Signature:
    profile: Any = SimpleNamespace(target=SimpleNamespace(dialect=dialect), auth=SimpleNamespace(secret=SECRET))
    headers = (("x-auth-signature", callback_signature(BODY, SECRET)),)
    arrival = Arrival(method="POST", path="/callbacks/o1", query="", headers=headers, body=body, captured=captured)
    return Run._verify(SimpleNamespace(profile=profile), arrival).signature  # type: ignore[arg-type]


def captured(where: str, signature: Signature) -> Captured:
    return Captured(ago_s=0.0, answered=200, signature=signature, leaks=(Leak("cvv", "field", where),))


def test_a_callback_is_verified_by_the_bytes_that_are_there() -> None:
    assert verified(None) == "verified"
    assert verified(None, body=BODY + b" ") == "verified", "blanks between members are not signed"
    assert verified(None, body=b"{}") == "mismatch"
    assert verified(None, dialect="guide") == ""


@pytest.mark.parametrize("said", ["", "verified", "mismatch"])
def test_a_masked_body_has_the_signature_that_the_service_saw(said: Signature) -> None:
    assert verified(captured("callback body", said), body=b"{}") == said


def test_a_service_without_the_secret_is_no_matter_where_the_body_is_whole() -> None:
    assert verified(captured("callback query", "")) == "verified"
