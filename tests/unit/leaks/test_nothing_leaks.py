"""No artefact of any command holds a card number, a security code or a secret, wherever a provider put it."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest

from payconform.cli import main
from payconform.sandbox.server import Sandbox
from payconform.sandbox.settings import Settings, Signing

ROOT = Path(__file__).parents[3]
PATIENCE_S = 240.0
TOKEN = "a-token-of-enough-letters"
FEW = "EP-01 or RQ-01 or RS-05 or PC-01 or CB-02 or DC-20 or CA-06"


class Told(NamedTuple):
    """What a run left: its exit code, what it printed, and the folder with all that it wrote."""

    code: int
    output: bytes
    folder: Path


def run(folder: Path, url: str, planting: ModuleType, *arguments: str) -> Told:
    """Run suites as a user does, with the planted card and secret as the profile's own."""
    text = (ROOT / "profiles" / "sandbox.toml").read_text().replace("http://127.0.0.1:8642", url)
    text = text.replace('dialect = "guide"', 'dialect = "lesspay2"').replace('cvv = "123"', f'cvv = "{planting.CVV}"')
    text = text.replace('signer = "none"', 'signer = "lesspay2"\napp_id_env = "PLANTED_APP"\nsecret_env = "PLANTED_SECRET"')
    (folder / "mine.toml").write_text(text)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
    source = {"PYTHONPATH": str(ROOT / "src")} if (ROOT / "src").is_dir() else {}
    reports = folder / "written"
    done = subprocess.run(  # noqa: S603 -- our own interpreter and our own arguments
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--reports={reports}", "--seed=1", "-vv",
         f"--profile={folder / 'mine.toml'}", *arguments],
        cwd=ROOT, env=kept | source | {"PLANTED_APP": "an-application", "PLANTED_SECRET": planting.SECRET},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    return Told(done.returncode, done.stdout, reports)


def dirty(folder: Path, planting: ModuleType) -> dict[str, list[str]]:
    """The artefacts that say something, and what."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert files
    return {name: sorted(set(said)) for name, content in files.items() if (said := planting.found_in(content))}


def test_the_look_finds_everything_that_is_planted(planting: ModuleType) -> None:
    for name, text in planting.PLANTED.items():
        assert planting.found_in(text.encode()), name
        assert planting.found_in(json.dumps({"said": text}).encode()), name
        assert planting.found_in(json.dumps({"body": json.dumps({"said": text})}).encode()), name
    assert not planting.found_in(b'{"number": "424242******4242", "cvv": "***", "amount": "739.00", "id": "4242424242424"}')


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, careless: type[Any], planting: ModuleType) -> Told:
    """A run against the careless provider."""
    settings = Settings(signing=Signing(app_id="an-application", secret=planting.SECRET))
    with Sandbox(careless, settings) as sandbox:
        return run(tmp_path_factory.mktemp("careless"), sandbox.url, planting, "suites", "--plan", "quick", "-k", FEW)


def test_no_report_journal_or_line_on_the_terminal_says_it(told: Told, planting: ModuleType) -> None:
    assert told.code == 1, told.output.decode()
    names = {path.name for path in told.folder.iterdir()}
    reports = {"compliance.html", "verdict.json", "junit.xml", "summary.md", "results.sarif", "badge.json", "badge.svg"}
    assert names >= reports | {"journal.ndjson", "allure-results"}
    journal = (told.folder / "journal.ndjson").read_bytes()
    kinds = (b'"type":"exchange"', b'"type":"callback"', b'"type":"journey"', b'"kind":"page"', b'"what":"secret"', b"x-debug-9")
    assert not [kind for kind in kinds if kind not in journal], "the planted texts came this far"
    assert dirty(told.folder, planting) == {}
    assert planting.found_in(told.output) == []


def test_nor_does_what_is_made_of_the_journal(
    told: Told, planting: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = str(told.folder / "journal.ndjson")
    assert main(["judge", journal, "--reports", str(tmp_path / "judged")]) == 1
    assert main(["gate", journal, "--reports", str(tmp_path / "gated")]) == 1
    assert main(["diff", journal, str(tmp_path / "gated" / "verdict.json"), "--json"]) == 0
    assert main(["verify", journal]) == 0
    assert dirty(tmp_path, planting) == {}
    printed = capsys.readouterr()
    assert planting.found_in((printed.out + printed.err).encode()) == []


@contextmanager
def broken_target(reply: bytes) -> Iterator[str]:
    """A target whose every answer is no HTTP, and says what it was told."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        stopped = threading.Event()

        def serve() -> None:
            while not stopped.is_set():
                with suppress(OSError):
                    connection, _ = listener.accept()
                    with connection:
                        connection.settimeout(1)
                        connection.recv(65536)
                        connection.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        stopped.set()


def test_nor_does_an_error_of_the_network(tmp_path: Path, planting: ModuleType) -> None:
    names = ("number", "number in groups", "code in a form", "secret", "card in base64", "number URL-encoded", "code in base64")
    with broken_target(" ".join(planting.PLANTED[name] for name in names).encode() + b"\r\n\r\n") as url:
        told = run(tmp_path, url, planting, "suites", "--plan", "quick", "-k", "EP-01 and card")
    assert b'"error":"' in (told.folder / "journal.ndjson").read_bytes()
    assert dirty(told.folder, planting) == {}
    assert planting.found_in(told.output) == []


@contextmanager
def service(store: Path, planting: ModuleType) -> Iterator[str]:
    """A capture service with this store, in a process of its own."""
    start = "import sys; from payconform.capture.command import run; sys.exit(run(sys.argv[1:]))"
    source = {"PYTHONPATH": str(ROOT / "src")} if (ROOT / "src").is_dir() else {}
    process = subprocess.Popen(  # noqa: S603 -- our own interpreter and our own arguments
        [sys.executable, "-c", start, "--bind", "127.0.0.1:0", "--store", str(store), "--secret-env", "PLANTED_SECRET"],
        env=os.environ | source | {"PAYCONFORM_TOKEN": TOKEN, "PLANTED_SECRET": planting.SECRET},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        yield process.stdout.readline().split()[-1] if process.stdout else ""
        process.kill()


def test_nor_does_a_store_of_the_capture_service_or_what_is_exported(tmp_path: Path, planting: ModuleType) -> None:
    texts = [text for text in planting.PLANTED.values() if "<" not in text]  # nobody puts an element into a URL
    with service(tmp_path / "callbacks.db", planting) as url, httpx.Client(trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        client.put(f"{url}/api/armings", json={"path": "/c/", "prefix": True}).raise_for_status()
        for place, text in enumerate(texts):
            path, told = f"/c/o{place}/{quote(text, safe='')}?said={quote(text)}", text.encode("utf-8")
            headers = {f"x-{planting.NUMBER}": "1", **({"x-debug": text} if text.isascii() else {})}
            for body in (json.dumps({"debug": text}).encode(), b"debug=" + quote(text).encode(), b"\xff\xfe " + told):
                client.post(url + path, content=body, headers=headers).raise_for_status()
        (tmp_path / "export.ndjson").write_bytes(client.get(f"{url}/api/export").content)
    assert len((tmp_path / "export.ndjson").read_bytes().splitlines()) == 3 * len(texts)
    assert dirty(tmp_path, planting) == {}


def test_nor_do_the_reports_of_an_archive_that_nobody_masked(
    tmp_path: Path, planting: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = json.loads((ROOT / "tests" / "data" / "documentation" / "callback.json").read_bytes())
    records = [{**sample, "description": text, "request_id": f"r{place}"} for place, text in enumerate(planting.PLANTED.values())]
    (tmp_path / "archive.jsonl").write_text("\n".join(map(json.dumps, records)))
    written = tmp_path / "written"
    assert main(["validate", str(tmp_path / "archive.jsonl"), "--reports", str(written)]) == 1
    said = {text for found in dirty(written, planting).values() for text in found}
    assert said <= {planting.SECRET}, "the secret of an archive is known to nobody"
    printed = capsys.readouterr()
    assert planting.NUMBER not in planting.found_in((printed.out + printed.err).encode())
