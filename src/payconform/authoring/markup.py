"""Markup in the merchant's texts, and whether a page makes elements of it (CA-10)."""

from html.parser import HTMLParser

from payconform.authoring.make import Make
from payconform.model.order import Order

MARK = "pcca10"
PRODUCT_NAME = f"<i id={MARK}>x"
DESCRIPTION = f'"><b data-{MARK}=1>'
"""It leaves an attribute, if nobody escapes it there."""

_SCRIPTS = frozenset({"script", "style"})
_UNSEEN = frozenset({"iframe", "noembed", "noframes", "noscript", "template", "xmp"})
_PLAIN = frozenset({"textarea", "title"})
"""Elements that hold text and no elements."""


def marked_up(make: Make) -> Order | None:
    """An order with markup in the texts that a page may show; None where the profile's limits leave no room for any."""
    limits = make.profile.limits
    texts = (("product_name", PRODUCT_NAME, limits.product_name_max), ("description", DESCRIPTION, limits.description_max))
    fitting = {member: text for member, text, most in texts if len(text) <= most}
    return make.altered(make.order(), "", **fitting) if fitting else None


def elements_made(page: str) -> tuple[str, ...] | None:
    """The members of a marked-up order whose markup became elements of an HTML page; None where the page shows neither."""
    reader = _Reader()
    try:
        reader.feed(page)
        reader.close()
    except AssertionError:  # how the parser says that a declaration is none
        return None
    return tuple(sorted(reader.made)) if reader.shown or reader.made else None


class _Reader(HTMLParser):
    """Follows the tags of one page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.made: set[str] = set()
        self.shown = False
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._within:
            # Some versions of the parser take what stands in a text field for tags.
            self.handle_data(self.get_starttag_text() or "")
            return
        if tag == "i" and any(name == "id" and (value or "").lower() == MARK for name, value in attrs):
            self.made.add("product_name")
        elif tag == "b" and any(name == f"data-{MARK}" for name, _ in attrs):
            self.made.add("description")
        else:
            self.shown = self.shown or any(MARK in (value or "").lower() for _, value in attrs)
        if tag in _SCRIPTS | _UNSEEN | _PLAIN:
            self._within = tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # browsers do not heed the slash

    def handle_endtag(self, tag: str) -> None:
        if tag == self._within:
            self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within not in _SCRIPTS | _UNSEEN and MARK in data.lower():
            self.shown = True
