"""`payconform validate`: what it says of one callback, of signatures, of orders, and of mistakes."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from payconform.archive.command import run
from payconform.contract.signature import callback_signature
from payconform.journal.reading import read
from payconform.model.evidence import Callback

Body = Callable[..., bytes]
Told = Callable[..., tuple[int, str, str]]
SECRET = "topsecretkey"


def signed(body: bytes, signature: str) -> bytes:
    return json.dumps({"headers": [["X-Auth-Signature", signature]], "body": body.decode()}).encode()


@pytest.fixture
def told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """Runs the command without a folder for reports, and answers exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def tell(*arguments: object) -> tuple[int, str, str]:
        code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return tell


def test_one_callback_is_a_checklist_and_leaves_no_reports(body: Body, tmp_path: Path, told: Any) -> None:
    path = tmp_path / "callback.json"
    path.write_bytes(body(1, target_amount=5.0, order_status="FAILED", order_status_int=2))
    code, out, _ = told(path)
    assert code == 1
    assert "✓ CB-05  order_status of a callback is text" in out
    assert re.search(r"✗ CB-09 .*\n +expected .*\n +observed +5.0", out)
    assert re.search(r"✗ CB-12 .*\n +expected .*\n +observed +order_status 'FAILED', order_status_int 2", out)
    assert "○ CB-19" not in out
    assert "CB-29" not in out, "the guide does not have it"
    assert out.splitlines()[-1].startswith("non-conformant (exit code 1): ")
    assert [found.name for found in tmp_path.iterdir()] == ["callback.json"]


@pytest.mark.parametrize("version", ["V1", "V2"])
def test_a_signature_is_verified_on_the_raw_bytes(
    version: str, body: Body, tmp_path: Path, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLBACK_SECRET", SECRET)
    path = tmp_path / "callback.json"
    raw = body(1, api_version=version, fee=100.00).replace(b"100.0", b"100.00")
    path.write_bytes(signed(raw, callback_signature(raw, SECRET)))
    code, out, _ = told(path, "--dialect", "lesspay2", "--secret-env", "CALLBACK_SECRET")
    assert code == 0
    assert "✓ CB-23" in out


def test_a_wrong_signature_shows_what_should_have_been_signed_without_the_secret(
    body: Body, tmp_path: Path, told: Any, validate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLBACK_SECRET", SECRET)
    path = tmp_path / "callback.json"
    path.write_bytes(signed(body(1, event_data=f"has {SECRET} in it"), "0" * 64))
    arguments = (path, "--dialect", "lesspay2", "--secret-env", "CALLBACK_SECRET")
    code, out, _ = told(*arguments)
    assert code == 1
    assert "✗ CB-23" in out
    assert "api_version=V2&channel_biz_data={card_token=" in out
    assert "target_currency=CNY&key=[secret]" in out
    judged = validate(*arguments)
    written = b"".join(found.read_bytes() for found in judged.reports.rglob("*") if found.is_file())
    assert SECRET.encode() not in written + out.encode() + judged.out.encode()
    assert b"target_currency=CNY&key=[secret]" in written


def test_a_bare_body_has_no_signature_to_verify(body: Body, tmp_path: Path, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLBACK_SECRET", SECRET)
    path = tmp_path / "callback.json"
    path.write_bytes(body(1))
    code, out, _ = told(path, "--dialect", "lesspay2", "--secret-env", "CALLBACK_SECRET")
    assert code == 0
    assert "○ CB-23" in out


def test_card_data_is_reported_and_never_written(body: Body, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks.jsonl"
    leaking = body(1, description="paid with 4242 4242 4242 4242, cvv=987")
    odd = b'{"path":"/n?card=5555555555554444","headers":{"Authorization":"Bearer abcdef"},"body":' + body(2) + b"}"
    path.write_bytes(leaking + b"\n" + odd + b"\n")
    judged = validate(path)
    assert judged.outcome("PC-01") == "failed"
    assert len(judged.offending) == 2
    written = b"".join(found.read_bytes() for found in judged.reports.rglob("*") if found.is_file()) + judged.out.encode()
    for leaked in (b"4242 4242 4242 4242", b"5555555555554444", b"Bearer abcdef", b"cvv=987"):
        assert leaked not in written


def test_the_journal_is_whole_and_holds_the_evidence(body: Body, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks.jsonl"
    lines = [body(1), body(1, target_amount="9.99"), *(body(number, target_amount=1) for number in range(10, 40))]
    path.write_bytes(b"\n".join(lines))
    judged = validate(path)
    journal = read(judged.reports / "journal.ndjson")
    assert journal.complete
    callbacks = {record.id: record for record in journal.records if isinstance(record, Callback)}
    named = {name for finding in judged.verdict["findings"] for name in finding["callbacks"]}
    assert named == set(callbacks)
    assert len(callbacks) == 12, "two of CB-21, ten of CB-09"
    assert any(found.source == f"{path} line 2, byte {len(lines[0]) + 1}" for found in callbacks.values())
    assert "the exchange" not in judged.out
    (finding,) = [finding for finding in judged.verdict["findings"] if finding["clause"] == "CB-09"]
    assert finding["frequency"] == {"failed": 30, "seen": 32}


def test_when_a_clause_was_broken(body: Body, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks.jsonl"
    days = ("2026-03-07T10:00:00+01:00", "2026-03-05T09:00:00Z", "2026-03-06T09:00:00Z", "2026-03-01T09:00:00Z")
    bodies = (*(body(number, target_amount=1) for number in range(3)), body(9))
    kept = [{"received_at": day, "body": json.loads(one)} for day, one in zip(days, bodies, strict=True)]
    path.write_text("".join(json.dumps(one) + "\n" for one in kept))
    judged = validate(path)
    (finding,) = [finding for finding in judged.verdict["findings"] if finding["clause"] == "CB-09"]
    assert (finding["first"], finding["last"]) == ("2026-03-05T09:00:00.000+00:00", "2026-03-07T09:00:00.000+00:00")
    assert judged.verdict["started_at"] == "2026-03-01T09:00:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "the following arguments are required: PATH"),
        (("x.jsonl", "--mode", "cash"), "invalid choice: 'cash'"),
        (("none.jsonl",), "none.jsonl: cannot be read: no such file or directory"),
        (("x.jsonl", "--secret-env", "NOT_THERE"), "there is no such environment variable"),
        (("x.jsonl", "--workers", "0"), "'0' is not a number of processes from 1 to 1024"),
        (("x.jsonl", "--deadline", "soon"), "'soon' is not a number of seconds above 0"),
        (("x.jsonl", "--orders", "x.jsonl"), "x.jsonl line 1: an order needs a request_id that is text"),
        (("gs://bucket/x",), "gs://bucket/x: cannot be opened"),
    ],
)
def test_mistakes_are_one_line(arguments: tuple[str, ...], says: str, tmp_path: Path, told: Any) -> None:
    (tmp_path / "x.jsonl").write_text("{}\n")
    code, _, err = told(*arguments)
    assert code == 4
    assert says in err
    assert err.count("\n") == 1
    assert err.startswith("payconform validate: ")


def test_the_terminal_says_where_a_clause_was_broken(body: Body, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "c.jsonl"
    path.write_bytes(body(1) + b"\n" + body(2, target_amount=5) + b"\n")
    out = validate(path).out
    assert f"line2,byte{len(body(1)) + 1}(1of2times)" in "".join(out.split())
    assert "0 requests" not in out
    assert "seed" not in out
