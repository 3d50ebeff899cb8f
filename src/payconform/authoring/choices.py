"""What a draft is made of: the choices by which an order differs from the plain one, and how to make them fewer."""

from typing import Any

from msgspec import Struct

ORDINARY_QUERIES = ("?a=1", "?a=1&b=Two", "/Shop", "/Shop/42?step=Done&page=3")
STRANGE_QUERIES = (
    "?name=%E4%B8%AD%20%26%3D&tag=b&tag=a&none=",
    "?q=a+b%26c&empty=",
    "/a;v=1/B.c~d//e%2Ff/",
    "/thank%20you?next=https%3A%2F%2Fshop.example%2F%3Fa%3D1",
    "/" + "/".join(["segment"] * 12),
)
BACKWARDS = 0
"""The sequence that is the plain one backwards, whatever decides how to read a member stands behind it then."""
LONGEST_URL = 255
"""Characters of an address that the companion pages allow (RQ-24)."""


class Choice(Struct, frozen=True):
    """One thing by which an order differs from the plain one; `what` names a member, or `sequence` of the members, or all
    `addresses`.

    Whoever accepts the plain order has to accept an ordinary choice too; what else is lawful may be refused (RQ-25).
    """

    what: str
    value: Any
    ordinary: bool = False

    def describe(self) -> str:
        """For reports: member and value, without card data."""
        if self.what == "request_id":
            return f"a request_id of {self.value} characters"
        if self.what == "digits":
            return f"a request_id of nothing but digits that begins with {self.value}"
        if self.what == "card":
            return f"card {self.value + 1} of its role"
        if self.what in ("cvv", "sequence"):
            return {"cvv": "a cvv that begins with 0", "sequence": "its members in another sequence"}[self.what]
        if self.what == "addresses":
            return f"addresses of {self.value} characters"
        return f"{self.what} {self.value!r}"


Draft = tuple[Choice, ...]


def simplest(draft: Draft) -> tuple[Draft, ...]:
    """The plain order, and each choice of a draft alone."""
    return ((), *((choice,) for choice in draft if len(draft) > 1)) if draft else ()


def smaller(draft: Draft) -> tuple[Draft, ...]:
    """Less than a draft, where nothing simplest fails: its halves, or a shorter text in its only choice."""
    if len(draft) > 1:
        half = len(draft) // 2
        return (draft[:half], draft[half:]) if len(draft) > 2 else ()
    return tuple((Choice(choice.what, value, choice.ordinary),) for choice in draft for value in _shorter(choice))


def size(draft: Draft) -> tuple[int, int]:
    """What `simplest` and `smaller` make less: the number of choices, then how much there is to read."""
    return len(draft), sum(len(str(choice.value)) for choice in draft)


def describe(draft: Draft) -> str:
    """A draft for reports."""
    return ", ".join(choice.describe() for choice in draft) or "nothing special"


def _shorter(choice: Choice) -> list[str]:
    text = choice.value
    if choice.what not in ("product_name", "description") or len(text) < 2:
        return []
    if len(text) > 8:
        half = len(text) // 2
        return [text[:half], text[half:]]
    return list(dict.fromkeys(text))
