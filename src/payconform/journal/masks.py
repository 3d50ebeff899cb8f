"""What every masker shares: the masks themselves, and how a masker tells what it found."""

from collections.abc import Callable
from typing import Literal

What = Literal["card number", "part of a card number", "cvv", "secret"]
Note = Callable[[What, str], None]
"""Told of each find: what it is, and in which form it was written."""

CALLBACK_BODY = "callback body"
"""Where a leak was, when it was in the body of a callback."""

CODE_MASK = "***"
SECRET_MASK = "[secret]"


def masked_number(number: str) -> str:
    """First six and last four digits: the most of a card number that PCI DSS lets anyone show."""
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"
