"""Mistakes that no single key shows: parts of a profile that contradict each other."""

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from payconform.model.clause import Mode
from payconform.model.profile import Profile, Role
from payconform.profile.mistakes import Mistake


def check_coherence(profile: Profile) -> None:
    """Raise the first `Mistake` there is."""
    for rule in _RULES:
        rule(profile)


def _modes_are_distinct(profile: Profile) -> None:
    if len(set(profile.modes)) < len(profile.modes):
        raise Mistake("modes.enabled", "names a mode twice")


def _card_mode_has_a_card(profile: Profile) -> None:
    if Mode.CARD in profile.modes and not profile.cards:
        raise Mistake("cards", "is missing, and card mode needs a test card; add [[cards]], or take card out of modes.enabled")


def _token_mode_can_store_a_card(profile: Profile) -> None:
    if Mode.TOKEN not in profile.modes:
        return
    if Mode.CARD not in profile.modes:
        raise Mistake(
            "modes.enabled", "has token without card; a token comes from a card payment, so enable card or take token out"
        )
    if not {Role.APPROVED, Role.CHALLENGE} & profile.roles():
        raise Mistake(
            "cards",
            "none has the role approved or challenge, and token mode stores one; add one, or take token out of modes.enabled",
        )


def _payer_knows_the_pages(profile: Profile) -> None:
    challenged = {Role.CHALLENGE, Role.CHALLENGE_DECLINED} & profile.roles()
    if profile.payer.kind == "form" and not profile.payer.pages and (Mode.CASHIER in profile.modes or challenged):
        reason = "cashier mode" if Mode.CASHIER in profile.modes else "a card with 3D Secure challenge"
        raise Mistake("payer.pages", f'is missing, and {reason} leads to pages; describe them, or set payer.kind = "none"')


def _pages_have_names_of_their_own(profile: Profile) -> None:
    names = [page.name for page in profile.payer.pages]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise Mistake(f"payer.pages[{index}].name", "names an earlier page; give each page a name of its own")


def _dialect_is_signed(profile: Profile) -> None:
    if profile.target.dialect == "lesspay2" and profile.auth.signer == "none":
        raise Mistake("auth.signer", 'is "none", and dialect "lesspay2" signs every request; use "lesspay2", or dialect "guide"')


def _live_is_encrypted(profile: Profile) -> None:
    url = urlsplit(profile.target.base_url)
    if profile.target.environment == "live" and url.scheme == "http" and not _is_loopback(url.hostname or ""):
        raise Mistake("target.base_url", "is plain http, and a live target is sent card data; allowed is https")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_RULES: tuple[Callable[[Profile], None], ...] = (
    _modes_are_distinct,
    _card_mode_has_a_card,
    _token_mode_can_store_a_card,
    _payer_knows_the_pages,
    _pages_have_names_of_their_own,
    _dialect_is_signed,
    _live_is_encrypted,
)
