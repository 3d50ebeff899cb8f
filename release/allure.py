"""Makes the HTML of Allure from the results of a run, as one file that fetches nothing when it is looked at.

The generator is the npm package `allure`, installed once below `--tool`. Its pages call an analytics host; they are rid of that
here, and a content security policy keeps the browser from any other address. History is kept in a file beside the report.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

VERSION = "3.18.0"
NAME = "Contract of the create-order endpoint"
GROUPS = "epic,feature,story"

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' data: blob:; style-src 'unsafe-inline' data:; "
    "img-src data: blob:; font-src data:; media-src data: blob:; connect-src data: blob:; frame-src data: blob:; "
    "worker-src data: blob:; form-action 'none'"
)
_META = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
_ANALYTICS = re.compile(
    r'<script[^>]*\bsrc="https?://[^"]*googletagmanager[^"]*"[^>]*></script>\s*'
    r"<script>(?:(?!</script>).)*?\bgtag\((?:(?!</script>).)*</script>",
    re.DOTALL,
)
_FETCHING = re.compile(
    r"""<(?:script|img|iframe|link|source|video|audio|embed|object)\b[^>]*?\b(?:src|href|data)\s*=\s*["']?(?:https?:)?//[^\s"'>]+""",
    re.IGNORECASE,
)


def offline(page: str) -> str:
    """The page without analytics, with a policy by which a browser fetches nothing. Raises `ValueError` where it would."""
    page = _ANALYTICS.sub("", page)
    left = _FETCHING.search(page) or re.search(r"\bgtag\(", page)
    if left:
        raise ValueError(f"still fetches from a network: {left.group()[:200]}")
    head, tag, rest = page.partition("<head>")
    if not tag:
        raise ValueError("has no <head>")
    return f"{head}{tag}\n    {_META}{rest}"


def make(results: Path, report: Path, history: Path, tool: Path) -> Path:
    """Generate the report, and answer its page."""
    generator = tool / "node_modules" / ".bin" / "allure"
    if not generator.exists():
        _run("npm", "install", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix", str(tool), f"allure@{VERSION}")
    made = (str(results), "--single-file", "--output", str(report), "--history-path", str(history))
    _run(str(generator), "awesome", *made, "--name", NAME, "--group-by", GROUPS)
    page = report / "index.html"
    page.write_text(offline(page.read_text("utf-8")), "utf-8")
    return page


def _run(*command: str) -> None:
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603 -- words of our own
        sys.exit(f"allure: {' '.join(command[:2])} failed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="?", type=Path, default=Path("reports/allure-results"))
    parser.add_argument("report", nargs="?", type=Path, help="where to write (default: allure/ beside the results)")
    parser.add_argument("--history", type=Path, help="keeps earlier runs (default: allure-history.jsonl beside the results)")
    parser.add_argument("--tool", type=Path, required=True, help="where the generator is installed")
    options = parser.parse_args()
    if not (options.results / "environment.properties").is_file():
        parser.error(f"{options.results}: holds no Allure results of a run")
    beside = options.results.resolve().parent
    report, history = options.report or beside / "allure", options.history or beside / "allure-history.jsonl"
    try:
        page = make(options.results.resolve(), report.resolve(), history.resolve(), options.tool)
    except ValueError as error:
        sys.exit(f"allure: {report / 'index.html'}: {error}")
    sys.stdout.write(f"{page}\n")


if __name__ == "__main__":
    main()
