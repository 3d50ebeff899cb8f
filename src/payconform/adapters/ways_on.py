"""Where a page that no profile describes leads by itself: the form that nobody has to fill, links, and what scripts say."""

import re
from html import unescape
from urllib.parse import urldefrag

from payconform.adapters.hosted_page import HostedPage, join
from payconform.adapters.html_form import Form
from payconform.model.address import same_place

MOST_REFRESH_S = 60

GIVES_UP = re.compile(r"cancel|abort|abbrech|annul|anular|取消|print|drucken|imprim|receipt", re.IGNORECASE)
"""Buttons and links that no payer means who wants to pay and to go back to the shop."""

SCRIPT_ESCAPE = re.compile(r"\\(?:u00|x)([0-9a-fA-F]{2})|\\(/)")
SCRIPT_ADDRESS = re.compile(r"https?://[^\s\"'`<>\\]+")


def unasked_form(page: HostedPage) -> Form | None:
    """The form that asks the payer nothing: what scripts submit by themselves, or a single "Continue"."""
    if len(page.forms) != 1:
        return None
    form = page.forms[0]
    gives_up = any(GIVES_UP.search(label) for label in form.labels)
    return None if form.visible_fields or len(form.buttons) > 1 or gives_up else form


def submits_itself(page: HostedPage) -> bool:
    """Whether a script on the page sends a form, as far as its text tells."""
    return any("submit" in script for script in page.scripts)


def is_too_late(page: HostedPage) -> bool:
    """Whether the page takes away who is too slow: what else it waits for, scripts may know."""
    return page.refresh is not None and page.refresh.seconds > MOST_REFRESH_S


def refreshes_soon(page: HostedPage) -> bool:
    """Whether the page takes its payer on by itself, and not for want of scripts."""
    return page.refresh is not None and not is_too_late(page) and not (page.refresh.fallback and page.scripted)


def onward_links(page: HostedPage) -> tuple[str, ...]:
    """The links to other pages, each once."""
    here = urldefrag(page.url).url
    return tuple(dict.fromkeys(link for link in (urldefrag(link).url for link in page.links) if link != here))


def own_link(page: HostedPage) -> str:
    """The one link of an ended page to its own host, "" where there is a choice or none, or where a script moves on."""
    inside = join(page.url, "/")
    own = [link for link in onward_links(page) if same_place(join(link, "/"), inside)]
    labels = [label for link, label in zip(page.links, page.labels, strict=True) if urldefrag(link).url in own]
    asks = any(form.visible_fields for form in page.forms)
    moves = page.scripted or bool(page.scripts)
    return own[0] if len(own) == 1 and not (asks or moves or any(map(GIVES_UP.search, labels))) else ""


def scripted_addresses(page: HostedPage) -> list[str]:
    """The addresses that the scripts of a page may move to, whether they were escaped for HTML, for a literal or not at all."""
    moving = "\n".join(script for script in page.scripts if "location" in script)
    readable = unescape(SCRIPT_ESCAPE.sub(lambda found: found[2] or chr(int(found[1], 16)), moving))
    return SCRIPT_ADDRESS.findall(readable)
