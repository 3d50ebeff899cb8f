"""Faults of parsers that make the best of what they are given (clauses EP, RQ, DC, TK)."""

import re
from decimal import Decimal
from typing import Any

from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import CardDetails, Document
from payconform.sandbox.provider import Provider
from payconform.sandbox.rules import TOKEN_DATA, is_integer

SPOILED = re.compile(rb",\s*}\s*$")


@mutant("EP-04", "a comma behind the last member is overlooked")
class CommaTooManyAccepted(Provider):
    def on_malformed(self, raw: bytes, error: Exception) -> Any:
        mended = SPOILED.sub(b"}", raw)
        return self.parse(mended) if mended != raw else super().on_malformed(raw, error)


@mutant("EP-05", "an array of one order is taken for the order in it")
class ArrayOfOneOrderAccepted(Provider):
    def require_object(self, value: Any) -> Document:
        return super().require_object(value[0] if isinstance(value, list) and len(value) == 1 else value)


class Unwraps(Provider):
    """A provider that takes an array of one for what is in it, in one place."""

    path = ""

    def read_object(self, path: str, value: Any) -> Document:
        lone = path == self.path and isinstance(value, list) and len(value) == 1
        return super().read_object(path, value[0] if lone else value)


@mutant("DC-01", "channel_extra may be an array of one")
class ChannelExtraIsUnwrapped(Unwraps):
    path = "channel_extra"


@mutant("TK-03", "token_data may be the token itself")
class BareTokenAccepted(Provider):
    def read_object(self, path: str, value: Any) -> Document:
        bare = path == TOKEN_DATA and isinstance(value, str)
        return super().read_object(path, {"token": value} if bare else value)


@mutant("RQ-21", "a fraction of pay_access_type is cut to the integer")
class AccessTypeIsTruncated(Provider):
    def read_access_type(self, path: str, value: Any) -> int:
        return super().read_access_type(path, int(value) if isinstance(value, Decimal) else value)


@mutant("RQ-21", "pay_access_type true is 1")
class AccessTypeTrueIsOne(Provider):
    def read_access_type(self, path: str, value: Any) -> int:
        return super().read_access_type(path, 1 if value is True else value)


@mutant("RQ-20", "any api_version of one digit is taken")
class AnyNumberedVersionAccepted(Provider):
    def read_api_version(self, path: str, value: Any) -> str:
        numbered = isinstance(value, str) and re.fullmatch("V[0-9]", value)
        return "V2" if numbered else super().read_api_version(path, value)


@mutant("RQ-21", "the sign of pay_access_type is overlooked")
class AccessTypeLosesItsSign(Provider):
    def read_access_type(self, path: str, value: Any) -> int:
        return super().read_access_type(path, abs(value) if is_integer(value) else value)


@mutant("RQ-20", "an api_version is known by its number alone")
class VersionNumberAccepted(Provider):
    def read_api_version(self, path: str, value: Any) -> str:
        return "V2" if value in (2, "2") else super().read_api_version(path, value)


@mutant("DC-09", "a fraction of expiry_month is cut to the integer")
class MonthIsTruncated(Provider):
    def read_month(self, path: str, value: Any) -> int:
        return super().read_month(path, int(value) if isinstance(value, Decimal) else value)


@mutant("RQ-13", "a whole amount sent as a number is read as minor units, another is refused")
class WholeNumberIsMinorUnits(Provider):
    def read_amount(self, path: str, value: Any) -> str:
        return super().read_amount(path, f"{Decimal(value) / 100:.2f}" if is_integer(value) else value)


@mutant("EP-05", "an order in a JSON string is taken for the order")
class OrderInAStringAccepted(Provider):
    def require_object(self, value: Any) -> Document:
        return super().require_object(self.parse(value.encode()) if isinstance(value, str) and value[:1] == "{" else value)


@mutant("TK-08", "a token is looked up without regard to case")
class TokenInAnyCasePays(Provider):
    def redeem(self, token: str) -> CardDetails:
        return super().redeem(next((known for known in self.vault if known.lower() == token.lower()), token))
