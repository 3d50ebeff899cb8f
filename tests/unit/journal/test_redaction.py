"""What is masked, what is told of it, and what stays as it is."""

import base64
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payconform.journal.redaction import Redactor
from payconform.journal.security_codes import SecurityCodes
from payconform.model.evidence import Leak
from payconform.model.profile import Auth, Card, Match, Page, Payer, Profile, Role, Target

NUMBER = "4242424242424242"
MASKED = "424242******4242"
AMEX = "345678901234564"
CVV = "987"
SECRET = "s3cr3t/key+more="
CARDS = tuple(
    Card(role=Role.APPROVED, number=number, expiry_month=12, expiry_year=2035, cvv=CVV)
    for number in (NUMBER, AMEX, "36227206271667")
)
REDACTOR = Redactor(CARDS, [SECRET], credential_headers=["X-Merchant"], code_fields=["kod"])

PATIENT = settings(deadline=None)  # a busy machine is no failure

Form = Callable[[str], str]


def grouped(separator: str) -> Form:
    return lambda number: separator.join(re.findall("....?", number))


def in_base64(before: bytes = b"", after: bytes = b"", *, encode: Callable[[bytes], bytes] = base64.b64encode) -> Form:
    return lambda number: encode(before + number.encode() + after).decode()


FORMS: dict[str, tuple[Form, str]] = {
    "plain": (str, "plain"),
    "blanks": (grouped(" "), "grouped"),
    "dashes": (grouped("-"), "grouped"),
    "no-break spaces": (grouped("\u00a0"), "grouped"),
    "digit by digit": (" ".join, "grouped"),
    "grouped in a URL": (lambda number: quote(grouped(" ")(number)), "grouped"),
    "plus signs in a form": (grouped("+"), "grouped"),
    "URL-encoded twice": (lambda number: quote(quote(grouped(" ")(number))), "grouped"),
    "entities": (grouped("&nbsp;"), "grouped"),
    "URL-encoded digits": (lambda number: "".join(f"%{ord(digit):x}" for digit in number), "url-encoded"),
    "JSON escapes": (lambda number: "".join(f"\\u{ord(digit):04x}" for digit in number), "escaped"),
    "base64": (in_base64(), "base64"),
    "URL-safe base64": (in_base64(b"\xff\xff", encode=base64.urlsafe_b64encode), "base64"),
    "base64, second place": (in_base64(b"a", b"b"), "base64"),
    "base64, third place": (in_base64(b"ab", b"c"), "base64"),
}
AROUND = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("0123456789 -%\\+/=42")), max_size=30)


def says(text: str, number: str) -> bool:
    """An independent look for a number: undo every encoding, drop what may stand between digits, and search."""
    candidates = [text]
    for start in range(4):
        for word in re.findall(r"[A-Za-z0-9+/_-]{8,}", text):
            cut = word[start:]
            cut = cut[: len(cut) - (len(cut) % 4 == 1)]
            standard = cut.replace("-", "+").replace("_", "/")
            candidates.append(base64.b64decode(standard + "=" * (-len(cut) % 4)).decode("latin-1"))
    for candidate in candidates:
        undone = re.sub(r"\\u003([0-9])|%3([0-9])", r"\1\2", candidate)
        if number in re.sub(r"%(25)?20|%2D|&nbsp;|[\s+-]", "", undone):
            return True
    return False


@pytest.mark.parametrize("name", FORMS)
def test_a_card_number_is_masked_and_told_in_every_form(name: str) -> None:
    write, form = FORMS[name]
    masked = REDACTOR.text(f'see "{write(NUMBER)}".', "header x")
    assert not says(masked.value, NUMBER)
    assert masked.leaks == (Leak("card number", form, "header x"),)
    if form != "base64":
        assert masked.value == f'see "{MASKED}".'


@PATIENT
@given(st.sampled_from(sorted(FORMS)), st.sampled_from([card.number for card in CARDS]), AROUND, AROUND)
def test_no_form_of_a_number_survives_whatever_stands_around_it(form: str, number: str, before: str, after: str) -> None:
    masked = REDACTOR.text(before + FORMS[form][0](number) + after).value
    assert not says(masked, number)
    assert REDACTOR.text(masked).value == masked


@PATIENT
@given(st.binary(max_size=40), st.binary(max_size=40))
def test_bytes_that_are_no_text_are_masked_and_otherwise_kept(before: bytes, after: bytes) -> None:
    raw = before + b"\xff" + b" " + NUMBER.encode() + b" " + b"\xff" + after
    assert REDACTOR.body(raw).value == before + b"\xff " + MASKED.encode() + b" \xff" + after


@PATIENT
@given(st.text())
def test_text_without_anything_to_mask_stays(text: str) -> None:
    assert REDACTOR.text(text).value == text


@pytest.mark.parametrize(
    "text",
    [
        "P2011293075021299713",
        '{"target_amount": "987", "id": 987, "code": 1201, "card_count": 987}',
        "4242424242424241",
        MASKED,
        "https://pay.example/?amount=987&kod=988",
        "2026-01-15 13:15:00.123 12345678901234567890",
    ],
)
def test_what_only_looks_like_card_data_stays(text: str) -> None:
    masked = REDACTOR.body(text.encode(), "response body")
    assert masked.value.decode() == text
    assert masked.leaks == ()


def test_masking_leaves_no_number_where_two_masks_meet() -> None:
    assert not says(REDACTOR.text("42" * 40).value, NUMBER)
    assert REDACTOR.text(f"17{NUMBER}99").value == f"17{MASKED}99"


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@PATIENT
@given(JSON_VALUES, st.sampled_from([NUMBER, int(NUMBER), f"no. {NUMBER}", float(NUMBER)]), st.booleans())
def test_json_stays_json_and_is_equal_apart_from_the_masks(value: Any, number: Any, ascii_only: bool) -> None:  # noqa: FBT001
    raw = json.dumps({"before": value, "it": number, "after": [value, {NUMBER: value}]}, ensure_ascii=ascii_only)
    masked = json.loads(REDACTOR.body(raw.encode(errors="replace")).value)
    expected = json.loads(raw.encode(errors="replace"))
    mask = f"no. {MASKED}" if isinstance(number, str) and number.startswith("no") else MASKED
    assert masked == {"before": expected["before"], "it": mask, "after": [expected["before"], {MASKED: expected["before"]}]}


def test_json_keeps_the_spelling_of_everything_else() -> None:
    raw = '{ "a" : 1.00, "b":"\\u00e9\\/", "a":[ {"n":4.242424242424242E+15} ,"x"], "pan": 4242424242424242.0}\n'
    expected = f'{{ "a" : 1.00, "b":"\\u00e9\\/", "a":[ {{"n":"{MASKED}"}} ,"x"], "pan": "{MASKED}"}}\n'
    masked = REDACTOR.body(raw.encode(), "response body")
    assert masked.value.decode() == expected
    assert masked.leaks == (Leak("card number", "JSON number", "response body"),)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('{"cvv": "987"}', '{"cvv": "***"}'),
        ('{"card": {"cvv2": 987}}', '{"card": {"cvv2": "***"}}'),
        ('{"Security-Code": "987"}', '{"Security-Code": "***"}'),
        ('{"card": {"verification-value": ["987"]}}', '{"card": {"verification-value": ["***"]}}'),
        ('{"card_data": {"kod": "987"}, "y": "987"}', '{"card_data": {"kod": "***"}, "y": "987"}'),
        ('{"note": "cvv=987 was wrong"}', '{"note": "cvv=*** was wrong"}'),
        ('{"cut": "off", "cvc": "987"', '{"cut": "off", "cvc": "***"'),
        ("number=1&cvc=987&x=987", "number=1&cvc=***&x=987"),
        ("card%5Bcsc%5D=987", "card%5Bcsc%5D=***"),
        ("kod=987", "kod=***"),
        ("?q=%7B%22cvv%22%3A%22987%22", "?q=%7B%22cvv%22%3A%22***%22"),
        ('<card cvv="987"><cvc>987</cvc>', '<card cvv="***"><cvc>***</cvc>'),
        ('<INPUT value="987" type=text id="card-cvc">', '<INPUT value="***" type=text id="card-cvc">'),
        ("<input name=kod value=987><input name=x value=987>", "<input name=kod value=***><input name=x value=987>"),
    ],
)
def test_a_security_code_is_masked_where_something_says_what_it_is(raw: str, expected: str) -> None:
    masked = REDACTOR.body(raw.encode(), "response body")
    assert masked.value.decode() == expected
    assert {leak.what for leak in masked.leaks} == {"cvv"}


def test_a_number_of_a_card_that_happens_to_be_its_code_is_masked_but_is_no_leak() -> None:
    raw = b'{"card": {"country_numeric": "987", "x": ["987"], "security_checks": "987"}, "country_numeric": "987"}'
    masked = b'{"card": {"country_numeric": "***", "x": ["***"], "security_checks": "***"}, "country_numeric": "987"}'
    assert REDACTOR.body(raw, "callback body") == (masked, ())


def test_a_code_of_somebody_else_is_masked_but_is_no_leak_of_this_run() -> None:
    assert REDACTOR.body(b'{"cvv": "111"}', "response body") == (b'{"cvv": "***"}', ())
    assert REDACTOR.body(b'{"cvv": "11111"}', "response body") == (b'{"cvv": "***"}', ())
    assert REDACTOR.text("cvv=111", "page") == ("cvv=***", ())


def test_answers_about_a_code_stay() -> None:
    raw = b'{"cvv": "M", "cvv_result": "100", "cvv2": "***", "cvc": null, "cvn": 12}'
    assert REDACTOR.body(raw).value == raw


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("cvv must be a string, got 987", "cvv must be a string, got ***"),
        ("Security code 987 is wrong", "Security code *** is wrong"),
        ("the security code was '987'", "the security code was '***'"),
        ("cvv must be a string, got 986", None),
        ("cvv is wrong. See 987", None),
        ("a code of 987", None),
    ],
)
def test_a_sentence_that_speaks_of_a_known_code_is_masked(said: str, masked: str | None) -> None:
    leaks = (Leak("cvv", "words", "response body"),) if masked else ()
    assert REDACTOR.text(said, "response body") == (masked or said, leaks)


def test_a_known_code_under_a_name_that_speaks_of_it_is_masked() -> None:
    masked = REDACTOR.body(b'{"cvv_checked": "987", "cv2": "987", "cvv_result": "100"}', "response body")
    assert masked.value == b'{"cvv_checked": "***", "cv2": "***", "cvv_result": "100"}'
    assert masked.leaks == (Leak("cvv", "JSON member", "response body"),)


@pytest.mark.parametrize(
    "write",
    [
        str,
        lambda secret: quote(secret, safe=""),
        lambda secret: quote(secret, safe="").lower(),
        lambda secret: json.dumps({"key": secret}),
        lambda secret: f"<p>{secret}</p>",
    ],
)
def test_a_secret_is_masked_however_it_is_written(write: Form) -> None:
    masked = REDACTOR.body(write(SECRET).encode(), "response body")
    assert b"[secret]" in masked.value
    assert b"s3cr3t" not in masked.value
    assert masked.leaks == (Leak("secret", "text", "response body"),)


def test_a_secret_in_base64_is_masked_there() -> None:
    said = base64.b64encode(f"user:{SECRET}".encode()).decode()
    masked = REDACTOR.text(f"Basic {said}", "response body")
    assert base64.b64decode(masked.value.removeprefix("Basic ")) == b"user:[secret]"
    assert masked.leaks == (Leak("secret", "base64", "response body"),)


def test_a_secret_that_is_a_number_leaves_json_whole() -> None:
    assert Redactor(secrets=["12345678"]).body(b"[12345678]").value == b'["[secret]"]'


@pytest.mark.parametrize("secret", ["[secret]", "[sec", "]and["])
def test_the_mask_of_a_secret_is_not_masked_again(secret: str) -> None:
    redactor = Redactor(secrets=[secret])
    once = redactor.text(f"a {secret} b").value
    assert once == "a [secret] b"
    assert redactor.text(once).value == once


@pytest.mark.parametrize("word", ["", "abc", "token", "exchange", "conform", "request_body"])
def test_what_is_too_short_or_a_word_of_the_journal_is_no_secret(word: str) -> None:
    assert Redactor(secrets=[word]).text(f"a {word} b").value == f"a {word} b"


def test_headers_with_credentials_are_masked_whole() -> None:
    headers = (
        ("Authorization", "Basic x"),
        ("x-merchant", "m-1"),
        ("X-Auth-AppId", "a-1"),
        ("Set-Cookie", f"pan={NUMBER}"),
        ("x-auth-signature", "ABC"),
        ("Location", f"https://shop.example/?n={NUMBER}"),
    )
    masked = REDACTOR.headers(headers)
    assert masked.value == (
        ("Authorization", "[secret]"),
        ("x-merchant", "[secret]"),
        ("X-Auth-AppId", "[secret]"),
        ("Set-Cookie", "[secret]"),
        ("x-auth-signature", "ABC"),
        ("Location", f"https://shop.example/?n={MASKED}"),
    )
    assert masked.leaks == (Leak("card number", "plain", "header set-cookie"), Leak("card number", "plain", "header location"))


@pytest.mark.parametrize("number", ["", "4242", "none", "4242424242424x42"])
def test_what_is_no_card_number_is_not_learnt(number: str) -> None:
    redactor = Redactor()
    redactor.learn_number(number)
    assert redactor.text(f"4242 {number}").value == f"4242 {number}"


def test_a_longer_number_goes_before_one_it_begins_with() -> None:
    redactor = Redactor()
    for number in ("424242424242", NUMBER, "4242 4242 4242 4242 424"):
        redactor.learn_number(number)
    assert redactor.text("4242424242424242424").value == "424242*********2424"


@pytest.mark.parametrize("document", [None, [], {}, {"channel_extra": 1}, {"channel_extra": {"card_data": "x"}}])
def test_an_order_without_a_card_teaches_nothing(document: Any) -> None:
    redactor = Redactor()
    redactor.learn_order(document)
    assert redactor.text(NUMBER).value == NUMBER


def test_the_card_of_an_order_is_known_from_then_on() -> None:
    redactor = Redactor()
    redactor.learn_order({"channel_extra": {"card_data": {"number": int(NUMBER), "cvv": "4321"}}})
    redactor.learn_order({"channel_extra": {"card_data": {"number": "4242", "cvv": "12"}}})
    assert redactor.body(f'{{"n": "{NUMBER}", "cvv": "4321"}}'.encode(), "page").leaks == (
        Leak("card number", "plain", "page"),
        Leak("cvv", "JSON member", "page"),
    )


def test_a_profile_says_what_must_not_be_recorded() -> None:
    fill = {"n": "{number}", "secret-field": "{cvv}"}
    redactor = Redactor.of(
        Profile(
            target=Target(name="t", environment="sandbox", base_url="https://t.example"),
            auth=Auth(signer="headers", headers={"X-Mine": "header-value"}, secret="signing-key"),
            cards=CARDS,
            payer=Payer(kind="form", pages=(Page(name="p", match=Match(field="n"), fill=fill),)),
        )
    )
    assert redactor.text(f"n={NUMBER}&secret-field=987&x=header-value&y=signing-key").value == (
        f"n={MASKED}&secret-field=***&x=[secret]&y=[secret]"
    )
    assert redactor.headers((("x-mine", "another"),)).value == (("x-mine", "[secret]"),)


def test_many_threads_may_teach_and_mask_at_once() -> None:
    redactor = Redactor()
    numbers = [f"9999{place:012d}" for place in range(40)]

    def teach_and_mask(number: str) -> str:
        redactor.learn_number(number)
        redactor.learn_secret(f"secret-{number}")
        return redactor.text(f"{number} secret-{number}").value

    with ThreadPoolExecutor(8) as threads:
        for number, masked in zip(numbers, threads.map(teach_and_mask, numbers), strict=True):
            assert number not in masked


@pytest.mark.parametrize("before", ["", "a", "ab"])
@pytest.mark.parametrize("said", ['{"cvv":"987"}', "CVC2=987", "card-verification-value: 987"])
def test_a_security_code_alone_in_base64_is_masked(before: str, said: str) -> None:
    masked = REDACTOR.text(in_base64(before.encode())(said), "header x")
    assert base64.b64decode(masked.value).decode() == before + said.replace("987", "***")
    assert masked.leaks == (Leak("cvv", "base64", "header x"),)


def test_the_name_of_a_header_is_masked() -> None:
    masked = REDACTOR.headers(((f"X-Card-{NUMBER}", "1"), ("X-Merchant", "m")))
    assert masked.value == ((f"X-Card-{MASKED}", "1"), ("X-Merchant", "[secret]"))
    assert masked.leaks == (Leak("card number", "plain", "the name of a header"),)


@given(st.lists(st.sampled_from(["4111111111111111", "xsecretx7", "abc", "NDExMTExMTExMTExMTExMQ==", "a 4111 1111 1111 1111"])))
def test_what_was_clean_is_masked_once_it_is_learnt(texts: list[str]) -> None:
    late, early = Redactor(), Redactor()
    for redactor in (early, late):
        for text in texts if redactor is late else ():
            assert redactor.text(text).value == text
        redactor.learn_number("4111111111111111")
        redactor.learn_secret("xsecretx7")
    assert [late.text(text, "body") for text in texts] == [early.text(text, "body") for text in texts]
    assert [late.text(text, "body") for text in texts] == [early.text(text, "body") for text in texts]


@pytest.mark.parametrize("name", ["cc[sec]", "cc%5Bsec%5D", "cc%5bsec%5d", "cc%255Bsec%255D"])
def test_a_field_of_the_targets_pages_is_known_however_its_brackets_are_written(name: str) -> None:
    redactor = Redactor(CARDS, code_fields=["cc[sec]"])
    masked = redactor.body(f"nonce=1&{name}={CARDS[0].cvv}&holder=J+DOE".encode()).value.decode()
    assert masked == f"nonce=1&{name}=***&holder=J+DOE"
    assert redactor.text(f"{name}=123").value == f"{name}=123", "another number under a name that may be any word"


@PATIENT
@given(
    st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("cvvCVVsecurityKOD\u0131\u0130\u017f\u212a")), max_size=40)
)
def test_what_a_pattern_finds_in_any_case_is_worth_a_look(text: str) -> None:
    codes = SecurityCodes(["kod"])
    if re.search("cvv|cvc|cvn|cv2|csc|security|verification|kod", text, re.IGNORECASE):
        assert codes.may_be_in(text)


@pytest.mark.parametrize("word", ["\u017fecurity", "secur\u0130ty", "SECUR\u0131TY", "\u212aod"])
def test_letters_that_a_pattern_takes_for_others_hide_no_word(word: str) -> None:
    assert SecurityCodes(["kod"]).may_be_in(word)
