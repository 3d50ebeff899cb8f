"""What a browser adds to a request for a page, and how it reads where it is sent."""

from urllib.parse import urldefrag, urlsplit

from payconform.adapters.hosted_page import join
from payconform.model.address import same_place
from payconform.model.evidence import Headers
from payconform.model.message import Request, Response

BROWSER: Headers = (
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en"),
)


def as_browser(request: Request, seen_url: str, cookies: str) -> Request:
    """The request as a browser sends it that shows the page at `seen_url`, "" for none."""
    url = urldefrag(request.url).url
    headers = BROWSER + request.headers
    if seen_url:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(seen_url))
        inside = same_place(join(url, "/"), join(seen_url, "/"))
        headers += (("Referer", urldefrag(seen_url).url if inside else f"{origin}/"),)
        if request.method == "POST":
            headers += (("Origin", origin),)
    if cookies:
        headers += (("Cookie", cookies),)
    return Request(method=request.method, url=url, headers=headers, body=request.body, wait_s=request.wait_s)


def location_of(response: Response) -> str:
    """The Location header; servers that write it raw mean UTF-8."""
    location = response.header("location")
    try:
        return location.encode("latin-1").decode()
    except UnicodeError:
        return location
