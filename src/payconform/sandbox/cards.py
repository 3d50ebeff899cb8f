"""The sandbox's cards: which number leads to which outcome, and what makes a number possible at all."""

from payconform.model.profile import Card, Role

TEST_CARDS = tuple(
    Card(role=role, number=number, expiry_month=12, expiry_year=2035, cvv="123")
    for role, number in (
        (Role.APPROVED, "4242424242424242"),
        (Role.APPROVED, "5555555555554444"),
        (Role.CHALLENGE, "4010061700000021"),
        (Role.DECLINED, "4544249167673670"),
        (Role.CHALLENGE_DECLINED, "4150561000000019"),
    )
)

ROLES = {card.number: card.role for card in TEST_CARDS}

CHALLENGE_PASSWORD = "Checkout1!"  # printed on the challenge page: it is part of the test card set


def passes_luhn(number: str) -> bool:
    """Whether the check digit of a string of ASCII digits is right."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
