"""Renders a self-contained HTML page: its style and script stand in it, and its security policy allows nothing else."""

import base64
import hashlib
import re
from datetime import datetime
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from payconform.model.clause import Mode
from payconform.model.finding import Finding, Outcome
from payconform.report.sections.comparison import marked
from payconform.report.text import clip, one_line, visible
from payconform.report.wording import (
    ATTENTION,
    LEVELS,
    MODES,
    OUTCOMES,
    VERDICTS,
    amount,
    duration,
    duration_ms,
    level_of,
    waived,
)

_TEXT_LIMIT = 6_000
"""The last resort: sections cut their texts to what they have room for."""

_TEMPLATES = files("payconform.report") / "templates"
_STYLES = ("base.css", "print.css")


class Page(Struct, frozen=True):
    """Which page: its template, script and style share a name; `running_head` stands on top of each printed sheet."""

    name: str
    running_head: str


def rendered(page: Page, **content: object) -> str:
    """The page as one HTML document. `content` is what its template shows."""
    first, last = _STYLES
    style = "".join(map(_text, (first, f"{page.name}.css", last))) + _running_head(page.running_head)
    script = _text(f"{page.name}.js")
    return (
        _environment()
        .get_template(f"{page.name}.html.j2")
        .render(
            # A style or script of ours may stand in the page as it is; nothing of a target is in it.
            style=Markup(style),  # noqa: S704
            script=Markup(script),  # noqa: S704
            style_hash=_hash(style),
            script_hash=_hash(script),
            **content,
        )
    )


def _text(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("payconform.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    environment.globals.update(
        OUTCOMES=OUTCOMES, VERDICTS=VERDICTS, LEVELS=LEVELS, MODES=MODES, Outcome=Outcome, ATTENTION=ATTENTION, marked=marked
    )
    environment.filters.update(
        anchor=anchor,
        finding_anchor=finding_anchor,
        duration=duration,
        duration_ms=duration_ms,
        level_of=level_of,
        moment=_moment,
        amount=amount,
        line=one_line,
        waived=waived,
        outcome=_outcome,
    )
    return environment


def _harmless(value: Any) -> Any:
    """Every text that enters the page: its unshowable characters made visible, its length bounded. Markup is ours."""
    return visible(clip(value, _TEXT_LIMIT)) if isinstance(value, str) and not isinstance(value, Markup) else value


def anchor(name: str) -> str:
    """An id for the page made of a record's id."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def finding_anchor(finding: Finding) -> str:
    return place_anchor(finding.clause, finding.mode)


def place_anchor(clause: str, mode: Mode) -> str:
    return f"{anchor(clause)}-{mode.value}"


def _outcome(outcome: Outcome | str) -> str:
    """An outcome in words; "" is that of a clause without a finding."""
    return OUTCOMES[Outcome(outcome)].word if outcome else "no finding"


def _moment(stamp: str) -> str:
    """An ISO 8601 time for a reader, or the text as it is."""
    try:
        return datetime.fromisoformat(stamp).strftime("%d %B %Y, %H:%M:%S %Z").strip()
    except ValueError:
        return stamp


def _hash(text: str) -> str:
    """The source expression that allows one inline text in a content security policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _running_head(text: str) -> str:
    """A rule of the style sheet. Every character is written as a CSS escape."""
    escaped = "".join(
        character if character.isalnum() and character.isascii() else f"\\{ord(character):06x}" for character in text
    )
    return f'\n@page {{ @top-left {{ content: "{escaped}"; }} }}\n'
