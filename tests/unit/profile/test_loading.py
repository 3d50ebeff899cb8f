"""A profile is read whole, or refused in one line that names file, key, fault and remedy."""

import copy
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from payconform.contract.register import reading_choices, reading_defaults
from payconform.contract.schemas import is_valid, schema
from payconform.model.clause import Mode
from payconform.model.profile import Match, Page, Profile, Role
from payconform.profile import ProfileError, load, parse, refuse_live

PROFILES = Path(__file__).parents[3] / "profiles"
NUMBER = "4242424242424242"
ENVIRON = {"APP_ID": "app-17", "SECRET": "s3cr3t-key", "KEY": "k3y-value", "NUMBER": NUMBER, "CVV": "987", "EMPTY": " "}

CARD = {"role": "approved", "number": NUMBER, "expiry_month": 12, "expiry_year": 2095, "cvv": "987"}
DOCUMENT: dict[str, Any] = {
    "target": {"name": "Example", "environment": "sandbox", "base_url": "https://sandbox.example/base/"},
    "auth": {"signer": "none"},
    "modes": {"enabled": ["cashier", "card", "token"]},
    "cards": [CARD, {**CARD, "role": "challenge"}],
    "callbacks": {"acknowledge": {"status": 200, "body": "SUCCESS"}},
    "payer": {"kind": "form", "pages": [{"name": "pay", "match": {"field": "card"}, "fill": {"card": "{number}"}}]},
    "limits": {"concurrency": 4},
    "readings": {},
}
GONE = object()
SERVICE = {"callbacks.inbox": "service", "callbacks.service_url": "https://capture.example/", "callbacks.token_env": "KEY"}


def changed(change: dict[str, Any]) -> dict[str, Any]:
    """The document with members set, or GONE, by dotted path; numbers are places in lists."""
    document = copy.deepcopy(DOCUMENT)
    for path, value in change.items():
        *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place: Any = document
        for part in parents:
            place = place[part] if isinstance(part, int) else place.setdefault(part, {})
        if value is GONE:
            del place[last]
        else:
            place[last] = value
    return document


def read(change: dict[str, Any]) -> Profile:
    return parse(changed(change), "p.toml", ENVIRON)


def refusal(change: dict[str, Any]) -> str:
    with pytest.raises(ProfileError) as caught:
        read(change)
    return str(caught.value)


def test_a_complete_profile_is_read() -> None:
    profile = read({})
    assert profile.target.base_url == "https://sandbox.example/base"
    assert profile.modes == (Mode.CASHIER, Mode.CARD, Mode.TOKEN)
    assert profile.roles() == {Role.APPROVED, Role.CHALLENGE}
    assert profile.payer.pages == (Page(name="pay", match=Match(field="card"), fill={"card": "{number}"}),)
    assert profile.limits.concurrency == 4
    assert profile.limits.request_timeout_s == 30
    assert profile.readings == reading_defaults()


def test_a_target_and_one_mode_are_enough() -> None:
    profile = parse({"target": DOCUMENT["target"], "modes": {"enabled": ["cashier"]}}, "p.toml", {})
    assert profile == Profile(target=profile.target, modes=(Mode.CASHIER,), readings=reading_defaults())


def test_the_token_of_a_capture_service_comes_from_the_environment() -> None:
    callbacks = read(SERVICE).callbacks
    assert (callbacks.inbox, callbacks.service_url, callbacks.token) == ("service", "https://capture.example", "k3y-value")
    assert "k3y-value" not in repr(callbacks)


def test_a_token_is_only_asked_for_where_it_is_used() -> None:
    assert read({**SERVICE, "callbacks.inbox": "receiver", "callbacks.token_env": "NONE"}).callbacks.token == ""


def test_credentials_and_cards_come_from_the_environment() -> None:
    profile = read(
        {
            "target.dialect": "lesspay2",
            "auth": {"signer": "lesspay2", "app_id_env": "APP_ID", "secret_env": "SECRET", "headers_env": {"X-Key": "KEY"}},
            "cards.0": {"role": "approved", "number_env": "NUMBER", "cvv_env": "CVV", "expiry_month": 1, "expiry_year": 2095},
        }
    )
    assert (profile.auth.app_id, profile.auth.secret, profile.auth.headers) == ("app-17", "s3cr3t-key", {"X-Key": "k3y-value"})
    card = profile.card(Role.APPROVED)
    assert card is not None
    assert (card.number, card.cvv) == (NUMBER, "987")


def test_a_choice_of_reading_goes_before_its_default() -> None:
    key, reading = next(iter(reading_choices().items()))
    other = next(choice for choice in reading.choices if choice != reading.default)
    assert read({"readings": {key: other}}).readings == {**reading_defaults(), key: other}


def test_amounts_may_be_any_or_a_list() -> None:
    assert read({"limits.amounts": "any"}).limits.amounts == ()
    assert read({"limits.amounts": ["10.00", "3"]}).limits.amounts == ("10.00", "3")


@pytest.mark.parametrize("address", ["127.0.0.1:0", "[::1]:8080", "localhost:65535"])
def test_an_address_is_host_and_port(address: str) -> None:
    assert read({"callbacks.bind": address}).callbacks.bind == address


def test_loopback_may_stand_for_a_live_target() -> None:
    for host in ("localhost", "127.0.0.1", "[::1]"):
        assert read({"target.environment": "live", "target.base_url": f"http://{host}:1"}).target.environment == "live"


MISTAKES: list[tuple[dict[str, Any], str]] = [
    # shape
    ({"target": GONE}, "target: is missing, and there is no default"),
    ({"target.name": GONE}, "target.name: is missing"),
    ({"target.name": " "}, "target.name: is empty"),
    ({"target.naem": "x"}, "target.naem: is not a key of a profile (did you mean name?); here are allowed name, environment,"),
    ({"limit": {}}, "limit: is not a key of a profile (did you mean limits?)"),
    ({"limits.the one": 1}, "limits.'the one': is not a key of a profile; here are allowed"),
    ({"target": []}, "target: is a list; it must be a table"),
    ({"cards": {}}, "cards: is a table; it must be a list"),
    ({"cards": []}, "cards: is empty; give at least one, or leave the key out"),
    ({"limits.concurrency": "many"}, "limits.concurrency: is a text in quotes; it must be a whole number"),
    ({"limits.concurrency": True}, "limits.concurrency: is true or false; it must be a whole number"),
    ({"limits.concurrency": 0}, "limits.concurrency: is 0; allowed is a whole number at least 1"),
    ({"limits.requests_per_second": "1"}, "limits.requests_per_second: is a text in quotes; it must be a number"),
    ({"limits.requests_per_second": float("nan")}, "limits.requests_per_second: is nan; allowed is a number greater than 0"),
    ({"callbacks.deadline_s": 0}, "callbacks.deadline_s: is 0; allowed is a number greater than 0"),
    ({"callbacks.quiet_window_s": -1.5}, "callbacks.quiet_window_s: is -1.5; allowed"),
    ({"callbacks.acknowledge.status": 99}, "callbacks.acknowledge.status: is 99; allowed is a whole number from 200 to 599"),
    ({"limits.amounts": "all"}, "limits.amounts: is 'all'; allowed is \"any\" or a list of decimals in quotes"),
    ({"limits.amounts": ["1.00", 2.5]}, "limits.amounts[1]: is 2.5; allowed is a positive decimal in quotes"),
    ({"limits.amounts": ["0.00"]}, "limits.amounts[0]: is '0.00'; allowed is a positive decimal"),
    ({"limits.currencies": ["usd"]}, "limits.currencies[0]: is 'usd'; allowed is a currency code"),
    # enumerations
    ({"target.environment": "Sandbox"}, "target.environment: is 'Sandbox'; allowed is sandbox or live (did you mean sandbox?)"),
    ({"target.dialect": "other"}, "target.dialect: is 'other'; allowed is guide or lesspay2"),
    ({"modes.enabled": ["cards"]}, "modes.enabled[0]: is 'cards'; allowed is cashier, card or token (did you mean card?)"),
    ({"callbacks.inbox": "folder"}, 'callbacks.inbox: "folder" is not available in this version; use receiver, service or none'),
    ({"callbacks.inbox": "service"}, 'callbacks.service_url: is missing, and inbox "service" needs the address of'),
    (
        {**SERVICE, "callbacks.service_url": "capture.example"},
        "callbacks.service_url: is 'capture.example'; allowed is an absolute",
    ),
    (dict(list(SERVICE.items())[:2]), 'callbacks.token_env: is missing, and inbox "service" needs the variable with'),
    ({**SERVICE, "callbacks.token_env": "NONE"}, "callbacks.token_env: names the environment variable NONE, which is not set"),
    ({"callbacks.token": "s3cr3t-key"}, "callbacks.token: secrets never stand in a profile; name the environment variable"),
    ({"payer.kind": "browser"}, 'payer.kind: "browser" is not available in this version; use form or none'),
    ({"payer.kind": "human"}, 'payer.kind: "human" is not available in this version'),
    ({"readings": {"refusal_statsu": "any"}}, "readings.refusal_statsu: is not a reading (did you mean refusal_status?)"),
    ({"readings": {"refusal_status": "500"}}, "readings.refusal_status: is '500'; allowed is any, 200 or 4xx"),
    # URLs and addresses
    ({"target.base_url": "sandbox.example"}, "target.base_url: is 'sandbox.example'; allowed is an absolute URL"),
    ({"target.base_url": "ftp://sandbox.example"}, "target.base_url: is 'ftp://sandbox.example'; allowed"),
    ({"target.base_url": "https://x:notaport"}, "target.base_url: is 'https://x:notaport'; allowed"),
    ({"target.base_url": "https://x/?a=1"}, "target.base_url: is 'https://x/?a=1'; it must end before any ? or #"),
    ({"target.base_url": "https://me:pass@x"}, "target.base_url: holds a user name or password"),
    ({"callbacks.public_url": "tunnel"}, "callbacks.public_url: is 'tunnel'; allowed is an absolute URL"),
    *[
        ({"callbacks.bind": bind}, f"callbacks.bind: is '{bind}'; allowed is host:port")
        for bind in ("x", "x:", ":1", "::1:80", "x:65536")
    ],
    # cards
    ({"cards.0.number": "4242"}, "cards[0].number: has 4 characters; allowed is 12 to 19 digits"),
    ({"cards.1.number": "4242424242424241"}, "cards[1].number: is no card number: its last digit does not fit"),
    ({"cards.0.number": 4242424242424242}, "cards[0].number: is a whole number; it must be a text in quotes"),
    ({"cards.0.number_env": "NUMBER"}, "cards[0].number: stands beside number_env; keep one of the two"),
    ({"cards.0.number": GONE}, "cards[0].number: is missing; give number, or number_env"),
    ({"cards.0.cvv": GONE}, "cards[0].cvv: is missing; give cvv, or cvv_env"),
    ({"cards.0.cvv": "12"}, "cards[0].cvv: has 2 characters; allowed is 3 or 4 digits"),
    ({"cards.0.role": "Approved"}, "cards[0].role: is 'Approved'; allowed is approved, challenge,"),
    ({"cards.0.expiry_month": 13}, "cards[0].expiry_month: is 13; allowed is a whole number from 1 to 12"),
    ({"cards.0.expiry_year": 2020}, "cards[0].expiry_year: says the card expired in 12/2020"),
    ({"cards.0.number": GONE, "cards.0.number_env": "CARD_1"}, "the environment variable CARD_1, which is not set"),
    # credentials
    ({"auth.secret": "s3cr3t-key"}, "auth.secret: secrets never stand in a profile; name the environment variable"),
    ({"auth.app_id": "s3cr3t-key"}, "auth.app_id: secrets never stand in a profile"),
    ({"auth.password": "s3cr3t-key"}, "auth.password: secrets never stand in a profile"),
    ({"auth.headers": {"X-Key": "s3cr3t-key"}}, "auth.headers: secrets never stand in a profile"),
    ({"target.headers": {"Authorization": "s3cr3t-key"}}, "target.headers.Authorization: secrets never stand in a profile"),
    ({"target.headers": {"X-Api-Key": "s3cr3t-key"}}, "target.headers.X-Api-Key: secrets never stand in a profile"),
    ({"target.headers": {"X Y": "1"}}, "target.headers.'X Y': is not the name of an HTTP header"),
    ({"target.headers": {"X-Y": "a\nb"}}, "target.headers.X-Y: holds characters that no HTTP header can carry"),
    ({"auth.secret_env": "s3cr3t-key"}, "auth.secret_env: is not the name of an environment variable"),
    ({"auth.secret_env": "s3cr3tkey"}, "auth.secret_env: names an environment variable, which is not set"),
    ({"auth.signer": "headers"}, 'auth.headers_env: is missing, and signer "headers" cannot sign without it'),
    (
        {"auth.signer": "headers", "auth.headers_env": {"X-Key": "EMPTY"}},
        "auth.headers_env.X-Key: names the environment variable EMPTY, which is empty",
    ),
    ({"auth.signer": "lesspay2", "auth.app_id_env": "APP_ID"}, 'auth.secret_env: is missing, and signer "lesspay2"'),
    ({"auth.signer": "lesspay2", "auth.secret_env": "SECRET"}, 'auth.app_id_env: is missing, and signer "lesspay2"'),
    ({"auth.signer": "lespay2"}, "auth.signer: is 'lespay2'; allowed is none, headers"),
    ({"target.dialect": "lesspay2"}, 'auth.signer: is "none", and dialect "lesspay2" signs every request'),
    # pages
    ({"payer.pages.0.match": {}}, "payer.pages[0].match: names nothing; give exactly one of field, url or text"),
    ({"payer.pages.0.match": {"field": "a", "url": "b"}}, "payer.pages[0].match: names field or url; give exactly one"),
    ({"payer.pages.0.match": {"url": "("}}, "payer.pages[0].match.url: is '(', which is not a regular expression: missing )"),
    (
        {"payer.pages.0.fill": {"a": "{numbr}"}},
        "payer.pages[0].fill.a: names {numbr} (did you mean number?); allowed is {number},",
    ),
    ({"payer.pages.0.fill": {"a": "{"}}, "payer.pages[0].fill.a: is '{', which is not a template"),
    ({"payer.pages.0.fill": {"a": "{}"}}, "payer.pages[0].fill.a: names {}; allowed is {number}"),
    ({"payer.pages.0.fill_reject": {"a": "{cvv:02d}"}}, "payer.pages[0].fill_reject.a: is '{cvv:02d}', which is not a template"),
    ({"payer.pages": [{"name": "a", "match": {"field": "b"}}] * 2}, "payer.pages[1].name: names an earlier page"),
    # contradictions
    ({"modes.enabled": ["card", "card"]}, "modes.enabled: names a mode twice"),
    ({"modes.enabled": ["cashier", "token"]}, "modes.enabled: has token without card"),
    (
        {"cards.0.role": "declined", "cards.1.role": "declined"},
        "cards: none has the role approved or challenge, and token mode stores one",
    ),
    ({"cards": GONE}, "cards: is missing, and card mode needs a test card"),
    (
        {"payer.pages": GONE},
        'payer.pages: is missing, and cashier mode leads to pages; describe them, or set payer.kind = "none"',
    ),
    ({"payer.pages": GONE, "modes.enabled": ["card"]}, "payer.pages: is missing, and a card with 3D Secure challenge leads"),
    (
        {"target.environment": "live", "target.base_url": "http://pay.example"},
        "target.base_url: is plain http, and a live target",
    ),
]


@pytest.mark.parametrize(("change", "line"), MISTAKES, ids=[line[:60] for _, line in MISTAKES])
def test_a_mistake_is_one_line(change: dict[str, Any], line: str) -> None:
    said = refusal(change)
    assert said.startswith("p.toml: ")
    assert line in said
    assert len(said.splitlines()) == 1
    assert not re.search(r"4242|987|s3cr3t", said)


def test_a_template_may_say_how_a_number_is_written() -> None:
    fill = {"month": "{expiry_month:02d}", "brace": "{{}}", "year": "{expiry_yy}"}
    assert read({"payer.pages.0.fill": fill}).payer.pages[0].fill == fill


def test_a_card_number_in_the_wrong_place_is_not_repeated() -> None:
    assert "4242" not in refusal({"target.environment": "4242 4242 4242 4242"})
    assert "4242" not in refusal({"target": {**DOCUMENT["target"], NUMBER: 1}})


def test_a_long_value_is_cut_in_the_message() -> None:
    assert len(refusal({"target.environment": "x" * 1000})) < 200


def test_the_line_survives_a_key_with_line_breaks() -> None:
    assert len(refusal({"readings": {"a\nb": "c"}}).splitlines()) == 1


def test_a_live_target_needs_permission() -> None:
    live = read({"target.environment": "live"})
    refuse_live(live, allow_live=True)
    refuse_live(read({}), allow_live=False)
    with pytest.raises(ProfileError, match=r"Example: target\.environment is 'live'.*--allow-live"):
        refuse_live(live, allow_live=False)


FILES = {
    "not UTF-8": (b"[target]\nname = '\xff'", "is not UTF-8 (at line 2)"),
    "not TOML": (b"[target]\nname =\n", "is not TOML: Invalid value (at line 2, column 7)"),
    "nested too deeply": (b"a = " + b"[" * 100_000, "is nested too deeply"),
    "empty": (b"", "target: is missing"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_profile(name: str, tmp_path: Path) -> None:
    raw, line = FILES[name]
    path = tmp_path / "p.toml"
    path.write_bytes(raw)
    with pytest.raises(ProfileError) as caught:
        load(path, {})
    assert str(caught.value).startswith(f"{path}: {line}")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path, line in ((tmp_path / "absent.toml", "there is no such file"), (tmp_path, "is a directory")):
        with pytest.raises(ProfileError, match=line):
            load(path, {})
    (tmp_path / "file").touch()
    with pytest.raises(ProfileError, match="cannot be read"):
        load(tmp_path / "file" / "below", {})


def test_the_example_profile_is_usable() -> None:
    profile = load(PROFILES / "example.toml", {})
    assert [page.name for page in profile.payer.pages] == ["cashier", "3ds"]
    assert profile.card(Role.APPROVED) is not None


def test_the_lesspay2_profile_is_usable_with_its_variables() -> None:
    document = tomllib.loads((PROFILES / "lesspay2.toml").read_text())
    names = {value for table in (document["auth"], *document["cards"]) for key, value in table.items() if key.endswith("_env")}
    values = {"NUMBER": NUMBER, "CVV": "987"}
    environ = {name: values.get(name.rpartition("_")[2], "value") for name in names}
    profile = load(PROFILES / "lesspay2.toml", environ)
    assert (profile.target.dialect, profile.auth.signer, profile.auth.secret) == ("lesspay2", "lesspay2", "value")
    assert profile.limits.amounts
    with pytest.raises(ProfileError, match="LESSPAY2_"):
        load(PROFILES / "lesspay2.toml", {})


def test_what_the_loader_takes_the_published_schema_takes() -> None:
    for path in PROFILES.glob("*.toml"):
        assert is_valid("formats/profile", tomllib.loads(path.read_text()))
    assert is_valid("formats/profile", DOCUMENT)


@pytest.mark.parametrize("table", ["", "target", "auth", "modes", "callbacks", "payer", "limits", "callbacks.acknowledge"])
def test_the_published_schema_has_the_loader_s_keys(table: str) -> None:
    place = schema("formats/profile")
    for name in filter(None, table.split(".")):
        place = place["properties"][name]
    said = refusal({f"{table}.zzz".lstrip("."): 1}).partition("here are allowed ")[2]
    assert set(re.split(", | or ", said)) == set(place["properties"])
