"""What every part of the provider stands on."""

from payconform.sandbox.settings import Settings


class Foundation:
    """Settings, and the address under which the provider's hosted pages are reached (no trailing slash)."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.url = ""
