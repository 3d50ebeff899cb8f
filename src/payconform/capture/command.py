"""`payconform receive`: an inbox on a public host, for runs whose provider cannot reach them, and for anybody's callbacks."""

import argparse
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from payconform.adapters.listening import ReceiverError, address_of, listen
from payconform.capture.server import serve
from payconform.capture.service import Service, Settings
from payconform.capture.store import StoreError
from payconform.model.finding import ExitCode

DESCRIPTION = "Captures what is sent to armed paths, acknowledges what is on disk, and hands it to whoever has the token."
DEFAULT_BIND = "127.0.0.1:8643"
DEFAULT_STORE = "callbacks.db"
DEFAULT_TOKEN = "PAYCONFORM_TOKEN"
SHORTEST_TOKEN = 16

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Misconfigured(Exception):  # noqa: N818 - it is named as the exit code is
    """What the user asked for cannot be had; the message is the one line the user reads."""


def run(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Serve until Ctrl-C or SIGTERM; the exit code of the process."""
    try:
        options = parse(argv)
        settings = _settings(options, environ)
        with listen(options.bind) as listener:
            service = Service(settings)
            sys.stdout.write(f"Capturing at {address_of(listener)}\n{_told(settings)}Ctrl-C stops it.\n")
            sys.stdout.flush()
            serve(service, listener)
    except (Misconfigured, ReceiverError, StoreError) as error:
        sys.stderr.write(f"payconform receive: {error}\n")
        return ExitCode.MISCONFIGURED
    return ExitCode.CONFORMANT


def parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(prog="payconform receive", description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--bind", default=DEFAULT_BIND, metavar="HOST:PORT", help="default %(default)s; port 0: any free one")
    parser.add_argument("--store", type=Path, default=DEFAULT_STORE, metavar="FILE", help="default %(default)s")
    parser.add_argument(
        "--token-env", default=DEFAULT_TOKEN, metavar="NAME", help="variable with the token of the API; default %(default)s"
    )
    parser.add_argument(
        "--secret-env",
        metavar="NAME",
        help="variable with the application secret, to verify signatures of the bytes as they came",
    )
    parser.add_argument(
        "--retention", type=_retention, default="7d", metavar="TIME", help="12h, 7d, … or forever; default %(default)s"
    )
    return parser.parse_args(argv)


def _settings(options: argparse.Namespace, environ: Mapping[str, str]) -> Settings:
    token = _from_environment("--token-env", options.token_env, environ)
    if len(token) < SHORTEST_TOKEN or not re.fullmatch(r"[!-~]+", token):
        raise Misconfigured(
            f"the token in {options.token_env} must have at least {SHORTEST_TOKEN} printable characters without blanks, "
            "as `openssl rand -hex 32` makes them"
        )
    secret = _from_environment("--secret-env", options.secret_env, environ) if options.secret_env else ""
    return Settings(store=options.store, token=token, secret=secret, retention_s=options.retention)


def _from_environment(option: str, name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "").strip()
    if not value:
        shown = name if re.fullmatch(r"[A-Z][A-Z0-9_]{0,39}", name) else "an environment variable"
        raise Misconfigured(f"{option} names {shown}, which is {'empty' if name in environ else 'not set'}")
    return value


def _told(settings: Settings) -> str:
    kept = "for ever" if settings.retention_s is None else f"for {settings.retention_s / 3600:g} h"
    signed = "verified" if settings.secret else "not verified (--secret-env names the secret)"
    return f"Records are kept {kept} in {settings.store}; signatures are {signed}.\n"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Misconfigured(message)


def _retention(text: str) -> float | None:
    if text == "forever":
        return None
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if not found or not int(found[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 90s, 30m, 12h or 7d, and not forever")
    return float(int(found[1]) * _SECONDS[found[2]])
