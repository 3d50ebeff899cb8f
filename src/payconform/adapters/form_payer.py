"""The payer: opens a hosted page, fills its forms as the profile describes, and follows where they lead.

It is a generator without I/O: `walk` yields requests and receives their responses, so tests and replays drive it with a list.
"""

from collections.abc import Generator, Mapping
from typing import Literal
from urllib.parse import unquote, urldefrag, urlsplit

from msgspec import structs

from payconform.adapters.browser import as_browser, location_of
from payconform.adapters.cookies import CookieJar
from payconform.adapters.described import chosen_link, form_to_fill, is_described
from payconform.adapters.hosted_page import HostedPage, is_web_address, join, read_page
from payconform.adapters.html_form import Form, FormError, Submission, listed
from payconform.adapters.pace import Pace
from payconform.adapters.ways_on import (
    is_too_late,
    onward_links,
    own_link,
    refreshes_soon,
    scripted_addresses,
    submits_itself,
    unasked_form,
)
from payconform.model.address import same_place
from payconform.model.message import Errand, Landing, Request, Response
from payconform.model.profile import Page

Walk = Generator[Request, Response, Landing]
Fault = Literal["provider", "profile", "network"]

MOST_FILLS = 2
MOST_REJECTED_FILLS = 5  # who refuses a card or a password may let the payer try others before it gives up
REDIRECTS = (301, 302, 303, 307, 308)


def walk(errand: Errand, pages: tuple[Page, ...]) -> Walk:
    """Pay (or fail to, with `errand.reject`) and say where the payer landed.

    Ends at the first address that has the scheme, host and path of the success or the fail URL (X-37), without requesting it,
    after at most 25 requests and two minutes of polling. `Landing.stuck` holds no value that was filled in; `final_url` and
    request URLs may, where a page sends its form by GET.
    """
    if not is_web_address(errand.url):
        return Landing(final_url=errand.url, stuck="the address to pay at is not a web address", fault="provider")
    payer = _Payer(errand, pages)
    landing = yield from payer.follow(Request(method="GET", url=errand.url))
    return (yield from payer.go_back(landing)) if errand.again and landing.landed else landing


class _Payer:
    """One payer with one browser session: cookies, the page last seen, and what has been filled so far."""

    def __init__(self, errand: Errand, pages: tuple[Page, ...]) -> None:
        self._errand = errand
        self._pages = pages
        self._jar = CookieJar()
        self._pace = Pace()
        self._linked_on = False
        self._filled: list[str] = []
        self._seen_url = ""
        self._rejects = errand.reject
        self._left: tuple[Page, HostedPage] | None = None
        self._beside = errand.beside
        self._is_back = False

    def go_back(self, landing: Landing) -> Walk:
        """Go back to the page that was filled last and send it once more: what failed is passed now, what was paid is spoilt.

        Whoever was to fail and did not is left alone, so that what became of it shows.
        """
        failed, failing = landing.landed == "fail", self._errand.reject or self._errand.declined
        if self._left is None or (failing and not failed):
            return landing
        if failed and self._errand.values_again:
            self._errand = structs.replace(self._errand, values=self._errand.values_again, declined=False)
        self._rejects, self._filled, self._is_back, since = False, [], True, self._pace.requests
        self._pace.hurry()
        again = yield from self.follow(self._fill(*self._left))
        spoilt = self._spoilt(*self._left) if not failed else None
        if isinstance(spoilt, Request):
            ended = yield from self.follow(spoilt)
            again = ended if ended.landed == "fail" else again  # who paid is told the contrary
        return structs.replace(landing, again=structs.replace(again, since=since))

    def _spoilt(self, described: Page, page: HostedPage) -> Request | Landing | None:
        """The page that paid, sent with the value that fails its challenge, or with a card that is declined."""
        self._filled = []
        if described.fill_reject:
            self._rejects = True
        elif self._errand.values_spoilt:
            self._errand = structs.replace(self._errand, values=self._errand.values_spoilt)
        else:
            return None
        return self._fill(described, page)

    def follow(self, move: Request | Landing) -> Walk:
        """Go where `move` leads, until the payer lands or is stuck."""
        while isinstance(move, Request):
            landed = self._landing_at(move.url)
            if landed is not None:
                return structs.replace(landed, sent=move.body)
            if exhausted := self._pace.exhausted(move):
                return self._stuck("provider", move.url, exhausted)
            self._pace.count(move)
            response = yield self._as_browser(move)
            self._jar.store(move.url, response)
            if response.status in REDIRECTS:
                move = self._redirected(move, response)
            elif response.status is None or response.error:
                move = self._astray(move.url) or self._stuck("network", move.url, response.error)
            elif self._errand.look:
                move = self._looked_at(read_page(move.url, response))
            else:
                move = yield from self._act_on(read_page(move.url, response))
        return move

    def _looked_at(self, page: HostedPage) -> Landing:
        """Where a page takes by itself whoever only opens it."""
        landing = self._landing_at(page.refresh.url) if page.refresh and refreshes_soon(page) else None
        return landing or Landing(final_url=page.url)

    def _act_on(self, page: HostedPage) -> Generator[Request, Response, Request | Landing]:
        """The next move on a page: what the profile says, else what the page itself leads to."""
        self._seen_url = page.url
        described = next((known for known in self._pages if is_described(known, page)), None)
        if described is not None:
            yield from self._look_beside()
            link = chosen_link(described, page)
            return Request(method="GET", url=link) if link else self._fill(described, page)
        given_up = self._given_up(page)
        if page.status >= 500:
            return given_up
        move = yield from self._led_on(page)
        if move is not None:
            return move
        if not page.forms:
            for frame in page.frames:
                ended = yield from self.follow(Request(method="GET", url=frame))
                if ended.landed:
                    return ended
                if ended.fault != "provider":
                    given_up = ended
        return self._way_out(page) or (yield from self._last_link(page, given_up))

    def _led_on(self, page: HostedPage) -> Generator[Request, Response, Request | Landing | None]:
        """Where a page takes the payer by itself, or by its only button; the way to success_url comes before a button."""
        form, way_out = unasked_form(page), self._way_out(page)
        pressed = self._press_on(form, page) if form and not (self._is_back and form.buttons) else None
        if pressed and submits_itself(page):
            return pressed
        if refreshes_soon(page) and (refreshed := self._refreshed(page)):
            return refreshed
        if way_out is None or pressed is None:
            return pressed or (None if page.scripted and is_too_late(page) else self._refreshed(page))
        pressed_before = isinstance(pressed, Request) and pressed.wait_s > 0
        if pressed_before or (self._filled and way_out.landed == "success"):
            return way_out
        if not self._filled:
            return pressed
        filled, ended = len(self._filled), (yield from self.follow(pressed))
        return way_out if ended.fault == "provider" and len(self._filled) == filled else ended

    def _last_link(self, page: HostedPage, given_up: Landing) -> Walk:
        """Once something was filled, the one link to the target's own host may be the way back to the shop."""
        link = own_link(page)
        if not link or not self._filled or self._linked_on or self._is_back:
            return given_up
        self._linked_on = True
        ended = yield from self.follow(Request(method="GET", url=link))
        return ended if ended.landed or len(onward_links(page)) == 1 else given_up

    def _look_beside(self) -> Generator[Request, Response, None]:
        """Open another order's page in another tab of the same browser, once."""
        url, self._beside = self._beside, ""
        if is_web_address(url):
            looked = Request(method="GET", url=url)
            self._pace.count(looked)
            self._jar.store(url, (yield self._as_browser(looked)))

    def _fill(self, described: Page, page: HostedPage) -> Request | Landing:
        refused = self._rejects or self._errand.declined
        most = MOST_REJECTED_FILLS if refused else MOST_FILLS + bool(self._errand.values_mistyped)
        if self._filled.count(described.name) == most:
            shown = f"shows page {described.name!r} again after it was filled {most} times"
            if not refused:
                return self._stuck("provider", page.url, shown)
            # Nothing is decided while the payer may still try another card, so nobody landed on the wrong side.
            way_out = "describe the page that says what failed (`match.text`), and the button that gives up, before it"
            return self._stuck("profile", page.url, f"{shown}, as if it took any number of tries; {way_out}")
        templates = {**described.fill, **(described.fill_reject if self._rejects else {})}
        try:
            typed = self._typed(described)
            values = {field: template.format_map(typed) for field, template in templates.items()}
            form, button = form_to_fill(described, page, values)
            submission = form.submission(values, button, page.charset)
        except FormError as error:
            return self._stuck("profile", page.url, f"page {described.name!r}: {error}")
        except (LookupError, ValueError, AttributeError, TypeError):
            return self._stuck("profile", page.url, f"page {described.name!r}: a template of `fill` cannot be formatted")
        self._filled.append(described.name)
        self._left = described, page
        return self._submit(submission, page)

    def _typed(self, described: Page) -> Mapping[str, str | int]:
        """What the payer takes for the card's: mistyped where a page asks for its number for the first time."""
        asks = any("{number" in template for template in described.fill.values())
        mistyped = self._errand.values_mistyped if asks and described.name not in self._filled else None
        return mistyped or self._errand.values

    def _press_on(self, form: Form, page: HostedPage) -> Request | Landing:
        """Submit a form that asks the payer nothing; one that was sent before polls."""
        move = self._submit(form.submission({}, next(iter(form.buttons), None), page.charset), page)
        return self._pace.poll(move, 0) if isinstance(move, Request) and self._pace.asked_before(move) else move

    def _refreshed(self, page: HostedPage) -> Request | None:
        if page.refresh is None or not is_web_address(page.refresh.url):
            return None
        move = Request(method="GET", url=page.refresh.url)
        # Waiting is worth it only where the page polls; elsewhere the delay is there for people to read.
        polls = same_place(move.url, page.url) or self._pace.asked_before(move)
        return self._pace.poll(move, page.refresh.seconds) if polls else move

    def _way_out(self, page: HostedPage) -> Landing | None:
        """The one return address that a page without questions links to or scripts a move to (X-39)."""
        if any(form.visible_fields for form in page.forms):
            return None
        addresses = scripted_addresses(page)
        # A page that scripts may still build can link back to the shop before anything was paid; and a link tells whoever went
        # back no more than that there is nothing to do.
        if not self._is_back and (self._filled or not page.scripted):
            addresses += page.links
        landings = [landing for landing in map(self._landing_at, addresses) if landing is not None]
        return landings[0] if len({landing.landed for landing in landings}) == 1 else None

    def _given_up(self, page: HostedPage) -> Landing:
        """Why nothing can be done on a page, and whose doing that is."""
        fields = [name for form in page.forms for name in form.visible_fields]
        if page.status >= 400:
            return self._stuck("provider", page.url, f"answered HTTP {page.status}")
        if fields:
            return self._stuck("profile", page.url, f"no page of the profile matches a form with {listed(fields)}")
        if page.forms:
            buttons = [label for form in page.forms for label in form.labels]
            return self._stuck("profile", page.url, f"no page of the profile chooses among the buttons {listed(buttons)}")
        if page.scripted or page.scripts:
            return self._stuck("profile", page.url, "moves on by script only: it needs a browser as payer")
        if onward_links(page):
            labels = listed([label for label in page.labels if label])
            return self._stuck("profile", page.url, f"no page of the profile chooses (`submit`) among the links {labels}")
        return self._stuck("provider", page.url, "leaves the payer there: no form, no link back and no redirect")

    def _redirected(self, request: Request, response: Response) -> Request | Landing:
        location = location_of(response)
        target = join(request.url, location) if location else ""
        if not is_web_address(target):
            said = "without an address" if not location else "to what is not a web address"
            return self._stuck("provider", request.url, f"answered HTTP {response.status} {said}")
        if response.status in (307, 308):
            content_type = tuple(header for header in request.headers if header[0] == "Content-Type")
            return Request(method=request.method, url=target, headers=content_type, body=request.body)
        return Request(method="GET", url=target)

    def _submit(self, submission: Submission, page: HostedPage) -> Request | Landing:
        if not is_web_address(submission.url):
            return self._stuck("profile", page.url, "sends its form by script: it needs a browser as payer")
        headers = (("Content-Type", submission.content_type),) if submission.content_type else ()
        return Request(method=submission.method, url=submission.url, headers=headers, body=submission.body)

    def _as_browser(self, request: Request) -> Request:
        return as_browser(request, self._seen_url, self._jar.header(urldefrag(request.url).url))

    def _landing_at(self, url: str) -> Landing | None:
        """The landing that an address is, or None for an address on the way."""
        if same_place(url, self._errand.success_url):
            return Landing(landed="success", final_url=url, pages=tuple(self._filled))
        if same_place(url, self._errand.fail_url):
            return Landing(landed="fail", final_url=url, pages=tuple(self._filled))
        return None

    def _astray(self, url: str) -> Landing | None:
        """What became of a payer who was sent to the path of a return address on a host or port that is not the merchant's."""
        path = unquote(urlsplit(url).path)
        wanted = (self._errand.success_url, self._errand.fail_url)
        meant = next((address for address in wanted if len(path) > 1 and unquote(urlsplit(address).path) == path), None)
        return (
            self._stuck("provider", url, "is not where the merchant wants the payer, though its path says so") if meant else None
        )

    def _stuck(self, fault: Fault, url: str, why: str) -> Landing:
        # Without its query, which may hold what a form sent.
        return Landing(final_url=url, stuck=f"{url.partition('?')[0]}: {why}", fault=fault, pages=tuple(self._filled))
