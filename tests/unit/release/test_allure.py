"""The HTML of Allure fetches nothing when it is looked at."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

PAGE = """<!DOCTYPE html>
<html><head>
  <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E">
</head><body>
  <script src="data:text/javascript;base64,YWxlcnQoMSk="></script>
  <script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>
  <script>
    window.dataLayer = window.dataLayer || [];
    function gtag(){dataLayer.push(arguments);}
    gtag('config', 'G-1', {"report": "awesome"});
  </script>
  <script defer>d("data", "https://provider.example")</script>
  <a href="https://provider.example">read on</a>
</body></html>
"""


@pytest.fixture(scope="module")
def allure() -> ModuleType:
    """The script, which stands outside the package."""
    path = Path(__file__).parents[3] / "release" / "allure.py"
    spec = importlib.util.spec_from_file_location("release_allure", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_analytics_go_and_all_else_stays(allure: ModuleType) -> None:
    page = allure.offline(PAGE)
    assert "googletagmanager" not in page
    assert "gtag" not in page
    analytics = PAGE[PAGE.index("  <script async src") : PAGE.index("  <script defer>")]
    kept = re.sub(r"\s*<meta[^>]*>", "", page)
    assert kept.split() == PAGE.replace(analytics, "").split()


def test_the_browser_is_told_to_fetch_nothing(allure: ModuleType) -> None:
    policy = re.search(r'<head>\s*<meta http-equiv="Content-Security-Policy" content="([^"]+)">', allure.offline(PAGE))
    assert policy, "before anything that it is to hold back"
    assert policy[1].startswith("default-src 'none';")
    assert not re.search(r"https?:|\*|'self'", policy[1])


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="//cdn.example/x.js"></script>',
        "<img src='https://cdn.example/x.png'>",
        '<link rel="stylesheet" href="https://cdn.example/x.css">',
        '<script src="https://www.googletagmanager.com/gtag/js"></script><p>between</p><script>gtag("js")</script>',
        "<script>gtag('js')</script>",
    ],
)
def test_what_would_still_fetch_is_refused(allure: ModuleType, tag: str) -> None:
    with pytest.raises(ValueError, match="still fetches"):
        allure.offline(PAGE.replace("</body>", f"{tag}</body>"))
