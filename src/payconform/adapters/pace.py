"""How far and how long a payer goes: pages are limited by number, and asking the same page again by time."""

from msgspec import structs

from payconform.model.message import Request

MOST_HOPS = 25
MOST_WAIT_S = 5
LEAST_WAIT_S = 0.5  # a page that polls is given so much time for each poll before, whatever it asks for
MOST_POLLED_S = 120
MOST_POLLED_AGAIN_S = 10  # of whoever went back: what is decided takes no time


class Pace:
    """What one payer has asked for so far. A request that waits is a poll, every other a step."""

    def __init__(self) -> None:
        self.requests = 0
        self._hops = 0
        self._polls = 0
        self._polled_s = 0.0
        self._most_polled_s: float = MOST_POLLED_S
        self._asked: set[tuple[str, str, bytes]] = set()

    def asked_before(self, request: Request) -> bool:
        return _key(request) in self._asked

    def poll(self, request: Request, seconds: float) -> Request:
        """Ask once more what has become of the payment: the longer it takes, the later."""
        return structs.replace(request, wait_s=min(max(seconds, LEAST_WAIT_S * (self._polls + 1)), MOST_WAIT_S))

    def hurry(self) -> None:
        self._most_polled_s = self._polled_s + MOST_POLLED_AGAIN_S

    def exhausted(self, request: Request) -> str:
        """Why the payer does not take another step, "" as long as it does."""
        if self._hops == MOST_HOPS:
            return f"leads nowhere within {MOST_HOPS} pages"
        most = self._most_polled_s
        return f"leads nowhere within {most:g} s" if request.wait_s and self._polled_s + request.wait_s > most else ""

    def count(self, request: Request) -> None:
        self.requests += 1
        self._asked.add(_key(request))
        if request.wait_s:
            self._polls, self._polled_s = self._polls + 1, self._polled_s + request.wait_s
        else:
            self._hops += 1


def _key(request: Request) -> tuple[str, str, bytes]:
    return request.method, request.url, request.body
