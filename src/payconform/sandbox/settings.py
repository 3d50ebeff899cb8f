"""How one sandbox behaves where the contract leaves it free: timing, signing and the clock."""

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct


def utc_now() -> datetime:
    return datetime.now(UTC)


class Signing(Struct, frozen=True, kw_only=True):
    """The one merchant of a signing sandbox. `tolerance_s`: how far a request's timestamp may be from the clock (seconds)."""

    app_id: str = "5f3c1e9a7b2d4c6e8f0a1b3d"
    secret: str = "sandbox-secret-of-no-value"  # the sandbox moves no money; a merchant needs it to develop against it
    tolerance_s: float = 600.0

    def __repr__(self) -> str:
        return f"Signing(app_id={self.app_id!r})"


class Settings(Struct, frozen=True, kw_only=True):
    """`latency_s` is added to every request, `callback_delay_s` passes between an outcome and its callback (seconds).

    `retry_delays_s`: the pauses before each repeat of a callback that was not acknowledged. With `signing` set, requests
    must be signed by the lesspay2 scheme and callbacks are.
    """

    latency_s: float = 0.0
    callback_delay_s: float = 0.05
    retry_delays_s: tuple[float, ...] = (1.5, 3.0, 6.0, 12.0, 24.0)
    signing: Signing | None = None
    clock: Callable[[], datetime] = utc_now
