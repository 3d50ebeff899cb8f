"""The OpenAPI document: valid, usable by other tools, and of one mind with the schemas."""

import json
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate_url

from payconform.contract import ENDPOINT_PATH, folder
from payconform.contract.register import CONTRACT_VERSION
from payconform.contract.schemas import is_valid
from payconform.model.clause import PAYING_MODES, Mode

DOCUMENT = json.loads(folder.read("openapi.json"))
POST = DOCUMENT["paths"][ENDPOINT_PATH]["post"]


def test_it_is_valid() -> None:
    validate_url((folder.folder() / "openapi.json").as_uri())


def test_it_is_of_the_contract_version() -> None:
    assert DOCUMENT["info"]["version"] == CONTRACT_VERSION


def test_its_examples_are_orders_of_their_modes() -> None:
    examples = POST["requestBody"]["content"]["application/json"]["examples"]
    assert set(examples) == set(PAYING_MODES)
    for mode in PAYING_MODES:
        assert modes_of(examples[mode]["value"]) == [mode]


def test_schemathesis_generates_orders_from_it() -> None:
    loaded = schemathesis.openapi.from_path(str(folder.folder() / "openapi.json"))

    @settings(max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(loaded[ENDPOINT_PATH]["POST"].as_strategy())
    def generated(case: Any) -> None:
        assert len(modes_of(case.body)) == 1

    generated()


def modes_of(document: Any) -> list[Mode]:
    return [mode for mode in PAYING_MODES if is_valid(f"create-order/request-{mode}", document)]
