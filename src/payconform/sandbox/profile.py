"""The sandbox as a target: the profile that fits it."""

from payconform.contract.register import reading_defaults
from payconform.model.profile import Auth, Callbacks, Limits, Match, Page, Payer, Profile, Target
from payconform.sandbox.cards import CHALLENGE_PASSWORD, TEST_CARDS
from payconform.sandbox.pages import FieldNames
from payconform.sandbox.settings import Signing


def sandbox_profile(url: str, *, signing: Signing | None = None, names: FieldNames | None = None) -> Profile:
    """The profile of a sandbox at `url`: one that signs when `signing` is given, with the field names its pages use."""
    return Profile(
        target=Target(
            name="Embedded sandbox",
            environment="sandbox",
            base_url=url,
            dialect="lesspay2" if signing else "guide",
        ),
        auth=Auth(signer="lesspay2", app_id=signing.app_id, secret=signing.secret) if signing else Auth(),
        cards=TEST_CARDS,
        callbacks=Callbacks(deadline_s=5.0, quiet_window_s=1.0, redelivery_s=5.0),
        payer=Payer(kind="form", pages=payer_pages(names or FieldNames())),
        limits=Limits(requests_per_second=1000.0, concurrency=16, currencies=("USD", "CNY", "JPY", "KWD")),
        readings=reading_defaults() | {"end_of_card_month": "utc"},
    )


def payer_pages(names: FieldNames) -> tuple[Page, ...]:
    """How to pay on the hosted pages, and how to fail the challenge on purpose."""
    return (
        Page(
            name="cashier",
            match=Match(field=names.number),
            fill={
                names.number: "{number}",
                names.month: "{expiry_month}",
                names.year: "{expiry_year}",
                names.cvv: "{cvv}",
            },
            submit=names.pay,
        ),
        Page(
            name="3ds",
            match=Match(field=names.password),
            fill={names.password: CHALLENGE_PASSWORD},
            fill_reject={names.password: "wrong"},
            submit=names.confirm,
        ),
    )
