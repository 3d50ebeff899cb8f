"""The harness's own formats: the profile users write, the journal and the verdict a run writes."""

import copy
import tomllib
from typing import Any

import pytest

from payconform.contract import folder
from payconform.contract.journal_format import PATH, journal_format
from payconform.contract.schemas import is_valid, violations

PROFILE = tomllib.loads("""
[target]
name = "Example provider, sandbox"
environment = "sandbox"
base_url = "https://sandbox.example"
dialect = "guide"
headers = { "X-Client" = "payconform" }

[auth]
signer = "headers"
headers_env = { "X-Api-Key" = "SANDBOX_API_KEY" }

[modes]
enabled = ["cashier", "card", "token"]

[[cards]]
role = "approved"
number = "4242424242424242"
expiry_month = 12
expiry_year = 2030
cvv = "123"

[[cards]]
role = "declined"
number_env = "DECLINED_NUMBER"
expiry_month = 1
expiry_year = 2031
cvv_env = "DECLINED_CVV"

[callbacks]
inbox = "receiver"
bind = "127.0.0.1:0"
public_url = ""
deadline_s = 20
quiet_window_s = 2.5
redelivery_s = 30
acknowledge = { status = 200, body = "SUCCESS" }

[payer]
kind = "form"

[[payer.pages]]
name = "cashier"
match = { field = "cardNumber" }
fill = { cardNumber = "{number}", cvc = "{cvv}" }
submit = "Pay now"

[[payer.pages]]
name = "3ds"
match = { url = "/3ds/" }
fill = { password = "right" }
fill_reject = { password = "wrong" }

[limits]
requests_per_second = 20
concurrency = 16
request_timeout_s = 30
examples = 16
requests = 1000
seconds = 120.0
request_id_max = 20
product_name_max = 30
description_max = 50
amounts = "any"
currencies = ["USD", "CNY"]

[readings]
duplicate_request_id = "refuse-or-replay"
refusal_status = "any"
""")


def test_a_complete_profile_is_valid() -> None:
    assert violations("formats/profile", PROFILE) == ()


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["target", "environment"], "test", '/target/environment must be one of "sandbox", "live"'),
        (
            ["target", "base_url"],
            "sandbox.example",
            "/target/base_url must be an absolute http or https URL without query and fragment",
        ),
        (["target", "url"], "x", "/target/url is unknown; known are base_url, dialect, environment, headers, name"),
        (["auth", "signer"], "", "/auth/signer must not be empty"),
        (["auth", "secret_env"], "not a name", "/auth/secret_env must be the name of an environment variable"),
        (["cards", 0, "number"], "4242 4242", "/cards/0/number must be 12 to 19 digits"),
        (["cards", 0, "number_env"], "NUMBER", "/cards/0 must have either number or number_env"),
        (["cards", 0, "expiry_month"], 13, "/cards/0/expiry_month must be at most 12"),
        (["limits", "concurrency"], "many", "/limits/concurrency must be an integer"),
        (["limits", "requests_per_second"], 0, "/limits/requests_per_second must be more than 0"),
        (["limits", "amounts"], [5], '/limits/amounts must be "any" or a list of decimal texts such as "100.00"'),
        (["payer", "pages", 0, "match", "url"], "x", "/payer/pages/0/match must have only one of field, url and text"),
        (["modes", "enabled"], [], "/modes/enabled must not be empty"),
        (["readings", "refusal_status"], 200, "/readings/refusal_status must be text"),
    ],
)
def test_a_mistake_in_a_profile_is_told_in_words(path: list[Any], value: Any, said: str) -> None:
    broken = with_value(PROFILE, path, value)
    assert [f"{violation.path} {violation.message}" for violation in violations("formats/profile", broken)] == [said]


def test_the_journal_format_is_that_of_the_records() -> None:
    written = folder.read(PATH).decode()
    assert written == journal_format(), "a record has changed: python -m payconform.contract.journal_format"


def test_the_journal_format_knows_its_records() -> None:
    assert is_valid("formats/journal", {"type": "silence", "order": "o1", "case": "c1", "since": 1.0, "until": 2.5})
    assert not is_valid("formats/journal", {"type": "silence", "order": "o1"})
    assert not is_valid("formats/journal", {"type": "unheard-of"})


VERDICT = {
    "verdict": "non-conformant",
    "exit_code": 1,
    "target": {"name": "n", "environment": "sandbox", "base_url": "https://sandbox.example", "dialect": "guide"},
    "counts": {"requests": 412, "callbacks": 96, "seconds": 31.7},
    "findings": [
        {
            "clause": "RS-05",
            "level": "implied",
            "mode": "card",
            "outcome": "failed",
            "blocking": True,
            "expected": "the same id",
            "observed": "two ids",
            "exchanges": ["e1"],
            "frequency": {"failed": 3, "seen": 40},
        }
    ],
}


def test_a_verdict_is_valid_and_may_say_more() -> None:
    assert violations("formats/verdict", VERDICT | {"suite_version": "1"}) == ()


@pytest.mark.parametrize(
    ("path", "value"),
    [(["verdict"], "fine"), (["exit_code"], 7), (["findings", 0, "outcome"], "skipped"), (["counts", "requests"], -1)],
)
def test_a_verdict_of_other_words_is_invalid(path: list[Any], value: Any) -> None:
    assert not is_valid("formats/verdict", with_value(VERDICT, path, value))


def with_value(document: Any, path: list[Any], value: Any) -> Any:
    """A copy of a document with one value put at a path, new members included."""
    copied = copy.deepcopy(document)
    holder = copied
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    return copied
