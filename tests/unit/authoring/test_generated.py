"""What schemathesis breaks is taken over where the contract refuses it, and nowhere else."""

import json
from random import Random

import msgspec
import pytest

from payconform.authoring.generated import generated_bodies
from payconform.authoring.make import Make
from payconform.authoring.refusals import is_open
from payconform.contract.register import clauses
from payconform.contract.schemas import violations
from payconform.model.clause import PAYING_MODES, Mode, Severity
from payconform.sandbox.profile import sandbox_profile

PROFILE = sandbox_profile("http://target.example")


def maker(mode: Mode, seed: int = 5, **readings: str) -> Make:
    profile = msgspec.structs.replace(PROFILE, readings={**PROFILE.readings, **readings})
    return Make(profile, mode, Random(seed), "http://inbox.example", lambda: "o1", examples=48)  # noqa: S311 -- repeatable


@pytest.mark.parametrize("mode", PAYING_MODES)
def test_every_generated_body_breaks_what_every_mode_refuses(mode: Mode) -> None:
    make = maker(mode)
    plain = make.order(token="src_x").document
    found = generated_bodies(make, plain)
    assert len({broken.fault for broken in found}) == len(found) > 1
    for broken in found:
        assert broken.clause in clauses()
        try:
            document = json.loads(broken.for_order(plain))
        except ValueError:
            assert broken.clause == "EP-04"
            continue
        for other in PAYING_MODES:
            assert any(one.severity is Severity.STRICT for one in violations(f"create-order/request-{other}", document))


def test_a_body_carries_the_ids_of_its_own_order() -> None:
    make = maker(Mode.CASHIER)
    first, second = make.order().document, make.order().document
    for broken in generated_bodies(make, first):
        if not broken.body and "request_id" not in {*broken.altered, *broken.left_out}:
            assert json.loads(broken.for_order(second))["request_id"] == second["request_id"]


def test_what_the_readings_leave_open_need_not_be_refused() -> None:
    make = maker(Mode.CASHIER)
    document = {name: value for name, value in make.order().document.items() if name != "way_type"} | {"fail_url": None}
    found = violations("create-order/request-cashier", document)
    lenient = {"missing_way_type": "either", "null_member": "either"}
    assert all(is_open(one, document, lenient) for one in found if one.severity is Severity.STRICT)
    assert not any(is_open(one, document, {}) for one in found)
