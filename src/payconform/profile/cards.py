"""Test cards of a profile. No message here shows a number or a security code."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from payconform.model.profile import Card, Role
from payconform.profile.environment import given_or_from_environment
from payconform.profile.mistakes import Mistake


def card(members: Mapping[str, Any], key: str, environ: Mapping[str, str], today: date) -> Card:
    """One card of the checked shape, its number and code resolved and usable."""
    number = given_or_from_environment(members, "number", key, environ)
    if not re.fullmatch(r"[0-9]{12,19}", number):
        raise Mistake(f"{key}.number", f"has {len(number)} characters; allowed is 12 to 19 digits without blanks")
    if not passes_luhn(number):
        raise Mistake(
            f"{key}.number", "is no card number: its last digit does not fit the others (Luhn); look for a typing error"
        )
    cvv = given_or_from_environment(members, "cvv", key, environ)
    if not re.fullmatch(r"[0-9]{3,4}", cvv):
        raise Mistake(f"{key}.cvv", f"has {len(cvv)} characters; allowed is 3 or 4 digits in quotes")
    month, year = members["expiry_month"], members["expiry_year"]
    if (year, month) < (today.year, today.month):
        raise Mistake(
            f"{key}.expiry_year",
            f"says the card expired in {month:02d}/{year}; every payment with it would fail, so take a later date",
        )
    return Card(role=Role(members["role"]), number=number, expiry_month=month, expiry_year=year, cvv=cvv)


def passes_luhn(number: str) -> bool:
    """Whether the check digit of a string of digits is right."""
    doubled = "0246813579"
    backwards = number[::-1]
    total = sum(map(int, backwards[::2])) + sum(int(doubled[int(digit)]) for digit in backwards[1::2])
    return total % 10 == 0
