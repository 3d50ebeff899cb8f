"""A hosted page as a payer without a script engine sees it."""

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml import etree

from payconform.adapters.html_form import Control, Form, Option
from payconform.model.message import Response

UNSEEN = frozenset({"script", "style", "template", "noscript"})
CONTROLS = ("input", "select", "textarea", "button")
# The encodings of the web; Python knows others ("idna", "hex") that are none.
WEB_ENCODING = re.compile(r"utf-8|utf-16|iso8859|cp\d|koi8|shift_jis|euc|gb|big5|mac|tis")
META_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
REFRESH = re.compile(r"\s*(\d{0,6})[\d.]*\s*[;,]?\s*(?:url\s*=)?\s*[\"']?([^\"']*)", re.IGNORECASE)


class Refresh(NamedTuple):
    """The page asks to go to `url` after `seconds`; as a `fallback` only browsers that run no scripts."""

    seconds: int
    url: str
    fallback: bool = False


class HostedPage(NamedTuple):
    """What a response shows a payer. Addresses are absolute; `loose_fields` are fields that no form would submit, `labels` the
    texts of `links`.

    `scripts` are the inline scripts and event handlers; `scripted` also counts scripts loaded from elsewhere.
    """

    url: str
    status: int
    charset: str = "utf-8"
    text: str = ""
    forms: tuple[Form, ...] = ()
    loose_fields: tuple[str, ...] = ()
    refresh: Refresh | None = None
    frames: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    scripted: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """The name of every field and button on the page."""
        named = {control.name for form in self.forms for control in form.controls if control.name}
        return frozenset(named.union(self.loose_fields))


def read_page(url: str, response: Response) -> HostedPage:
    """The page that `response` shows at `url`; what is not HTML shows nothing."""
    status = response.status or 0
    kind = response.header("content-type").lower()
    text, charset = _decode(response.body, kind)
    root = _parse(text) if not kind or "html" in kind or "xml" in kind else None
    refresh = response.header("refresh")
    if root is None:
        return HostedPage(url=url, status=status, refresh=_refresh(url, url, refresh))
    return _page_of(root, url, status, charset, refresh)


def join(base: str, reference: str) -> str:
    """The absolute address of a reference, "" when it is not one."""
    try:
        return urljoin(base, reference.strip())
    except ValueError:
        return ""


def is_web_address(url: str) -> bool:
    """Whether a browser would request it over HTTP."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _decode(body: bytes, content_type: str) -> tuple[str, str]:
    """The text of a page, and the encoding its forms are submitted in."""
    declared = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type)
    in_page = META_CHARSET.search(body[:2048])
    labels = [declared[1] if declared else "", in_page[1].decode("ascii", "replace") if in_page else ""]
    charset = next((known for known in map(_encoding, labels) if known), "utf-8")
    text = body.decode(charset, "replace").lstrip("\ufeff")
    return text, "utf-8" if charset.startswith("utf-16") else charset


def _encoding(label: str) -> str:
    """Python's name for an encoding of the web, "" for anything else."""
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return ""
    if name in ("ascii", "iso8859-1"):
        return "cp1252"  # as every browser reads these two
    return name if WEB_ENCODING.match(name) else ""


def _parse(text: str) -> "etree._Element | None":
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # an empty document
        return None
    if root is not None:
        etree.strip_elements(root, "template", with_tail=False)  # what scripts may make of it is not there yet
    return root


def _page_of(root: "etree._Element", url: str, status: int, charset: str, refresh_header: str) -> HostedPage:
    base = join(url, next((_get(element, "href") for element in root.iter("base") if _get(element, "href")), "")) or url
    metas = (meta for meta in root.iter("meta") if _get(meta, "http-equiv").lower() == "refresh")
    meta = None if refresh_header else next(metas, None)
    refresh = _refresh(url, base, refresh_header if meta is None else _get(meta, "content"))
    if refresh and meta is not None and next(meta.iterancestors("noscript"), None) is not None:
        refresh = refresh._replace(fallback=True)
    owned, loose = _controls(root)
    links = tuple(_linked(root, base, ("a", "area"), "href"))
    return HostedPage(
        url=url,
        status=status,
        charset=charset,
        text=" ".join(" ".join(_seen_text(root)).split()),
        forms=tuple(_form(form, url, base, owned.get(form, [])) for form in root.iter("form")),
        loose_fields=tuple(control.name for control in loose if control.name),
        refresh=refresh,
        frames=tuple(address for address, _ in _linked(root, base, ("iframe", "frame"), "src")),
        links=tuple(address for address, _ in links),
        labels=tuple(label for _, label in links),
        scripts=tuple(_scripts(root)),
        scripted=next(root.iter("script"), None) is not None,
    )


def _refresh(url: str, base: str, content: str) -> Refresh | None:
    found = REFRESH.match(content)
    if not content.strip() or found is None:
        return None
    return Refresh(int(found[1] or 0), join(base, found[2]) if found[2].strip() else url)


def _seen_text(root: "etree._Element") -> Iterator[str]:
    for element in root.iter():
        if element.tag not in UNSEEN and element.text:
            yield element.text
        if element.tail:
            yield element.tail


def _scripts(root: "etree._Element") -> Iterator[str]:
    for element in root.iter():
        if element.tag == "script" and "json" not in _get(element, "type"):
            yield element.text or ""
        yield from (str(value) for name, value in element.attrib.items() if str(name).startswith("on"))


def _linked(root: "etree._Element", base: str, tags: tuple[str, ...], attribute: str) -> Iterator[tuple[str, str]]:
    """The addresses that elements lead to, and what can be read on them."""
    for element in root.iter(*tags):
        address = join(base, _get(element, attribute)) if _get(element, attribute) else ""
        if is_web_address(address):
            yield address, " ".join("".join(element.itertext()).split())


def _controls(root: "etree._Element") -> "tuple[dict[etree._Element, list[Control]], list[Control]]":
    """The controls of each form, by `form` attribute or by nesting, and those that belong to none."""
    by_id = {_get(form, "id"): form for form in reversed(list(root.iter("form"))) if _get(form, "id")}
    owned: dict[etree._Element, list[Control]] = {}
    loose: list[Control] = []
    for element in root.iter(*CONTROLS):
        named = _get(element, "form")
        owner = by_id.get(named) if named else next(element.iterancestors("form"), None)
        (loose if owner is None else owned.setdefault(owner, [])).append(_control(element))
    return owned, loose


def _form(element: "etree._Element", url: str, base: str, controls: list[Control]) -> Form:
    action = _get(element, "action")
    return Form(
        action=join(base, action) if action.strip() else url,
        method=_get(element, "method").strip().lower(),
        enctype=_get(element, "enctype").strip().lower(),
        controls=tuple(_absolute(control, base) for control in controls),
    )


def _absolute(control: Control, base: str) -> Control:
    return control._replace(action=join(base, control.action)) if control.action else control


def _control(element: "etree._Element") -> Control:
    tag = str(element.tag)
    kind = _kind(tag, _get(element, "type").strip().lower())
    words = " ".join("".join(element.itertext()).split()) if tag == "button" else ""
    value = (element.text or "") if tag == "textarea" else _get(element, "value")
    if kind in ("checkbox", "radio") and element.get("value") is None:
        value = "on"
    return Control(
        kind=kind,
        name=_get(element, "name"),
        value=value,
        checked=element.get("checked") is not None,
        disabled=element.get("disabled") is not None
        or any(fieldset.get("disabled") is not None for fieldset in element.iterancestors("fieldset")),
        options=tuple(_options(element)) if tag == "select" else (),
        multiple=element.get("multiple") is not None,
        label=words or (value if tag == "input" else "") or _get(element, "aria-label") or _get(element, "alt"),
        action=_get(element, "formaction"),
        method=_get(element, "formmethod").strip().lower(),
        enctype=_get(element, "formenctype").strip().lower(),
    )


def _kind(tag: str, declared: str) -> str:
    if tag == "button":
        return declared if declared in ("button", "reset") else "submit"
    return declared or "text" if tag == "input" else tag


def _options(select: "etree._Element") -> Iterator[Option]:
    for element in select.iter("option"):
        if element.get("disabled") is None:
            label = " ".join("".join(element.itertext()).split())
            value = element.get("value")
            yield Option(label if value is None else str(value), label, element.get("selected") is not None)


def _get(element: "etree._Element", name: str) -> str:
    return str(element.get(name) or "")
