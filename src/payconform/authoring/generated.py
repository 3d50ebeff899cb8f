"""Broken requests that schemathesis makes of the contract's schemas, as one more source behind our own judgement.

Schemathesis knows ways to break a schema that nobody thought of; it does not know which of them the provider has to refuse.
So only what it broke is taken over, into an otherwise plain order, and our own schemas say whether and why that is refused.
"""

import json
from functools import cache
from typing import Any

from msgspec import Struct

from payconform.authoring.drafts import draw
from payconform.authoring.make import Make
from payconform.authoring.refusals import is_open
from payconform.contract import ENDPOINT_PATH
from payconform.contract.folder import folder, read
from payconform.contract.schemas import Violation, violations
from payconform.model.clause import PAYING_MODES, Mode, Severity

OPENAPI = "openapi.json"
EXAMPLES_FOR_A_BODY = 4
DRAWN_FOR_A_BODY = 2  # some break nothing that has to be refused, or the same as another


class Broken(Struct, frozen=True):
    """What has to be refused: the clause it breaks, what is wrong with it, and the body, or how it alters a document."""

    clause: str
    fault: str
    body: bytes = b""
    altered: dict[str, Any] = {}
    left_out: tuple[str, ...] = ()

    def for_order(self, document: dict[str, Any]) -> bytes:
        """The body, with the ids and addresses of an order of its own wherever they are not what is broken."""
        if self.body:
            return self.body
        broken = {name: self.altered.get(name, value) for name, value in document.items() if name not in self.left_out}
        return json.dumps(broken, ensure_ascii=False).encode(errors="replace")


def generated_bodies(make: Make, plain: dict[str, Any]) -> tuple[Broken, ...]:
    """Bodies to refuse in this mode, one for every four orders the run may draw and no two alike.

    `plain` is a valid order that lends what is not broken.
    """
    count = max(1, make.examples // EXAMPLES_FOR_A_BODY)
    drawn = _drawn(make.mode, DRAWN_FOR_A_BODY * count, make.random.getrandbits(32))
    found = (_broken(body, plain, make) for body in drawn)
    return tuple({broken.fault: broken for broken in found if broken is not None}.values())[:count]


@cache  # seconds of work, and the same for every target that a process runs with one seed
def _drawn(mode: Mode, count: int, number: int) -> tuple[Any, ...]:
    """Bodies that schemathesis makes of a mode's schema. Nobody may change them."""
    from schemathesis import GenerationMode  # noqa: PLC0415 -- it takes a second to import

    strategy = _operation(mode).as_strategy(generation_mode=GenerationMode.NEGATIVE)
    return tuple(case.body for case in draw(strategy, count, number))


def _operation(mode: Mode) -> Any:
    import schemathesis  # noqa: PLC0415 -- as above

    document = json.loads(read(OPENAPI))
    post = document["paths"][ENDPOINT_PATH]["post"]
    post["requestBody"]["content"]["application/json"] = {"schema": {"$ref": f"create-order/request-{mode.value}.json"}}
    loaded = schemathesis.openapi.from_dict(document)
    loaded.location = (folder() / OPENAPI).as_uri()  # references are relative to it
    return loaded[ENDPOINT_PATH]["POST"]


def _broken(body: Any, plain: dict[str, Any], make: Make) -> Broken | None:
    """What of a generated body has to be refused, None where nothing has."""
    if isinstance(body, bytes):
        return None if _is_json(body) else Broken("EP-04", "schemathesis: no JSON", body)
    if not isinstance(body, dict):
        return None
    left_out = tuple(member for member in plain if member not in body)
    altered = {member: body[member] for member in plain if member in body and _breaks(member, body[member], plain, make.mode)}
    document = {member: altered.get(member, value) for member, value in plain.items() if member not in left_out}
    strict = _strict(document, make)
    elsewhere = all(_strict(document, make, mode) for mode in PAYING_MODES)  # no mode may take it for an order of its own
    if not strict or not elsewhere:
        return None
    broken = ", ".join(dict.fromkeys(f"{one.path or '/'} {one.keyword}" for one in strict))
    return Broken(strict[0].clause, f"schemathesis: {broken}", altered=altered, left_out=left_out)


def _breaks(member: str, value: Any, plain: dict[str, Any], mode: Mode) -> bool:
    return bool(violations(f"create-order/request-{mode.value}", {**plain, member: value}))


def _strict(document: dict[str, Any], make: Make, mode: Mode | None = None) -> tuple[Violation, ...]:
    """The violations that have to be refused by the readings of the profile."""
    name = f"create-order/request-{(mode or make.mode).value}"
    found = violations(name, document)
    return tuple(one for one in found if one.severity is Severity.STRICT and not is_open(one, document, make.profile.readings))


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
