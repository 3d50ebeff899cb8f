"""Who may create orders: the lesspay2 scheme (companion page Authentication), when the sandbox signs at all."""

import hmac

from payconform.contract import signature
from payconform.model.message import Request
from payconform.sandbox.foundation import Foundation
from payconform.sandbox.order import NOT_ALLOWED, Refusal
from payconform.sandbox.settings import Signing


class Authentication(Foundation):
    """Refuses requests that the merchant did not sign. Messages name the header and nothing of what was expected."""

    def authenticate(self, request: Request) -> None:
        if self.settings.signing is None:
            return
        headers = {name.lower(): value for name, value in request.headers}
        self.check_app_id(headers.get("x-auth-appid", ""), self.settings.signing)
        self.check_timestamp(headers.get("x-auth-timestamp", ""), self.settings.signing)
        self.check_signature(headers.get("x-auth-signature", ""), request.body, self.settings.signing)

    def check_app_id(self, app_id: str, signing: Signing) -> None:
        if not hmac.compare_digest(app_id.encode(), signing.app_id.encode()):
            raise unauthenticated("x-auth-appid")

    def check_timestamp(self, timestamp: str, signing: Signing) -> None:
        """Milliseconds since 1970, near the clock (AU-06, AU-07)."""
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
            raise unauthenticated("X-Auth-Timestamp")
        if abs(int(timestamp) / 1000 - self.settings.clock().timestamp()) > signing.tolerance_s:
            raise unauthenticated("X-Auth-Timestamp")

    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        if not hmac.compare_digest(given.encode(), self.expected_signature(raw, signing).encode()):
            raise unauthenticated("x-auth-signature")

    def expected_signature(self, raw: bytes, signing: Signing) -> str:
        try:
            return signature.sign(raw, signing.secret)
        except ValueError as error:  # nested too deep to be signed
            raise unauthenticated("x-auth-signature") from error


def unauthenticated(header: str) -> Refusal:
    return Refusal(NOT_ALLOWED, f"{header} is missing or not valid", status=401)
