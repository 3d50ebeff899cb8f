"""Which targets can have a case, and what they are told when they cannot."""

import msgspec
import pytest

from payconform.authoring import CARD, CASHIER, EVERY_MODE, Case, Control, Make, Script, case
from payconform.model.profile import Auth, Profile, Target

SIGNING = Profile(
    target=Target(name="t", environment="sandbox", base_url="https://t.example", dialect="lesspay2"),
    auth=Auth(signer="lesspay2", app_id="a", secret="s3cret"),
)
PLAIN = Profile(target=Target(name="t", environment="sandbox", base_url="https://t.example"))


def a_script(_make: Make) -> Script[None]:
    """Something is asked."""
    yield Control()


SIGNED = case("AU-01", modes=EVERY_MODE, signs=True)(a_script).cases
FORGED_ONCE = case("AU-02", modes=EVERY_MODE, forges=True, once=True)(a_script).cases


@pytest.mark.parametrize("each", [SIGNED[0], FORGED_ONCE[0]], ids=["signs", "forges"])
def test_what_is_about_signing_needs_a_target_that_signs(each: Case) -> None:
    assert each.skip(SIGNING) == ""
    assert "applies with dialect lesspay2" in each.skip(PLAIN)


def test_a_signer_of_ones_own_is_tried_and_one_that_signs_nothing_is_not() -> None:
    own = msgspec.structs.replace(SIGNING, auth=Auth(signer="own", secret="s3cret"))
    assert SIGNED[0].skip(own) == ""
    static = msgspec.structs.replace(SIGNING, auth=Auth(signer="headers", headers={"X-Api-Key": "k"}))
    assert SIGNED[0].skip(static) == "signer headers signs nothing"


def test_what_the_modes_hardly_differ_in_is_asked_in_the_first() -> None:
    cashier, card, token = (each.skip(SIGNING) for each in FORGED_ONCE)
    assert cashier == ""
    assert card == token == "the modes hardly differ in this: it is asked in cashier mode, and in each by the deep plan"
    assert {each.skip(SIGNING, "deep") for each in FORGED_ONCE} == {""}
    without = msgspec.structs.replace(SIGNING, modes=(CARD,))
    assert FORGED_ONCE[1].skip(without) == ""
    assert "does not enable cashier" in FORGED_ONCE[0].skip(without)


def test_the_first_mode_is_not_the_one_named_first() -> None:
    turned = msgspec.structs.replace(SIGNING, modes=(CARD, CASHIER))
    assert [each.skip(turned) == "" for each in FORGED_ONCE] == [True, False, False]
