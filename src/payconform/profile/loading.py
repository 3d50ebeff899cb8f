"""From a file to a `Profile`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from payconform.contract.register import reading_choices, reading_defaults
from payconform.model.clause import Mode
from payconform.model.profile import Acknowledge, Callbacks, Card, Limits, Payer, Profile, Target
from payconform.profile.cards import card
from payconform.profile.coherence import check_coherence
from payconform.profile.credentials import auth, check_plain_headers
from payconform.profile.documents import read_toml
from payconform.profile.environment import from_environment
from payconform.profile.kinds import header_value
from payconform.profile.mistakes import Mistake, ProfileError, meant, one_of, shown, told
from payconform.profile.pages import page
from payconform.profile.shape import PROFILE


def load(path: Path, environ: Mapping[str, str]) -> Profile:
    """The profile in a TOML file; `environ` resolves the variables it names. Raises `ProfileError`."""
    document = read_toml(path, "profile", "profiles/example.toml", ProfileError)
    return parse(document, str(path), environ)


def parse(document: Mapping[str, Any], source: str, environ: Mapping[str, str]) -> Profile:
    """The profile in a parsed document; `source` is what messages call it. Raises `ProfileError`."""
    try:
        profile = _profile(PROFILE(document, ""), environ)
        check_coherence(profile)
    except Mistake as mistake:
        raise ProfileError(told(source, mistake)) from None
    return profile


def refuse_live(profile: Profile, *, allow_live: bool) -> None:
    """Raise `ProfileError` for a target that is not declared a sandbox, unless the user allowed it."""
    if profile.target.environment != "sandbox" and not allow_live:
        raise ProfileError(
            f"{profile.target.name}: target.environment is {profile.target.environment!r}; "
            "orders would be real, so only a sandbox is tested unless --allow-live is given"
        )


def _profile(document: Mapping[str, Any], environ: Mapping[str, str]) -> Profile:
    target = Target(**document["target"])
    check_plain_headers(target.headers)
    given = {"modes": tuple(map(Mode, document["modes"]["enabled"]))} if "modes" in document else {}
    return Profile(
        target=target,
        auth=auth(document.get("auth", {}), environ),
        cards=_cards(document, environ),
        callbacks=_callbacks(document.get("callbacks", {}), environ),
        payer=_payer(document.get("payer", {})),
        limits=Limits(**document.get("limits", {})),
        readings=_readings(document.get("readings", {})),
        **given,
    )


def _cards(document: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[Card, ...]:
    today = datetime.now(UTC).date()
    return tuple(card(members, f"cards[{index}]", environ, today) for index, members in enumerate(document.get("cards", ())))


def _callbacks(members: Mapping[str, Any], environ: Mapping[str, str]) -> Callbacks:
    acknowledge = {"acknowledge": Acknowledge(**members["acknowledge"])} if "acknowledge" in members else {}
    token = {"token": _token(members, environ)} if members.get("inbox") == "service" else {}
    plain = {name: value for name, value in members.items() if name != "token_env"}
    return Callbacks(**{**plain, **acknowledge, **token})


def _token(members: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """The token of the capture service; only asked for where it is used."""
    for name, what in {"service_url": "the address", "token_env": "the variable with the token"}.items():
        if not members.get(name):
            raise Mistake(f"callbacks.{name}", f'is missing, and inbox "service" needs {what} of a running `payconform receive`')
    return header_value(from_environment(members["token_env"], "callbacks.token_env", environ), "callbacks.token_env")


def _payer(members: Mapping[str, Any]) -> Payer:
    pages = tuple(page(described, f"payer.pages[{index}]") for index, described in enumerate(members.get("pages", ())))
    return Payer(**{**members, "pages": pages})


def _readings(chosen: Mapping[str, str]) -> dict[str, str]:
    known = reading_choices()
    for name, value in chosen.items():
        if name not in known:
            raise Mistake(f"readings.{name}", f"is not a reading{meant(name, known)}; known are {one_of(known)}")
        choices = known[name].choices
        if value not in choices:
            raise Mistake(f"readings.{name}", f"is {shown(value)}; allowed is {one_of(choices)}{meant(value, choices)}")
    return {**reading_defaults(), **chosen}
