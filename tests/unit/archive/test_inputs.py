"""Every form of input is read, and what cannot be read is said with its place while the rest is judged."""

import base64
import gzip
import json
import sqlite3
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest
import zstandard
from pyarrow.parquet import write_table

from payconform.capture.store import Row, Store

Body = Callable[..., bytes]
BROKEN = {"target_amount": 5.0}


@pytest.fixture
def three(body: Body) -> list[bytes]:
    """A sound callback, one that breaks CB-09, and a sound one."""
    return [body(1), body(2, **BROKEN), body(3)]


def envelope(body: bytes, **members: Any) -> bytes:
    came = {"received_at": "2026-03-04T09:12:44.5Z", "method": "POST", "path": "/callbacks/7", "answered": 200}
    return json.dumps({**came, "body": body.decode(), **members}).encode()


def finds_the_broken_one(judged: Any, callbacks: int = 3) -> None:
    assert judged.code == 1, judged.err
    assert judged.outcome("CB-09") == "failed"
    assert list(judged.offending.values()) == [["CB-09"]]
    assert judged.verdict["counts"]["callbacks"] == callbacks


@pytest.mark.parametrize("compress", [bytes, gzip.compress, zstandard.ZstdCompressor().compress], ids=["plain", "gzip", "zstd"])
@pytest.mark.parametrize("wrap", [bytes, envelope], ids=["bodies", "envelopes"])
def test_lines(compress: Any, wrap: Any, three: list[bytes], tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks"
    path.write_bytes(compress(b"\n".join(map(wrap, three)) + b"\r\n\n"))
    judged = validate(path)
    finds_the_broken_one(judged)
    assert list(judged.offending) == [(str(path), 2)]


def test_a_folder_is_read_in_the_order_of_names_without_what_is_hidden(three: list[bytes], tmp_path: Path, validate: Any) -> None:
    (tmp_path / "a").mkdir()
    for name, raw in zip(("a/1.json", "a/2.json", "b.jsonl"), three, strict=True):
        (tmp_path / name).write_bytes(raw)
    (tmp_path / ".hidden").write_bytes(b"nothing")
    judged = validate(tmp_path / "a", tmp_path / "b.jsonl")
    finds_the_broken_one(judged)
    assert list(judged.offending) == [(str(tmp_path / "a/2.json"), 1)]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_list_keeps_the_bytes_of_its_records(
    indent: int | None, three: list[bytes], tmp_path: Path, validate: Any
) -> None:
    path = tmp_path / "callbacks.json"
    path.write_text(json.dumps([json.loads(raw) for raw in three], indent=indent))
    judged = validate(path)
    finds_the_broken_one(judged)
    (record,) = map(json.loads, (judged.reports / "offending.jsonl").read_bytes().splitlines())
    assert path.read_bytes()[record["byte"] :].startswith(record["body"].encode())


def test_an_indented_document_is_one_callback(body: Body, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callback.json"
    path.write_text(json.dumps(json.loads(body(1, **BROKEN)), indent=2))
    finds_the_broken_one(validate(path), callbacks=1)


def test_lines_whose_first_is_a_list_are_lines(three: list[bytes], tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks.jsonl"
    path.write_bytes(b"[]\n" + b"\n".join(three) + b"\n")
    judged = validate(path)
    assert judged.offending == {(str(path), 1): ["CB-02"], (str(path), 3): ["CB-09"]}


def test_har(three: list[bytes], tmp_path: Path, validate: Any) -> None:
    def entry(raw: bytes, url: str = "https://merchant.example/notify?a=1") -> dict[str, Any]:
        request = {"method": "POST", "url": url, "headers": [], "postData": {"mimeType": "json", "text": raw.decode()}}
        return {"startedDateTime": "2026-03-04T09:12:44.5Z", "request": request}

    others = [
        entry(b"cardNumber=1", "https://provider.example/pay"),
        entry(three[0], "https://provider.example/api/global/v1/pay/create-order"),
        {"request": {"method": "GET", "url": "https://provider.example/"}},
    ]
    path = tmp_path / "traffic.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": [*others, *map(entry, three)]}}, indent=1))
    judged = validate(path)
    finds_the_broken_one(judged)
    assert list(judged.offending) == [(str(path), 5)]


def test_the_store_of_the_capture_service(three: list[bytes], tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "store.db"
    store = Store(path)
    store.begin()
    store.keep(Row(1, "/callbacks/7", 1.0, envelope(raw)) for raw in three)
    store.commit()
    judged = validate(path)
    store.close()
    finds_the_broken_one(judged)


def test_another_database_is_no_store(tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "other.db"
    sqlite3.connect(path).executescript("create table a (b)")
    judged = validate(path)
    assert (judged.code, judged.outcome("CB-02")) == (6, "inconclusive")
    assert "cannot be read as a store" in judged.out


@pytest.mark.parametrize("text", [True, False])
def test_parquet(text: bool, three: list[bytes], tmp_path: Path, validate: Any) -> None:  # noqa: FBT001
    path = tmp_path / "callbacks.parquet"
    columns: dict[str, Any] = {"body": [raw.decode() if text else raw for raw in three], "other": [1, 2, 3]}
    if text:
        columns |= {"received_at": ["2026-03-04T09:12:44Z"] * 3, "headers": [json.dumps({"a": "b"})] * 3}
    write_table(pa.table(columns), path)
    finds_the_broken_one(validate(path))


def test_parquet_without_bodies(tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "other.parquet"
    write_table(pa.table({"a": [1]}), path)
    judged = validate(path)
    assert judged.code == 6
    assert "has no column named body" in judged.out


def test_standard_input(three: list[bytes], validate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"\n".join(three))))
    judged = validate("-")
    finds_the_broken_one(judged)
    assert list(judged.offending) == [("standard input", 2)]


def test_a_url_of_fsspec(three: list[bytes], validate: Any) -> None:
    filesystem = fsspec.filesystem("memory")
    filesystem.pipe("/archive/a.jsonl", b"\n".join(three[:2]) + b"\n")
    filesystem.pipe("/archive/b.jsonl", three[2])
    judged = validate("memory://archive", "--workers", 1)
    finds_the_broken_one(judged)
    assert list(judged.offending) == [("memory:///archive/a.jsonl", 2)]


@pytest.mark.parametrize(
    ("written", "what"),
    [
        (b'{"order_status":"SUC', "line 4, byte {size} is cut off"),
        (b"x" * (17 << 20) + b"\n", "line 4, byte {size} is longer than 16 MB"),
    ],
    ids=["cut off", "too long"],
)
def test_damaged_lines_are_named_and_the_rest_is_judged(
    written: bytes, what: str, three: list[bytes], tmp_path: Path, validate: Any
) -> None:
    path = tmp_path / "callbacks.jsonl"
    whole = b"".join(raw + b"\n" for raw in three)
    path.write_bytes(whole + written)
    judged = validate(path)
    finds_the_broken_one(judged)
    assert f"not read: {path} {what.format(size=len(whole))}" in judged.out


DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize("first", [b'{"request_id": "M9", "x": %s}', b'{"received_at": null, "body": %s}'])
def test_a_record_too_deep_to_be_read_hides_no_other(first: bytes, three: list[bytes], tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks"
    path.write_bytes(b"\n".join([first % DEEP, *three]))
    judged = validate(path)
    assert judged.code == 1, judged.err
    assert judged.offending[str(path), 3] == ["CB-09"]


@pytest.mark.parametrize("document", [b"[%s]", b"[\n%s\n]"])
def test_a_document_too_deep_to_be_read_is_named(document: bytes, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks"
    path.write_bytes(document % DEEP)
    judged = validate(path)
    assert judged.code == 6
    assert f"not read: {path} record 1, byte 0 is no JSON: nested more than 128 levels deep" in judged.out


def test_a_truncated_archive_is_inconclusive_where_nothing_fails(body: Body, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks.jsonl.gz"
    whole = gzip.compress(b"".join(body(number) + b"\n" for number in range(3000)))
    path.write_bytes(whole[: len(whole) * 2 // 3])
    judged = validate(path)
    assert judged.code == 6
    assert "the gzip stream is cut off" in judged.out
    assert 500 < judged.verdict["counts"]["callbacks"] < 3000


def test_other_encodings_are_refused_by_name(body: Body, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks.jsonl"
    path.write_text(body(1).decode(), encoding="utf-16")
    judged = validate(path)
    assert judged.code == 6
    assert "is UTF-16, and JSON is UTF-8" in judged.out


def test_an_envelope_that_is_not_as_it_must_be_is_no_fault_of_the_provider(body: Body, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks.jsonl"
    lines = [envelope(body(1)), b'{"received_at":"2026', envelope(body(2), received_at="yesterday"), envelope(body(3), headers=5)]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    judged = validate(path)
    assert (judged.code, judged.offending) == (6, {})
    assert judged.out.count("not read:") == 3


def test_envelopes_may_hold_the_body_as_json_or_base64(body: Body, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks.jsonl"
    kept = json.loads(body(2, **BROKEN))
    coded = base64.b64encode(body(3)).decode()
    lines = [b'{"body":' + body(1) + b"}", json.dumps({"body": kept}).encode(), json.dumps({"body_base64": coded}).encode()]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    finds_the_broken_one(validate(path))


def test_an_empty_folder_and_a_missing_file_are_mistakes(tmp_path: Path, validate: Any) -> None:
    for path, what in ((tmp_path, "there is nothing to judge"), (tmp_path / "none.jsonl", "no such file")):
        judged = validate(path)
        assert judged.code == 4
        assert what in judged.err
        assert judged.err.count("\n") == 1


def test_an_empty_file_observes_nothing(tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks.jsonl"
    path.write_bytes(b"")
    assert validate(path).code == 5
