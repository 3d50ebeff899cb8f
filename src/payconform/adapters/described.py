"""What a profile says of a hosted page: which one it is, and which of its forms is filled with what."""

import re
from collections.abc import Mapping

from payconform.adapters.hosted_page import HostedPage
from payconform.adapters.html_form import Control, Form, FormError
from payconform.model.profile import Match, Page


def is_described(described: Page, page: HostedPage) -> bool:
    """Whether a page is the described one: an address may show another when it was filled, one that asks for nothing."""
    asks = page.forms or page.loose_fields or page.scripted or page.scripts
    return matches(described.match, page) and bool(asks or chosen_link(described, page))


def matches(match: Match, page: HostedPage) -> bool:
    if match.field:
        return match.field in page.fields
    if match.url:
        return re.search(match.url, page.url) is not None
    return re.search(match.text, page.text) is not None


def chosen_link(described: Page, page: HostedPage) -> str:
    """The link that a page is left by, "" for none; only `submit` says which of its links that is, where no button is it."""
    wanted = described.submit.strip().casefold()
    buttons = (label for form in page.forms for label in form.labels)
    if not wanted or described.fill or any(label.casefold() == wanted for label in buttons):
        return ""
    return next((link for link, label in zip(page.links, page.labels, strict=True) if label.casefold() == wanted), "")


def form_to_fill(described: Page, page: HostedPage, values: Mapping[str, str]) -> tuple[Form, Control | None]:
    """The form that takes all the values and has the button, and that button.

    Raises `FormError` with what the likeliest form lacks.
    """
    if not page.forms:
        raise FormError("the page has no form: it needs a browser as payer")
    wanted = {*values, described.match.field} - {""}
    ranked = sorted(page.forms, key=lambda form: -sum(map(form.has, wanted)))
    fitting = [form for form in ranked if all(map(form.has, wanted))] or ranked[:1]
    if described.submit:
        fitting = [form for form in fitting if any(c.is_called(described.submit) for c in form.controls)] or fitting[:1]
    elif not wanted and len(fitting) > 1:
        raise FormError("several forms, and neither `fill` nor `submit` says which")
    return fitting[0], fitting[0].button(described.submit, values)
