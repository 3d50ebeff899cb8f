"""What makes schemathesis' verdicts right for a provider that answers HTTP 200 with a business code.

Environment (all optional): `PAYCONFORM_CARDS` numbers of test cards that pay, separated by commas (the embedded sandbox's);
`PAYCONFORM_TOKEN` a token that pays, without which token orders are only tried with faults; `PAYCONFORM_NOTIFY_URL` where
callbacks may go; `LESSPAY2_APP_ID` and `LESSPAY2_SECRET` sign every request by the lesspay2 scheme.
"""

import os
import secrets
from datetime import UTC, datetime
from typing import Any

import requests
import schemathesis
from requests.auth import AuthBase
from schemathesis import Case, HookContext
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import RejectedPositiveData, UnsupportedMethodResponse

from payconform.adapters.signers import Lesspay2Signer
from payconform.contract import ENDPOINT_PATH
from payconform.contract.schemas import subschemas, violations
from payconform.model.clause import PAYING_MODES, Mode, Severity
from payconform.model.message import Request
from payconform.model.profile import Role
from payconform.sandbox.cards import TEST_CARDS

Schema = dict[str, Any]

COMPONENTS = {Mode.CASHIER: "CashierOrder", Mode.CARD: "CardOrder", Mode.TOKEN: "TokenOrder"}
STATED = frozenset({"type", "required", "const", "enum", "minimum", "maximum", "minLength", "minProperties", "format"})
"""The keywords of the contract's schemas that say what an order looks like."""

PAYING = [card.number for card in TEST_CARDS if card.role in (Role.APPROVED, Role.CHALLENGE)]
CARDS = os.environ.get("PAYCONFORM_CARDS") or ",".join(PAYING)
"""Cards that pay: a provider may refuse an order at once when its card is declined."""

TOKEN = os.environ.get("PAYCONFORM_TOKEN", "")
NOTIFY_URL = os.environ.get("PAYCONFORM_NOTIFY_URL") or "https://merchant.example/callbacks"
APP_ID, SECRET = (os.environ.get(name, "") for name in ("LESSPAY2_APP_ID", "LESSPAY2_SECRET"))


def narrowing() -> dict[str, Schema]:
    """By the name of a member, what every provider of this contract takes of what its schema allows."""
    letters = r"A-Za-z0-9ÄÖÜäöüß€&='\","
    text = f"^[{letters}][{letters} ]*$"
    page = r"^https://merchant\.example/[a-z]{1,9}(\?a=[0-9]&b=[a-z])?$"
    year = datetime.now(UTC).year
    return {
        "target_amount": {"pattern": r"^[1-9][0-9]{1,2}\.[0-9]{2}$"},
        "target_currency": {"enum": ["USD", "EUR"]},
        "notify_url": {"enum": [NOTIFY_URL, f"{NOTIFY_URL}?order=1&part=2"]},
        "fail_url": {"pattern": page},
        "success_url": {"pattern": page},
        "product_name": {"pattern": text, "maxLength": 30},
        "description": {"pattern": text, "maxLength": 50},
        "number": {"enum": CARDS.split(",")},
        "expiry_year": {"minimum": year + 1, "maximum": year + 9},
        "cvv": {"pattern": "^[0-9]{3}$"},
        "token": {"enum": [TOKEN or "src_3oqxta2juhbevjaw72pgorkd5e"]},
    }


def order_schema(mode: Mode) -> Schema:
    """The request schema of a mode in one piece, narrowed to orders that any provider accepts."""
    whole: Schema = {}
    narrower = narrowing()
    for path, subschema in subschemas(f"create-order/request-{mode}"):
        part = whole
        for member in path:
            part = part.setdefault("properties", {}).setdefault(member, {})
        for keyword in STATED & subschema.keys():
            part[keyword] = [*part.get(keyword, ()), *subschema[keyword]] if keyword == "required" else subschema[keyword]
        if path:
            part |= narrower.get(path[-1], {})
    return whole


def before_load_schema(_context: HookContext, raw_schema: Schema) -> None:
    """Order schemas from which accepted orders are drawn; and 2xx means accepted, because the status is rewritten."""
    for mode, component in COMPONENTS.items():
        raw_schema["components"]["schemas"][component] = order_schema(mode)
    operation = raw_schema["paths"][ENDPOINT_PATH]["post"]
    for example in operation["requestBody"]["content"]["application/json"]["examples"].values():
        example["value"]["notify_url"] = NOTIFY_URL
    operation["responses"]["200"]["content"]["application/json"]["schema"] = {"$ref": "#/components/schemas/AcceptedReply"}


def filter_case(_context: HookContext, case: Case[Any]) -> bool:
    """Sends nothing broken that a lawful provider may accept, nor valid token orders without a token."""
    if case.method.upper() != "POST" or case.meta is None:
        return True
    if case.meta.generation.mode.is_negative:
        return is_broken(case.body)
    return bool(TOKEN) or not is_token_order(case.body)


def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """No request_id is used twice: each call has its own unless its fault is there. Whole numbers look whole.

    An id of nothing but control characters is no fault, and a provider may still take it for none: it is never sent.
    """
    if not isinstance(case.body, dict):
        return
    body = without_fractions(case.body)
    drawn, may_be_at_fault = body.get("request_id"), case.meta is not None and case.meta.generation.mode.is_negative
    if isinstance(drawn, str) and (drawn.strip() or not may_be_at_fault):
        body["request_id"] = f"M{secrets.token_hex(8)}"
    case.body = body


def after_call(_context: HookContext, _case: Case[Any], response: Response) -> None:
    """A refusal says so by its business code; its status becomes what the built-in checks read it by."""
    if response.status_code < 300 and is_refusal(response):
        response.status_code = 400


def filter_failure(_context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Keeps failures that break the documentation: it leaves open which status and headers a refusal has."""
    if isinstance(failure, UnsupportedMethodResponse):
        return response.status_code < 400
    if isinstance(failure, AcceptedNegativeData):
        return is_broken(case.body)
    if isinstance(failure, RejectedPositiveData):
        return bool(TOKEN) or not is_token_order(case.body)
    return True


def without_fractions(value: Any) -> Any:
    """The same JSON value with 5.0 written as 5: the schemas take both for an integer, the guide does not say so."""
    if isinstance(value, dict):
        return {member: without_fractions(held) for member, held in value.items()}
    if isinstance(value, list):
        return [without_fractions(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def is_broken(body: object) -> bool:
    """Whether a body is no object, or breaks a clause that blocks in whichever mode it is read."""
    return not isinstance(body, dict) or all(
        any(violation.severity is Severity.STRICT for violation in violations(f"create-order/request-{mode}", body))
        for mode in PAYING_MODES
    )


def is_token_order(body: object) -> bool:
    extra = body.get("channel_extra") if isinstance(body, dict) else None
    return isinstance(extra, dict) and extra.get("extra_type") == "token"


def is_refusal(response: Response) -> bool:
    """Whether a body is a JSON object whose code is a number other than 0."""
    try:
        document = response.json()
    except ValueError:
        return False
    code = document.get("code") if isinstance(document, dict) else None
    return isinstance(code, int) and code != 0


class Signed(AuthBase):
    """Signs the final bytes of a request, whatever was generated (companion page Authentication, AU-01)."""

    def __init__(self, app_id: str, secret: str) -> None:
        self._signer = Lesspay2Signer(app_id, secret)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body: Any = request.body or b""
        raw = body.encode() if isinstance(body, str) else body
        signed = self._signer.sign(Request(method=request.method or "", url=request.url or "", headers=(), body=raw))
        request.headers.update(dict(signed.headers))
        return request


for hook in (before_load_schema, filter_case, before_call, after_call, filter_failure):
    schemathesis.hook(hook)

if APP_ID and SECRET:
    schemathesis.auth.set_from_requests(Signed(APP_ID, SECRET))  # type: ignore[attr-defined]  # it is added at run time
