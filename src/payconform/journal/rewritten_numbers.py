"""Finds known card numbers that are written as programs disguise them: backwards, in hexadecimal, or in base32."""

import re
from base64 import b32encode

from payconform.journal.masks import Note, masked_number


class RewrittenNumbers:
    """The numbers of some cards, which are to be real ones: of a made-up number another spelling may be anything."""

    def __init__(self) -> None:
        self._masks: dict[str, tuple[str, str]] = {}
        self._pattern: re.Pattern[str] | None = None

    def learn(self, number: str) -> None:
        """Know a number from now on."""
        hexadecimal = (f"{int(number):x}", number.encode().hex())
        spellings = {number[::-1]: "backwards"} | {
            spelling: "hexadecimal" for lower in hexadecimal for spelling in (lower, lower.upper())
        }
        in_base32 = b32encode(number.encode()).decode().rstrip("=")
        spellings |= dict.fromkeys((in_base32, in_base32.lower()), "base32")
        self._masks |= {spelling: (masked_number(number), form) for spelling, form in spellings.items() if spelling != number}
        longest_first = sorted(self._masks, key=len, reverse=True)
        self._pattern = re.compile(f"(?:{'|'.join(longest_first)})(?![0-9A-Za-z])")

    def mask(self, text: str, note: Note) -> str:
        """The text with every number reduced to its first six and last four digits, read forwards and in decimals."""

        def masked(found: re.Match[str]) -> str:
            before = text[max(found.start() - 1, 0) : found.start()]
            if before.isalnum() and text[max(found.start() - 2, 0) : found.start()] != "0x":
                return found[0]
            mask, form = self._masks[found[0]]
            note("card number", form)
            return mask

        return self._pattern.sub(masked, text) if self._pattern else text
