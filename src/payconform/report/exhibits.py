"""Exhibits: the exchanges, callbacks and journeys that findings point at, cut to a size a page can bear."""

from collections.abc import Iterable
from itertools import chain, islice

from markupsafe import escape
from msgspec import Struct

from payconform.model.evidence import Body, Callback, Exchange, Headers, Journey
from payconform.model.finding import Finding
from payconform.model.wire import Malformed
from payconform.report.account import Account
from payconform.report.text import clip, indented, one_line, visible
from payconform.report.wording import amount, duration_ms

EXHIBITS_PER_FINDING = 3
BODY_LIMIT = 4_000
HEADER_LIMIT = 300
HEADERS_SHOWN = 40
BUDGET = 1_900_000
"""Characters of exhibits in one report; what is over is left to the journal."""

_LARGEST_INDENTED = 16_000


class Part(Struct, frozen=True):
    """A message of an exhibit, ready to be shown: its first line, headers, and body; `sent` says that the harness sent it."""

    title: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    note: str = ""
    sent: bool = False

    def __len__(self) -> int:
        texts = chain((self.title, self.body, self.note), chain.from_iterable(self.headers))
        return sum(len(escape(text)) for text in texts)


class Exhibit(Struct, frozen=True):
    """One piece of evidence. `remarks` are facts about it, `parts` its messages; `at` and `seconds` as in the journal."""

    id: str
    title: str
    remarks: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    at: float = 0.0
    seconds: float = 0.0


class Exhibition(Struct, frozen=True):
    """What a finding shows: exhibits put here, ids shown with an earlier finding, and ids left to the journal."""

    exhibits: tuple[Exhibit, ...]
    elsewhere: tuple[str, ...]
    left: tuple[str, ...]


class Curator:
    """Hands out each piece of evidence once, a few per finding, until the report's budget is spent."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._budget = BUDGET
        self._shown: set[str] = set()
        self._creating: dict[str, str] = {}
        for exchange in account.exchanges.values():
            if exchange.kind == "create":
                self._creating.setdefault(exchange.order, exchange.id)

    def exhibition(self, finding: Finding) -> Exhibition:
        # A callback is judged by the order it is about, so the order is shown beside it.
        orders = () if finding.exchanges else self._orders_of(finding.callbacks)
        ids = _in_turn(finding.exchanges, finding.callbacks, finding.journeys, orders)
        exhibits: list[Exhibit] = []
        elsewhere: list[str] = []
        left: list[str] = []
        for name in ids:
            if name in self._shown:
                elsewhere.append(name)
                continue
            wanted = self._budget > 0 and len(exhibits) < EXHIBITS_PER_FINDING
            made = exhibit(self._account, name) if wanted else None
            if made is None or not self._afford(made):
                left.append(name)
                continue
            self._shown.add(name)
            exhibits.append(made)
        return Exhibition(tuple(exhibits), tuple(elsewhere), tuple(left))

    def creating(self, finding: Finding) -> Exchange | None:
        """The request to the endpoint behind a finding: its own first one, or the one that made the order of its evidence."""
        account = self._account
        own = (account.exchanges[name] for name in finding.exchanges if name in account.exchanges)
        asked = next((exchange for exchange in own if exchange.kind != "page"), None)
        if asked is not None:
            return asked
        pages = [account.exchanges[name].order for name in finding.exchanges if name in account.exchanges]
        journeys = [account.journeys[name].order for name in finding.journeys if name in account.journeys]
        orders = (*self._orders_of(finding.callbacks), *(self._creating.get(order, "") for order in (*pages, *journeys)))
        return next((account.exchanges[name] for name in orders if name), None)

    def _orders_of(self, callbacks: Iterable[str]) -> list[str]:
        """The exchanges that created the orders of callbacks."""
        known = (self._account.callbacks[name] for name in callbacks if name in self._account.callbacks)
        orders = dict.fromkeys(callback.order for callback in known)
        return [self._creating[order] for order in orders if order in self._creating]

    def _afford(self, made: Exhibit) -> bool:
        """Pay for an exhibit. What cannot be paid spends the budget, so that a long report ends its exhibits at one place."""
        self._budget -= sum(len(part) for part in made.parts)
        return self._budget >= 0


def _in_turn(*kinds: Iterable[str]) -> list[str]:
    """The first id of each kind, then the second of each: a few exhibits then show what led to what."""
    iterators = [iter(kind) for kind in kinds]
    turns: list[str] = []
    while batch := [name for iterator in iterators for name in islice(iterator, 1)]:
        turns.extend(batch)
    return turns


def exhibit(account: Account, name: str) -> Exhibit | None:
    """The evidence of that id as reports show it, or None when the journal lacks it."""
    if name in account.exchanges:
        return of_exchange(account.exchanges[name])
    if name in account.callbacks:
        return of_callback(account.callbacks[name])
    if name in account.journeys:
        return of_journey(account.journeys[name])
    return None


def of_exchange(exchange: Exchange) -> Exhibit:
    answer = f"HTTP {exchange.status}" if exchange.status is not None else "no response"
    remarks = [f"sent {exchange.at:.3f} s into the run", f"took {duration_ms(exchange.seconds)}"]
    if exchange.kind != "create":
        remarks.append(f"a {exchange.kind} request")
    if exchange.fault:
        remarks.append(f"breaks on purpose: {one_line(exchange.fault)}")
    if exchange.error:
        remarks.append(f"network: {one_line(exchange.error)}")
    remarks.extend(f"{leak.what} came back ({leak.form}, in {one_line(leak.where)})" for leak in exchange.leaks)
    url = one_line(exchange.url, HEADER_LIMIT)
    request = _part("Request", exchange.request_headers, exchange.request_body, sent=True)
    response = _part(f"Response: {answer}", exchange.response_headers, exchange.response_body)
    return Exhibit(
        exchange.id, f"{exchange.method} {url} → {answer}", tuple(remarks), (request, response), exchange.at, exchange.seconds
    )


def of_callback(callback: Callback) -> Exhibit:
    arrival = [f"arrived {callback.at:.3f} s into the run", f"answered with HTTP {callback.answered}"]
    remarks = [f"from {one_line(callback.source)}"] if callback.source else arrival
    if callback.signature:
        remarks.append(f"signature {callback.signature}")
    if callback.uncovered:
        remarks.append(f"not signed: {one_line(', '.join(callback.uncovered))}")
    remarks.extend(f"{leak.what} came back ({leak.form}, in {one_line(leak.where)})" for leak in callback.leaks)
    path = one_line(callback.path + (f"?{callback.query}" if callback.query else ""), HEADER_LIMIT)
    title = f"Callback: {one_line(callback.method, 20)} {path}"
    return Exhibit(callback.id, title, tuple(remarks), (_part("What arrived", callback.headers, callback.body),), callback.at)


def of_journey(journey: Journey) -> Exhibit:
    landed = f"landed on {journey.landed}_url" if journey.landed else "did not come back"
    remarks = [f"ended at {one_line(journey.final_url)}"] if journey.final_url else []
    if journey.pages:
        remarks.append(f"pages filled: {', '.join(map(one_line, journey.pages))}")
    if journey.rejected:
        remarks.append("the payer failed the challenge on purpose")
    if journey.again:
        remarks.append("the payer came back after paying, or only opened the page")
    if journey.stuck:
        remarks.append(f"stuck, by the {journey.fault or 'unknown'}: {one_line(journey.stuck)}")
    remarks.extend(f"{leak.what} goes to the merchant ({leak.form}, in {one_line(leak.where)})" for leak in journey.leaks)
    return Exhibit(journey.id, f"Journey: the payer {landed}", tuple(remarks))


def _part(title: str, headers: Headers, body: Body, *, sent: bool = False) -> Part:
    shown = tuple((one_line(name, HEADER_LIMIT), one_line(value, HEADER_LIMIT)) for name, value in headers[:HEADERS_SHOWN])
    notes = []
    if len(headers) > HEADERS_SHOWN:
        notes.append(f"{amount(len(headers) - HEADERS_SHOWN, 'more header')} in the journal")
    if body.base64 is not None:
        notes.append("the body is not UTF-8; bytes that are not are shown as \\x escapes")
    if body.truncated:
        size = amount(body.size, "byte")
        notes.append(f"the harness stopped reading after {size}" if len(body.raw) >= body.size else f"the beginning of {size}")
    return Part(title, shown, readable(body, BODY_LIMIT), "; ".join(notes), sent)


def readable(body: Body, limit: int) -> str:
    """A body as text of at most about `limit` characters, JSON broken into lines."""
    text = body.text if body.text is not None else body.raw[:limit].decode(errors="backslashreplace")
    if text and len(text) <= _LARGEST_INDENTED and not isinstance(body.json(), Malformed):
        text = indented(text)
    return visible(clip(text, limit))
