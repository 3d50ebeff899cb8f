"""Signatures of files, made and checked by `ssh-keygen -Y` with the keys that people already have."""

import subprocess
from pathlib import Path
from typing import BinaryIO

NAMESPACE = "payconform"
"""What a signature is for: one made for something else, an e-mail say, does not count."""

_CHECK_S = 30.0


class SignatureError(Exception):
    """A file cannot be signed, or its signature does not hold. One line."""


class ToolError(SignatureError):
    """There is no ssh-keygen that can be asked."""


def signature_path(path: Path) -> Path:
    """Where the signature of a file is looked for: beside it, as ssh-keygen names it."""
    return path.with_name(f"{path.name}.sig")


def sign(path: Path, key: Path, signature: Path) -> None:
    """Sign a file, and write the signature.

    `key` is a private key, or a public key whose private part an SSH agent holds; ssh-keygen itself asks for a passphrase.
    """
    with path.open("rb") as signed:
        made = _ask(["sign", "-n", NAMESPACE, "-f", str(key)], signed, f"{key}: cannot sign")
    signature.write_bytes(made)


def signer_of(path: Path, signature: Path, allowed_signers: Path) -> str:
    """Who signed a file, and with which key, where the allowed signers (`man ssh-keygen`) vouch for it."""
    found = ["-s", str(signature), "-f", str(allowed_signers)]
    with path.open("rb") as signed:
        said = _ask(["find-principals", *found], signed, f"{signature}: is not of any signer in {allowed_signers}", _CHECK_S)
    principal = said.decode(errors="replace").split(",")[0].splitlines()[0].strip()
    with path.open("rb") as signed:
        said = _ask(["verify", *found, "-I", principal, "-n", NAMESPACE], signed, f"{signature}: does not hold", _CHECK_S)
    return _told(said)


def key_of(path: Path, signature: Path) -> str:
    """With which key a file was signed, whosever it is."""
    with path.open("rb") as signed:
        said = _ask(["check-novalidate", "-n", NAMESPACE, "-s", str(signature)], signed, f"{signature}: does not hold", _CHECK_S)
    return _told(said)


def _told(said: bytes) -> str:
    """`Good "payconform" signature for NAME with KIND key HASH` without what goes without saying."""
    return said.decode(errors="replace").strip().removeprefix(f'Good "{NAMESPACE}" signature ')


def _ask(arguments: list[str], data: BinaryIO, wrong: str, within_s: float | None = None) -> bytes:
    """What ssh-keygen says when it succeeds. Raises `SignatureError` that begins with `wrong` and ends with its reason."""
    try:
        done = subprocess.run(  # noqa: S603 -- no shell, and every argument is an option's value
            ["ssh-keygen", "-Y", *arguments],  # noqa: S607 -- the user's own, wherever it is
            stdin=data,
            capture_output=True,
            timeout=within_s,
            check=False,
        )
    except FileNotFoundError:
        raise ToolError("ssh-keygen is not installed; it comes with OpenSSH 8.2 or newer") from None
    except subprocess.TimeoutExpired:
        raise SignatureError(f"{wrong}: ssh-keygen did not answer within {within_s:g} s") from None
    if done.returncode:
        reasons = (done.stderr or done.stdout).decode(errors="replace").split("\n")
        reason = next((line.strip() for line in reversed(reasons) if line.strip()), "ssh-keygen gives no reason")
        raise SignatureError(f"{wrong}: {reason}")
    return done.stdout
