"""Hosted pages of a profile: how each is recognised and filled."""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from payconform.model.profile import Match, Page
from payconform.profile.mistakes import Mistake, meant, one_of, shown

_SAMPLE: Mapping[str, str | int] = {
    "number": "4242424242424242",
    "expiry_month": 1,
    "expiry_year": 2030,
    "expiry_yy": "30",
    "cvv": "123",
}


def page(members: Mapping[str, Any], key: str) -> Page:
    """One page of the checked shape."""
    match = members["match"]
    if len(match) != 1:
        raise Mistake(f"{key}.match", f"names {one_of(match) if match else 'nothing'}; give exactly one of field, url or text")
    for fill in ("fill", "fill_reject"):
        for field, template in members.get(fill, {}).items():
            _check_template(template, f"{key}.{fill}.{field}")
    return Page(**{**members, "match": Match(**match)})


def _check_template(template: str, key: str) -> None:
    """Templates are filled by `str.format`: try with a card, so that no page finds the mistake."""
    allowed = one_of(f"{{{name}}}" for name in _SAMPLE)
    try:
        for name in _names(template):
            if name not in _SAMPLE:
                raise Mistake(key, f"names {{{name}}}{meant(name, _SAMPLE)}; allowed is {allowed}")
        template.format(**_SAMPLE)
    except (ValueError, KeyError, IndexError, AttributeError):
        hint = "a brace of its own is written twice"
        raise Mistake(key, f"is {shown(template)}, which is not a template; allowed is {allowed}, and {hint}") from None


def _names(template: str) -> Iterator[str]:
    return (name for _, name, _, _ in Formatter().parse(template) if name is not None)
