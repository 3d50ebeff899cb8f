"""What of a page is an element made of the merchant's text, and what is text (CA-10)."""

from html import escape
from random import Random

import msgspec
import pytest

from payconform.authoring import Make, elements_made, marked_up
from payconform.authoring.markup import DESCRIPTION, PRODUCT_NAME
from payconform.contract.register import reading_defaults
from payconform.model.clause import Mode
from payconform.model.profile import Card, Limits, Profile, Role, Target

CARD = Card(role=Role.APPROVED, number="4242424242424242", expiry_month=12, expiry_year=2035, cvv="123")


@pytest.mark.parametrize(
    ("page", "made"),
    [
        (f"<h1>{PRODUCT_NAME}</h1>", ("product_name",)),
        (f"<h1>{PRODUCT_NAME.upper()}</h1>", ("product_name",)),
        (f'<input value="{DESCRIPTION}">', ("description",)),
        (f"<p>{DESCRIPTION}</p><p>{PRODUCT_NAME}</p>", ("description", "product_name")),
        (f"<textarea>{DESCRIPTION}</textarea><p>{DESCRIPTION}</p>", ("description",)),
        (f"<textarea/>x</textarea><script>1 < 2</script><p>{PRODUCT_NAME}</p>", ("product_name",)),
    ],
)
def test_an_element_made_of_a_text_is_seen(page: str, made: tuple[str, ...]) -> None:
    assert elements_made(f"<!doctype html><body>{page}</body>") == made


@pytest.mark.parametrize(
    "page",
    [
        f"<h1>{escape(PRODUCT_NAME)}</h1>",
        f'<input value="{escape(DESCRIPTION)}">',
        f"<input value='{DESCRIPTION}'>",
        f'<p title="{PRODUCT_NAME}">x</p>',
        f"<textarea>{PRODUCT_NAME}</textarea>",
        f"<textarea/>{PRODUCT_NAME}</textarea>",
        f"<title>{DESCRIPTION}</title>",
        f"<p>{escape(PRODUCT_NAME)}</p><script>{PRODUCT_NAME}</script><noscript>{PRODUCT_NAME}</noscript>",
    ],
)
def test_text_is_no_element(page: str) -> None:
    assert elements_made(f"<!doctype html><body>{page}</body>") == ()


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<p>Your order</p>",
        f'<script type="application/json">{{"name": "{PRODUCT_NAME}"}}</script>',
        f"<!-- {PRODUCT_NAME} -->",
        f"<template>{PRODUCT_NAME}</template>",
        f"<style>{PRODUCT_NAME}",
        f"<![what[ {PRODUCT_NAME}",
    ],
)
def test_of_a_page_that_shows_no_text_nothing_is_said(page: str) -> None:
    assert elements_made(page) is None


@pytest.mark.parametrize(
    ("name", "description", "marked"),
    [(30, 50, {"product_name": PRODUCT_NAME, "description": DESCRIPTION}), (5, 50, {"description": DESCRIPTION}), (5, 5, {})],
)
def test_texts_are_sent_whole_or_not_at_all(name: int, description: int, marked: dict[str, str]) -> None:
    target = Target(name="t", environment="sandbox", base_url="http://t.example")
    profile = Profile(target=target, cards=(CARD,), readings=reading_defaults())
    profile = msgspec.structs.replace(profile, limits=Limits(product_name_max=name, description_max=description))
    order = marked_up(Make(profile, Mode.CASHIER, Random(1), "http://inbox.example", lambda: "o1"))  # noqa: S311 -- no secret
    sent = {member: text for member, text in order.document.items() if "<" in str(text)} if order else {}
    assert sent == marked
