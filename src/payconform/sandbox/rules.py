"""What the provider demands of a create-order request. Every rule is a method, so that a mutant drops exactly one.

The rules are the sandbox's own reading of the guide (Request Parameters; 2.1 and 2.2, Required Parameters), written apart from
the schemas the harness judges with: two opinions that agree are worth more than one used twice.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import urlsplit

from payconform.model.clause import Mode
from payconform.model.wire import load_json
from payconform.sandbox.cards import passes_luhn
from payconform.sandbox.foundation import Foundation
from payconform.sandbox.order import INVALID, MALFORMED, CardDetails, Document, Refusal, Terms

# Digits after the point: what a minor unit is worth in each currency the provider takes.
TWO_DECIMALS = (
    *("USD", "CNY", "EUR", "GBP", "HKD", "SGD", "AUD", "CAD", "CHF", "NZD", "SEK", "NOK", "DKK"),
    *("PLN", "INR", "THB", "MYR", "PHP", "IDR", "TWD", "BRL", "MXN", "ZAR", "AED", "SAR", "TRY"),
)
DECIMALS = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3} | dict.fromkeys(TWO_DECIMALS, 2)
LONGEST = {"request_id": 20, "product_name": 30, "description": 50, "notify_url": 255, "fail_url": 255, "success_url": 255}
AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]+)?")
CARD_NUMBER = re.compile(r"[0-9]{12,19}")
CVV = re.compile(r"[0-9]{3,4}")
NOT_IN_URL = re.compile(r"[\s\x00-\x1f\x7f]")
CARD_DATA = "channel_extra.card_data"
TOKEN_DATA = "channel_extra.token_data"

Reader = Callable[[str, Any], Any]


def is_missing(value: object) -> bool:
    """Absent, null, empty and blank are one: nothing was given (RQ-01 to RQ-12)."""
    return value is None or (isinstance(value, str) and not value.strip())


def is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def invalid(path: str, problem: str) -> Refusal:
    return Refusal(INVALID, f"{path} {problem}")


class Rules(Foundation):
    """Reads the bytes of a request into `Terms`, or raises `Refusal` for the first rule they break."""

    def parse(self, raw: bytes) -> Any:
        """The JSON value of a body; fractions keep their text. What is not well-formed goes to `on_malformed` (EP-04)."""
        try:
            return load_json(raw, parse_float=Decimal, parse_constant=self.refuse_constant, object_pairs_hook=self.read_members)
        except ValueError as error:
            return self.on_malformed(raw, error)

    def on_malformed(self, raw: bytes, error: Exception) -> Any:  # noqa: ARG002 - a mutant reads the raw bytes
        raise Refusal(MALFORMED, "the request body is not well-formed JSON") from error

    def refuse_constant(self, name: str) -> NoReturn:
        raise ValueError(f"{name} is not JSON")

    def read_members(self, pairs: list[tuple[str, Any]]) -> Document:
        """An object's members; one that is given twice could be validated once and charged once (EP-06)."""
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("a member is given twice")
        return members

    def require_object(self, value: Any) -> Document:
        """The body as an object (EP-05)."""
        if not isinstance(value, dict):
            raise Refusal(MALFORMED, "the request body must be a JSON object")
        return value

    def read_terms(self, document: Document) -> Terms:
        """The terms of an order, its common members first, in the order of the guide's table."""
        common = {member: self.read(document, member, reader) for member, reader in self.common_readers().items()}
        self.check_decimals(common["target_amount"], common["target_currency"])
        terms = {
            "amount": common["target_amount"],
            "currency": common["target_currency"],
            **{name: common[name] for name in TAKEN_AS_NAMED},
        }
        if common["pay_access_type"] == 1:
            return self.read_cashier(document, terms)
        return self.read_direct(document, terms)

    def common_readers(self) -> Mapping[str, Reader]:
        return {
            "target_amount": self.read_amount,
            "target_currency": self.read_currency,
            "transaction_type": self.read_transaction_type,
            "notify_url": self.read_url,
            "request_id": self.read_text,
            "fail_url": self.read_url,
            "success_url": self.read_url,
            "product_name": self.read_text,
            "description": self.read_text,
            "way_type": self.read_way_type,
            "api_version": self.read_api_version,
            "pay_access_type": self.read_access_type,
        }

    def read_cashier(self, document: Document, terms: Document) -> Terms:  # noqa: ARG002 - a mutant looks for card data in it
        """Cashier mode needs no card data and takes none (CA-01, CA-09)."""
        return Terms(mode=Mode.CASHIER, **terms)

    def read_direct(self, document: Document, terms: Document) -> Terms:
        extra = self.read(document, "channel_extra", self.read_object)
        extra_type = self.read(extra, "channel_extra.extra_type", self.read_extra_type)
        if extra_type == "token":
            token_data = self.read(extra, TOKEN_DATA, self.read_object)
            token = self.read(token_data, f"{TOKEN_DATA}.token", self.read_token)
            return Terms(mode=Mode.TOKEN, token=token, **terms)
        card_data = self.read(extra, CARD_DATA, self.read_object)
        card = self.read_card(card_data)
        stores = self.read_store_flag(card_data.get("store_for_future_use"))
        return Terms(mode=Mode.CARD, card=card, stores=stores, **terms)

    def read(self, container: Document, path: str, reader: Reader) -> Any:
        """The member at the end of `path`, read; what is missing is refused, or whatever `on_missing` makes of it."""
        value = container.get(path.rpartition(".")[2])
        return self.on_missing(path) if is_missing(value) else reader(path, value)

    def on_missing(self, path: str) -> Any:
        raise invalid(path, "is required")

    def read_text(self, path: str, value: Any) -> str:
        if not isinstance(value, str):
            raise invalid(path, "must be a string")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise invalid(path, "is not valid Unicode text")
        self.check_length(path, value)
        return value

    def check_length(self, path: str, value: str) -> None:
        """At most so many characters (RQ-24)."""
        longest = LONGEST.get(path)
        if longest is not None and len(value) > longest:
            raise invalid(path, f"must have at most {longest} characters")

    def read_amount(self, path: str, value: Any) -> str:
        """A decimal string above zero, in major units (RQ-13 to RQ-15)."""
        if not isinstance(value, str):
            raise invalid(path, "must be a string")
        if not AMOUNT.fullmatch(value):
            raise invalid(path, "must be a decimal amount")
        if not Decimal(value):
            raise invalid(path, "must be more than zero")
        return value

    def read_currency(self, path: str, value: Any) -> str:
        if self.read_text(path, value) not in DECIMALS:
            raise invalid(path, "is not a known currency")
        return str(value)

    def check_decimals(self, amount: str, currency: str) -> None:
        """No finer than the currency's minor unit (RQ-16)."""
        if len(amount.partition(".")[2]) > DECIMALS.get(currency, 2):
            raise invalid("target_amount", f"has more decimals than {currency}")

    def read_transaction_type(self, path: str, value: Any) -> str:
        return self.read_constant(path, value, "PAY_IN")

    def read_way_type(self, path: str, value: Any) -> str:
        return self.read_constant(path, value, "CARD_PAYMENT")

    def read_api_version(self, path: str, value: Any) -> str:
        return self.read_constant(path, value, "V2")

    def read_constant(self, path: str, value: Any, constant: str) -> str:
        if value != constant:
            raise invalid(path, f"must be {constant}")
        return constant

    def read_access_type(self, path: str, value: Any) -> int:
        if not is_integer(value) or value not in (1, 2):
            raise invalid(path, "must be the integer 1 or 2")
        return int(value)

    def read_url(self, path: str, value: Any) -> str:
        """An absolute http or https URL (RQ-23)."""
        text = self.read_text(path, value)
        try:
            parts = urlsplit(text)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or NOT_IN_URL.search(text):
            raise invalid(path, "must be an http or https URL")
        return text

    def read_object(self, path: str, value: Any) -> Document:
        if not isinstance(value, dict):
            raise invalid(path, "must be an object")
        return value

    def read_extra_type(self, path: str, value: Any) -> str:
        if value not in ("card", "token"):
            raise invalid(path, "must be card or token")
        return str(value)

    def read_token(self, path: str, value: Any) -> str:
        return self.read_text(path, value)

    def read_card(self, card_data: Document) -> CardDetails:
        card = CardDetails(
            number=self.read(card_data, f"{CARD_DATA}.number", self.read_number),
            expiry_month=self.read(card_data, f"{CARD_DATA}.expiry_month", self.read_month),
            expiry_year=self.read(card_data, f"{CARD_DATA}.expiry_year", self.read_year),
            cvv=self.read(card_data, f"{CARD_DATA}.cvv", self.read_cvv),
        )
        if self.is_expired(card.expiry_month, card.expiry_year):
            raise invalid(f"{CARD_DATA}.expiry_year", "and expiry_month are in the past")
        return card

    def read_number(self, path: str, value: Any) -> str:
        """12 to 19 digits with a right check digit (DC-06, DC-07)."""
        if not isinstance(value, str):
            raise invalid(path, "must be a string")
        if not self.is_possible_number(value):
            raise invalid(path, "is not a card number")
        return value

    def is_possible_number(self, number: str) -> bool:
        return bool(CARD_NUMBER.fullmatch(number)) and passes_luhn(number)

    def read_month(self, path: str, value: Any) -> int:
        if not is_integer(value) or not 1 <= value <= 12:
            raise invalid(path, "must be an integer from 1 to 12")
        return int(value)

    def read_year(self, path: str, value: Any) -> int:
        if not is_integer(value) or not 1000 <= value <= 9999:
            raise invalid(path, "must be an integer of four digits")
        return int(value)

    def is_expired(self, month: int, year: int) -> bool:
        """A card is good to the last day of its month (DC-13)."""
        now = self.settings.clock()
        return (year, month) < (now.year, now.month)

    def read_cvv(self, path: str, value: Any) -> str:
        if not isinstance(value, str):
            raise invalid(path, "must be a string")
        if not CVV.fullmatch(value):
            raise invalid(path, "must be 3 or 4 digits")
        return value

    def read_store_flag(self, value: Any) -> bool:
        """Optional; nothing given means false (DC-16, DC-17)."""
        if value is None:
            return False
        if not isinstance(value, bool):
            raise invalid(f"{CARD_DATA}.store_for_future_use", "must be a boolean")
        return value


TAKEN_AS_NAMED = ("notify_url", "request_id", "fail_url", "success_url", "product_name", "description", "api_version")
