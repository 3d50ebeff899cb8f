"""Masks card data and credentials before anything is recorded (clauses PC-01 to PC-03).

What is masked: the card numbers of the run in any spelling, security codes where a name or a card around them says what
they are, the run's secrets, and headers that carry credentials. Nothing else changes: digits that are no card number of
the run stay, and JSON stays JSON.
"""

import re
import threading
from collections.abc import Callable, Iterable
from string import Formatter
from typing import Any, Generic, NamedTuple, TypeVar

from payconform.journal.base64_text import mask_base64
from payconform.journal.card_numbers import CardNumbers, is_digits
from payconform.journal.credentials import Credentials
from payconform.journal.json_text import Cleaning, Path, is_json, mask_json, written_out
from payconform.journal.masks import SECRET_MASK, Note, What, masked_number
from payconform.journal.partial_numbers import PartialNumbers
from payconform.journal.rewritten_numbers import RewrittenNumbers
from payconform.journal.security_codes import SecurityCodes
from payconform.journal.unknown_numbers import mask_unknown
from payconform.model.evidence import Headers, Leak
from payconform.model.profile import Card, Profile

T = TypeVar("T")

_MOST_KEPT = 10_000
_LONGEST_KEPT = 300
_CREDENTIAL_HEADER = re.compile(r"authorization|cookie|api-?key|secret|password|^x-auth-appid$", re.IGNORECASE)


class Masked(NamedTuple, Generic[T]):
    """A masked value, and what was masked in it; `leaks` says something only of messages that came from the target."""

    value: T
    leaks: tuple[Leak, ...]


class Redactor:
    """Masks the card data and secrets it knows of. Safe to use and to teach from any thread.

    `credential_headers` are header names whose values are masked whole; `code_fields` are the form fields in which the
    target's pages ask for the security code. With `unknown` also card numbers and codes that nobody taught it are masked, where
    they show by themselves what they are: for whoever captures without knowing the cards in play.
    """

    def __init__(
        self,
        cards: Iterable[Card] = (),
        secrets: Iterable[str] = (),
        credential_headers: Iterable[str] = (),
        code_fields: Iterable[str] = (),
        *,
        unknown: bool = False,
    ) -> None:
        self._lock = threading.Lock()
        self._numbers = CardNumbers()
        self._parts = PartialNumbers()
        self._rewritten = RewrittenNumbers()
        self._unknown = unknown
        self._codes = SecurityCodes(tuple(code_fields), note_unknown=unknown)
        self._credentials = Credentials()
        self._credential_headers = frozenset(name.lower() for name in credential_headers)
        self._learnt: set[tuple[What, str]] = set()
        self._clean: set[str] = set()
        for card in cards:
            self.learn_number(card.number)
            self.learn_cvv(card.cvv)
            if is_digits(card.number):
                self._parts.learn(card.number)
                self._rewritten.learn(card.number)
        for secret in secrets:
            self.learn_secret(secret)

    @classmethod
    def of(cls, profile: Profile) -> "Redactor":
        """A redactor that knows everything of a profile that must not be recorded."""
        fills = [fill for page in profile.payer.pages for fill in (page.fill, page.fill_reject)]
        return cls(
            cards=profile.cards,
            secrets=(profile.auth.secret, *profile.auth.headers.values(), profile.callbacks.token),
            credential_headers=profile.auth.headers,
            code_fields={field for fill in fills for field, template in fill.items() if _names_code(template)},
        )

    def learn_number(self, number: str) -> None:
        """Mask a card number from now on; anything but 12 digits or more is no card number."""
        self._learn("card number", number, self._numbers.learn)

    def learn_cvv(self, cvv: str) -> None:
        """Mask a security code from now on; anything but three or four digits is none."""
        self._learn("cvv", cvv, self._codes.learn)

    def learn_secret(self, secret: str) -> None:
        """Mask a secret from now on; what is too short, or a word of the journal itself, is none."""
        self._learn("secret", secret, self._credentials.learn)

    def _learn(self, what: What, said: str, learn: Callable[[str], None]) -> None:
        """Learn what is new; what was clean so far may not be any more."""
        with self._lock:
            if (what, said) not in self._learnt:
                learn(said)
                self._learnt.add((what, said))
                self._clean = set()

    def secret_forms(self) -> tuple[str, ...]:
        """The texts that are masked as secrets."""
        with self._lock:
            return self._credentials.forms

    def learn_order(self, document: Any) -> None:
        """Know the card of an order, which may be one made up for a refusal (`channel_extra.card_data`)."""
        extra = document.get("channel_extra") if isinstance(document, dict) else None
        card = extra.get("card_data") if isinstance(extra, dict) else None
        self._parts.learn_sent(document)
        if isinstance(card, dict):
            self.learn_number(str(card.get("number")))
            self.learn_cvv(str(card.get("cvv")))

    def text(self, text: str, where: str = "", name: str = "") -> Masked[str]:
        """Mask text that is not JSON as a whole: a URL, a header's value, a line of a log. `name` is what it is called."""
        found = _Found(where)
        return Masked(self._text(text, found.note, name), found.leaks())

    def body(self, raw: bytes, where: str = "") -> Masked[bytes]:
        """Mask a message body. JSON remains JSON and is equal apart from the masks."""
        found = _Found(where)
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            masked = self._text(raw.decode(errors="surrogateescape"), found.note)
            return Masked(masked.encode(errors="surrogateescape"), found.leaks())
        masked = self._json(text, found.note) if is_json(text) else self._text(text, found.note)
        return Masked(masked.encode(), found.leaks())

    def headers(self, headers: Headers) -> Masked[Headers]:
        """Mask headers: credentials whole, names and other values as text."""
        masked = [self._header(name, value) for name, value in headers]
        return Masked(
            tuple((name.value, value.value) for name, value in masked),
            tuple(leak for pair in masked for found in pair for leak in found.leaks),
        )

    def _header(self, name: str, value: str) -> tuple[Masked[str], Masked[str]]:
        called = self.text(name, "the name of a header")
        said = self.text(value, f"header {called.value.lower()}", called.value)
        return called, said._replace(value=SECRET_MASK) if self.carries_credentials(name) else said

    def carries_credentials(self, header: str) -> bool:
        """Whether a header of this name is masked whole."""
        return header.lower() in self._credential_headers or _CREDENTIAL_HEADER.search(header) is not None

    def _text(self, text: str, note: Note, name: str = "") -> str:
        """Mask until nothing is left to mask: one mask may leave digits side by side that are a number again."""
        clean = self._clean  # taken before the text is looked at: whoever learns meanwhile puts another in its place
        if text in clean:
            return text
        given = text
        while (masked := self._once(text, note, name)) != text:
            text = masked
        if text == given and len(text) <= _LONGEST_KEPT and not self._unknown:
            if len(clean) == _MOST_KEPT:
                clean.clear()
            clean.add(text)
        return text

    def _once(self, text: str, note: Note, name: str) -> str:
        text = self._rewritten.mask(self._numbers.mask(text, note), note)
        text = self._parts.mask(text, note)
        if self._unknown:
            text = mask_unknown(text, note, name)
        text = mask_base64(text, lambda said: self._said_in_base64(said, note))
        return self._credentials.mask(self._codes.mask(text, note), note)

    def _said_in_base64(self, said: str, note: Note) -> str:
        if not (self._numbers.may_be_in(said) or self._credentials.may_be_in(said) or self._codes.may_be_in(said)):
            return said

        def in_base64(what: What, form: str) -> None:  # noqa: ARG001 -- the encoding is what matters, not the form inside
            note(what, "base64")

        masked = self._numbers.mask(said, in_base64)
        if self._unknown:
            masked = mask_unknown(masked, in_base64)
        return self._credentials.mask(self._codes.mask(masked, in_base64), in_base64)

    def _json(self, text: str, note: Note) -> str:
        def string(said: str, path: Path) -> str:
            said = self._codes.member(path[-1], said, note)
            if any("card" in name.lower() for name in path[:-1]):
                said = self._codes.string_of_card(path[-1], said, note)
            return self._text(said, note, path[-1])

        def number(said: str, path: Path) -> str:
            if self._numbers.knows(digits := written_out(said)):
                note("card number", "plain" if digits == said else "JSON number")
                return masked_number(digits)
            if self._unknown and (masked := mask_unknown(digits, note, path[-1])) != digits:
                return masked
            return self._text(self._codes.member(path[-1], said, note), note, path[-1])

        return mask_json(text, Cleaning(name=lambda said: self._text(said, note), string=string, number=number))


class _Found:
    """What one masking found, as leaks from one place of a message."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._leaks: dict[Leak, None] = {}

    def note(self, what: What, form: str) -> None:
        self._leaks[Leak(what, form, self._where)] = None

    def leaks(self) -> tuple[Leak, ...]:
        return tuple(self._leaks)


def _names_code(template: str) -> bool:
    return any(name == "cvv" for _, name, _, _ in Formatter().parse(template))
