"""`payconform sandbox`: the provider on its own, for a merchant to develop against."""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

import msgspec

from payconform.contract import ENDPOINT_PATH
from payconform.model.finding import ExitCode
from payconform.sandbox.cards import CHALLENGE_PASSWORD, TEST_CARDS
from payconform.sandbox.catalogue import Mutant, Variant
from payconform.sandbox.mutants import MUTANTS
from payconform.sandbox.provider import Provider
from payconform.sandbox.server import HOST, Sandbox
from payconform.sandbox.settings import Settings
from payconform.sandbox.variants import VARIANTS

DEFAULT_PORT = 8642
DESCRIPTION = "A conforming card-payment provider on this machine."

EXAMPLE_ORDER = {
    "target_amount": "10.00",
    "target_currency": "USD",
    "transaction_type": "PAY_IN",
    "notify_url": "http://127.0.0.1:9000/callback",
    "request_id": "M0001",
    "fail_url": "http://127.0.0.1:9000/fail",
    "success_url": "http://127.0.0.1:9000/success",
    "product_name": "Tea",
    "description": "Two bags of tea",
    "way_type": "CARD_PAYMENT",
    "api_version": "V2",
    "pay_access_type": 1,
}


class Misconfigured(Exception):  # noqa: N818 - it is named as the exit code is
    """What the user asked for cannot be had; the message is the one line the user reads."""


def run(argv: Sequence[str]) -> int:
    """Serve until Ctrl-C or SIGTERM, or list what can be served; the exit code of the process."""
    try:
        options = parse(argv)
        if options.list:
            sys.stdout.writelines(listing())
        else:
            serve(options)
    except Misconfigured as error:
        sys.stderr.write(f"payconform sandbox: {error}\n")
        return ExitCode.MISCONFIGURED
    return ExitCode.CONFORMANT


def serve(options: argparse.Namespace) -> None:
    chosen = chosen_provider(options)
    settings = adjusted(chosen.settings if chosen else Settings(), options)
    try:
        sandbox = Sandbox(chosen.provider if chosen else Provider, settings, options.port)
    except OSError as error:
        raise Misconfigured(f"cannot listen on {HOST}:{options.port}: {error.strerror or error}") from error
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with sandbox:
        sys.stdout.writelines(greeting(sandbox.url, settings, chosen))
        sys.stdout.flush()
        stopping.wait()


def parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(prog="payconform sandbox", description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, metavar="N", help="default %(default)s; 0: any free one")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--mutant", metavar="NAME", help="break one clause")
    chosen.add_argument("--variant", metavar="NAME", help="differ where the contract is silent")
    parser.add_argument("--latency", type=_seconds, metavar="S", help="seconds added to every request")
    parser.add_argument("--callback-delay", type=_seconds, metavar="S", help="seconds from an outcome to its callback")
    parser.add_argument("--list", action="store_true", help="print the mutants and variants, and end")
    return parser.parse_args(argv)


def chosen_provider(options: argparse.Namespace) -> Mutant | Variant | None:
    if options.mutant is not None:
        return _named("mutant", options.mutant, MUTANTS)
    if options.variant is not None:
        return _named("variant", options.variant, VARIANTS)
    return None


def adjusted(settings: Settings, options: argparse.Namespace) -> Settings:
    given = {"latency_s": options.latency, "callback_delay_s": options.callback_delay}
    return msgspec.structs.replace(settings, **{name: value for name, value in given.items() if value is not None})


def listing() -> Iterator[str]:
    yield "Mutants: each breaks what it names and nothing else\n"
    width = max(map(len, (*MUTANTS, *VARIANTS)))
    for mutant in MUTANTS.values():
        yield f"  {mutant.name:{width}}  {' '.join(mutant.clauses):11}  {mutant.statement}\n"
    yield "\nVariants: each keeps the contract\n"
    for variant in VARIANTS.values():
        yield f"  {variant.name:{width}}  {'':11}  {variant.statement}\n"


def greeting(url: str, settings: Settings, chosen: Mutant | Variant | None) -> Iterator[str]:
    """What a merchant needs to begin: address, cards, credentials, and a first request."""
    yield f"Sandbox at {url}\n"
    if chosen:
        yield f"It is {chosen.name}: {chosen.statement}.\n"
    yield f"Orders: POST {url}{ENDPOINT_PATH}\n"
    yield "\nTest cards\n"
    for card in TEST_CARDS:
        expiry = f"{card.expiry_month:02}/{card.expiry_year}"
        yield f"  {card.role.value:18}  {card.number}  {expiry}  cvv {card.cvv}\n"
    yield f"  3DS password: {CHALLENGE_PASSWORD}\n"
    if settings.signing:
        yield "\nCredentials: requests must be signed\n"
        yield f"  app id  {settings.signing.app_id}\n"
        yield f"  secret  {settings.signing.secret}\n"
    else:
        body = json.dumps(EXAMPLE_ORDER, indent=2)
        yield "\nA first order\n"
        yield f"curl {url}{ENDPOINT_PATH} -H 'Content-Type: application/json' -d '{body}'\n"
    yield "\nCtrl-C stops it.\n"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Misconfigured(message)


def _named(kind: str, name: str, register: Mapping[str, Mutant] | Mapping[str, Variant]) -> Mutant | Variant:
    if name not in register:
        raise Misconfigured(f"there is no {kind} {name!r}; --list prints them all")
    return register[name]


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: 0 to 65535")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0 to 3600")
    return seconds
