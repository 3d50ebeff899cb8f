"""An auditor finds out whether a journal is the one that was written, and who stands for it."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from payconform.cli import main
from payconform.journal.recorder import write_journal
from payconform.model.run import Footer, Header, Record

needs_ssh_keygen = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")


class Signer(NamedTuple):
    key: Path
    allowed: Path


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return _signer(tmp_path_factory.mktemp("ada"), "ada@example.com")


@pytest.fixture(scope="module")
def eve(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return _signer(tmp_path_factory.mktemp("eve"), "eve@example.com")


def _signer(folder: Path, name: str) -> Signer:
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)  # noqa: S603, S607 -- a test's own
    allowed = folder / "allowed"
    allowed.write_text(f'{name} namespaces="payconform" {key.with_suffix(".pub").read_text()}')
    return Signer(key, allowed)


@pytest.fixture
def journal(recorded: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "journal.ndjson"
    copied.write_bytes(recorded.read_bytes())
    return copied


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What `verify` said, by label."""
    return {line[:11].strip(): line[11:] for line in capsys.readouterr().out.splitlines()}


def test_a_whole_journal_says_what_it_is(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(journal)]) == 0
    lines = told(capsys)
    assert lines["seal"].startswith("holds for ")
    assert lines["suite"] == "payconform 0.1.0, judged with 0.1.0"
    assert lines["contract"] == "2026-02-28"
    assert lines["profile"] == "none: the embedded sandbox"
    assert lines["verdict"].startswith("conformant (exit code 0)")
    assert lines["signature"] == "none"


def test_a_changed_journal_names_its_line(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:7], *lines[8:]]))
    assert main(["verify", str(journal)]) == 1
    assert told(capsys)["seal"].startswith("DOES NOT HOLD: line 8 was line 9 when it was sealed")


def test_a_cut_off_journal_is_not_whole(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal.write_bytes(journal.read_bytes()[:-9])
    assert main(["verify", str(journal)]) == 1
    lines = told(capsys)
    assert lines["seal"].startswith("NOT WHOLE: line ")
    assert "target" in lines
    assert main(["sign", str(journal), "--key", "key"]) == 4
    assert "is not whole, so it is not signed" in capsys.readouterr().err


@needs_ssh_keygen
def test_a_signature_says_who_stands_for_the_journal(
    journal: Path, ada: Signer, eve: Signer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(journal), "--allowed-signers", str(ada.allowed)]) == 1, "nobody has signed it"
    assert main(["sign", str(journal), "--key", str(ada.key)]) == 0
    assert Path(f"{journal}.sig").exists()
    assert main(["sign", str(journal), "--key", str(ada.key)]) == 4, "a signature is not overwritten"
    capsys.readouterr()
    assert main(["verify", str(journal), "--allowed-signers", str(ada.allowed)]) == 0
    assert told(capsys)["signature"].startswith("holds, for ada@example.com with ED25519 key SHA256:")
    assert main(["verify", str(journal)]) == 0
    assert "whose key that is, --allowed-signers would say" in told(capsys)["signature"]
    assert main(["verify", str(journal), "--allowed-signers", str(eve.allowed)]) == 1
    assert "is not of any signer in" in told(capsys)["signature"]


@needs_ssh_keygen
def test_a_signature_of_something_else_does_not_hold(journal: Path, ada: Signer, capsys: pytest.CaptureFixture[str]) -> None:
    other = journal.with_name("other")
    other.write_bytes(journal.read_bytes() + b"\n")
    with other.open("rb") as data, Path(f"{journal}.sig").open("wb") as signature:
        command = ["ssh-keygen", "-Y", "sign", "-n", "payconform", "-f", str(ada.key)]
        subprocess.run(command, stdin=data, stdout=signature, stderr=subprocess.DEVNULL, check=True)  # noqa: S603 -- as above
    for arguments in ([], ["--allowed-signers", str(ada.allowed)]):
        assert main(["verify", str(journal), *arguments]) == 1
        assert told(capsys)["signature"].startswith("DOES NOT HOLD: ")


@needs_ssh_keygen
def test_a_signature_for_another_purpose_does_not_hold(journal: Path, ada: Signer) -> None:
    with journal.open("rb") as data, Path(f"{journal}.sig").open("wb") as signature:
        command = ["ssh-keygen", "-Y", "sign", "-n", "file", "-f", str(ada.key)]
        subprocess.run(command, stdin=data, stdout=signature, stderr=subprocess.DEVNULL, check=True)  # noqa: S603 -- as above
    assert main(["verify", str(journal)]) == 1


def test_a_mistake_is_one_line(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mistakes = {
        "cannot be read": ["verify", str(tmp_path / "absent")],
        "signers: there is no such file": ["verify", str(journal), "--allowed-signers", str(tmp_path / "signers")],
        "x.sig: there is no such file": ["verify", str(journal), "--signature", str(tmp_path / "x.sig")],
        "the following arguments are required: --key": ["sign", str(journal)],
        "key: cannot sign": ["sign", str(journal), "--key", str(tmp_path / "key")],
    }
    for word, arguments in mistakes.items():
        assert main(arguments) == 4, word
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert word in said
    Path(f"{journal}.sig").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["verify", str(journal)]) == 4
    assert "ssh-keygen is not installed" in capsys.readouterr().err


def test_a_shard_says_that_it_is_one_and_who_ran_it(
    records: tuple[Record, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header, footer = records[0], records[-1]
    assert isinstance(header, Header)
    assert isinstance(footer, Footer)
    shard = msgspec.structs.replace(header, shard="1,2/3", run_by="Ada\x1b", profile_sha256="ab" * 32)
    write_journal(tmp_path / "j", [shard, *records[1:-1], msgspec.structs.replace(footer, made_of=("1f", "2e"))])
    assert main(["verify", str(tmp_path / "j")]) == 0
    lines = told(capsys)
    assert lines["shard"] == "1,2/3: only all shards together certify anything"
    assert lines["run"].endswith(", by Ada\\x1b")
    assert lines["profile"] == f"sha256 {'ab' * 32}"
    assert lines["made of"] == "the journals sealed 1f, 2e"
