"""A badge with the verdict: SVG that needs no network, and JSON for a shields.io endpoint."""

from html import escape
from typing import Any

from msgspec import Struct

from payconform.model.finding import Verdict
from payconform.report.account import Account
from payconform.report.verdict import conclusion, is_stopped
from payconform.report.wording import VERDICTS

LABEL = "payment contract"
_GREEN, _YELLOW, _RED, _GREY = "#1a7f37", "#9a6700", "#cf222e", "#57606a"
"""Colours on which white text has a contrast of at least 4.5."""

_COLORS = {
    Verdict.CONFORMANT: _GREEN,
    Verdict.WITH_WARNINGS: _YELLOW,
    Verdict.NON_CONFORMANT: _RED,
    Verdict.INCONCLUSIVE: _GREY,
}
_CHARACTER = 7
"""Pixels that a character of 11 px text takes, on the safe side; textLength makes every font keep to it."""

_PADDING = 6
_HEIGHT = 20


class Badge(Struct, frozen=True):
    """What the badge says, and the colour behind it."""

    message: str
    color: str


def badge(account: Account) -> Badge:
    """The verdict; of a release that a gate stops, that it does."""
    decision = conclusion(account)
    if is_stopped(account):
        return Badge("stopped by the gate", _RED)
    return Badge(VERDICTS[decision.verdict].word.lower(), _COLORS[decision.verdict])


def badge_document(account: Account) -> dict[str, Any]:
    """The content of badge.json, as a shields.io endpoint gives it."""
    said = badge(account)
    return {"schemaVersion": 1, "label": LABEL, "message": said.message, "color": said.color}


def badge_svg(account: Account) -> str:
    """The content of badge.svg, which says the same to screen readers."""
    said = badge(account)
    left, right = (len(text) * _CHARACTER + 2 * _PADDING for text in (LABEL, said.message))
    told = escape(f"{LABEL}: {said.message}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" role="img" aria-label="{told}">'
        f"<title>{told}</title>"
        f'<clipPath id="r"><rect width="{left + right}" height="{_HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="{_HEIGHT}" fill="#424a53"/>'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="{said.color}"/></g>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">'
        f"{_text(LABEL, 0)}{_text(said.message, left)}</g></svg>\n"
    )


def _text(text: str, left: int) -> str:
    return f'<text x="{left + _PADDING}" y="14" textLength="{len(text) * _CHARACTER}">{escape(text)}</text>'
