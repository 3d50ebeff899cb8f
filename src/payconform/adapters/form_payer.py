"""The payer: opens a hosted page, fills its forms as the profile describes, and follows where they lead.

It is a generator without I/O: `walk` yields requests and receives their responses, so tests and replays drive it with a list.
"""

import re
from collections.abc import Generator, Mapping
from html import unescape
from typing import Literal
from urllib.parse import unquote, urldefrag, urlsplit

from msgspec import structs

from payconform.adapters.cookies import CookieJar
from payconform.adapters.hosted_page import HostedPage, is_web_address, join, read_page
from payconform.adapters.html_form import Control, Form, FormError, Submission, listed
from payconform.model.address import same_place
from payconform.model.evidence import Headers
from payconform.model.message import Errand, Landing, Request, Response
from payconform.model.profile import Match, Page

Walk = Generator[Request, Response, Landing]
Fault = Literal["provider", "profile", "network"]

MOST_HOPS = 25
MOST_FILLS = 2
MOST_REJECTED_FILLS = 5  # who refuses a card or a password may let the payer try others before it gives up
MOST_WAIT_S = 5
REDIRECTS = (301, 302, 303, 307, 308)

BROWSER: Headers = (
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en"),
)

SCRIPT_ESCAPE = re.compile(r"\\(?:u00|x)([0-9a-fA-F]{2})|\\(/)")
SCRIPT_ADDRESS = re.compile(r"https?://[^\s\"'`<>\\]+")


def walk(errand: Errand, pages: tuple[Page, ...]) -> Walk:
    """Pay (or fail to, with `errand.reject`) and say where the payer landed.

    Ends at the first address that has the scheme, host and path of the success or the fail URL (X-37), without requesting it,
    after at most 25 requests. `Landing.stuck` holds no value that was filled in; `final_url` and request URLs may, where a page
    sends its form by GET.
    """
    if not is_web_address(errand.url):
        return Landing(final_url=errand.url, stuck="the address to pay at is not a web address", fault="provider")
    payer = _Payer(errand, pages)
    landing = yield from payer.follow(Request(method="GET", url=errand.url))
    if errand.again and landing.landed:
        again = yield from payer.press_again()
        return structs.replace(landing, sent=landing.sent or again.sent)
    return landing


class _Payer:
    """One payer with one browser session: cookies, the page last seen, and what has been filled so far."""

    def __init__(self, errand: Errand, pages: tuple[Page, ...]) -> None:
        self._errand = errand
        self._pages = pages
        self._jar = CookieJar()
        self._hops = 0
        self._filled: list[str] = []
        self._seen_url = ""
        self._rejects = errand.reject
        self._left: tuple[Page, HostedPage] | None = None
        self._beside = errand.beside

    def press_again(self) -> Walk:
        """Go back to the page that was filled last and send it once more, wherever that leads; what was failed is passed now."""
        if self._left is None:
            return Landing()
        if self._errand.values_again:
            self._errand = structs.replace(self._errand, values=self._errand.values_again, declined=False)
        self._rejects, self._filled = False, []
        return (yield from self.follow(self._fill(*self._left)))

    def follow(self, move: Request | Landing) -> Walk:
        """Go where `move` leads, until the payer lands or is stuck."""
        while isinstance(move, Request):
            landed = self._landing_at(move.url)
            if landed is not None:
                return structs.replace(landed, sent=move.body)
            if self._hops == MOST_HOPS:
                return self._stuck("provider", move.url, f"leads nowhere within {MOST_HOPS} pages")
            self._hops += 1
            response = yield self._as_browser(move)
            self._jar.store(move.url, response)
            if response.status in REDIRECTS:
                move = self._redirected(move, response)
            elif response.status is None or response.error:
                move = self._astray(move.url) or self._stuck("network", move.url, response.error)
            elif self._errand.look:
                move = Landing(final_url=move.url)
            else:
                move = yield from self._act_on(read_page(move.url, response))
        return move

    def _act_on(self, page: HostedPage) -> Generator[Request, Response, Request | Landing]:
        """The next move on a page: what the profile says, else what the page itself leads to."""
        self._seen_url = page.url
        described = next((known for known in self._pages if _matches(known.match, page)), None)
        if described is not None:
            yield from self._look_beside()
            return self._linked(described, page) or self._fill(described, page)
        given_up = self._given_up(page)
        if page.status >= 500:
            return given_up
        move = self._press_on(page) or self._refreshed(page)
        if move is not None:
            return move
        if not page.forms:
            for frame in page.frames:
                ended = yield from self.follow(Request(method="GET", url=frame))
                if ended.landed:
                    return ended
                if ended.fault != "provider":
                    given_up = ended
        return self._way_out(page) or given_up

    def _look_beside(self) -> Generator[Request, Response, None]:
        """Open another order's page in another tab of the same browser, once."""
        url, self._beside = self._beside, ""
        if is_web_address(url):
            self._jar.store(url, (yield self._as_browser(Request(method="GET", url=url))))

    def _fill(self, described: Page, page: HostedPage) -> Request | Landing:
        refused = self._rejects or self._errand.declined
        most = MOST_REJECTED_FILLS if refused else MOST_FILLS
        if self._filled.count(described.name) == most:
            shown = f"shows page {described.name!r} again after it was filled {most} times"
            if not refused:
                return self._stuck("provider", page.url, shown)
            # Nothing is decided while the payer may still try another card, so nobody landed on the wrong side.
            way_out = "describe the page that says what failed (`match.text`), and the button that gives up, before it"
            return self._stuck("profile", page.url, f"{shown}, as if it took any number of tries; {way_out}")
        templates = {**described.fill, **(described.fill_reject if self._rejects else {})}
        try:
            values = {field: template.format_map(self._errand.values) for field, template in templates.items()}
            form, button = _form_to_fill(described, page, values)
            submission = form.submission(values, button, page.charset)
        except FormError as error:
            return self._stuck("profile", page.url, f"page {described.name!r}: {error}")
        except (LookupError, ValueError, AttributeError, TypeError):
            return self._stuck("profile", page.url, f"page {described.name!r}: a template of `fill` cannot be formatted")
        self._filled.append(described.name)
        self._left = described, page
        return self._submit(submission, page)

    def _linked(self, described: Page, page: HostedPage) -> Request | None:
        """Where the link leads that a page is left by; only `submit` says which of its links that is, where no button is it."""
        wanted = described.submit.strip().casefold()
        buttons = (label for form in page.forms for label in form.labels)
        if not wanted or described.fill or any(label.casefold() == wanted for label in buttons):
            return None
        leading = (link for link, label in zip(page.links, page.labels, strict=True) if label.casefold() == wanted)
        return next((Request(method="GET", url=link) for link in leading), None)

    def _press_on(self, page: HostedPage) -> Request | Landing | None:
        """Submit a form that asks the payer nothing: what scripts submit by themselves, or a single "Continue"."""
        if len(page.forms) != 1:
            return None
        form = page.forms[0]
        if form.visible_fields or len(form.buttons) > 1:
            return None
        return self._submit(form.submission({}, next(iter(form.buttons), None), page.charset), page)

    def _refreshed(self, page: HostedPage) -> Request | None:
        if page.refresh is None or not is_web_address(page.refresh.url):
            return None
        # Waiting is worth it only where the page polls; elsewhere the delay is there for people to read.
        polls = same_place(page.refresh.url, page.url)
        return Request(method="GET", url=page.refresh.url, wait_s=min(page.refresh.seconds, MOST_WAIT_S) if polls else 0)

    def _way_out(self, page: HostedPage) -> Landing | None:
        """The one return address that a page without questions links to or scripts a move to (X-39)."""
        if any(form.visible_fields for form in page.forms):
            return None
        moving = "\n".join(script for script in page.scripts if "location" in script)
        addresses = SCRIPT_ADDRESS.findall(_unescaped(moving))
        # A page that scripts may still build can link back to the shop before anything was paid.
        if self._filled or not page.scripted:
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
        if page.links and not self._filled:
            labels = listed([label for label in page.labels if label])
            return self._stuck("profile", page.url, f"no page of the profile chooses (`submit`) among the links {labels}")
        return self._stuck("provider", page.url, "leaves the payer there: no form, no link back and no redirect")

    def _redirected(self, request: Request, response: Response) -> Request | Landing:
        location = _location(response)
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
        url = urldefrag(request.url).url
        headers = BROWSER + request.headers
        if self._seen_url:
            origin = "{0.scheme}://{0.netloc}".format(urlsplit(self._seen_url))
            inside = same_place(join(url, "/"), join(self._seen_url, "/"))
            headers += (("Referer", urldefrag(self._seen_url).url if inside else f"{origin}/"),)
            if request.method == "POST":
                headers += (("Origin", origin),)
        cookies = self._jar.header(url)
        if cookies:
            headers += (("Cookie", cookies),)
        return Request(method=request.method, url=url, headers=headers, body=request.body, wait_s=request.wait_s)

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


def _matches(match: Match, page: HostedPage) -> bool:
    if match.field:
        return match.field in page.fields
    if match.url:
        return re.search(match.url, page.url) is not None
    return re.search(match.text, page.text) is not None


def _form_to_fill(described: Page, page: HostedPage, values: Mapping[str, str]) -> tuple[Form, Control | None]:
    """The form that takes all the values and has the button, and that button.

    Raises `FormError` with what the likeliest form lacks.
    """
    if not page.forms:
        raise FormError("the page has no form: it needs a browser as payer")
    wanted = {*values, described.match.field} - {""}
    ranked = sorted(page.forms, key=lambda form: -sum(map(form.has, wanted)))
    fitting = [form for form in ranked if all(map(form.has, wanted))] or ranked[:1]
    if described.submit:
        fitting = [form for form in fitting if any(c.is_called(described.submit) for c in form.controls)] or fitting[:1]
    elif not wanted and len(fitting) > 1:
        raise FormError("several forms, and neither `fill` nor `submit` says which")
    return fitting[0], fitting[0].button(described.submit, values)


def _location(response: Response) -> str:
    """The Location header; servers that write it raw mean UTF-8."""
    location = response.header("location")
    try:
        return location.encode("latin-1").decode()
    except UnicodeError:
        return location


def _unescaped(script: str) -> str:
    """Script text with its addresses readable, whether they were escaped for HTML, for a string literal or not at all."""
    return unescape(SCRIPT_ESCAPE.sub(lambda found: found[2] or chr(int(found[1], 16)), script))
