"""Which callbacks tell how an order ended, where the guide leaves the names of its states open."""

import pytest

from payconform.model.notification import is_terminal, says_pending


@pytest.mark.parametrize(
    ("status", "number", "pending"),
    [
        ("PENDING_PAY", 1, True),
        ("PROCESSING", 7, True),
        ("WAITING_3DS", 1, True),
        ("WAITING_3DS", 10, True),
        ("AUTHORISED", 7, True),
        ("CANCELED", 4, False),
        ("CLOSED", 6, False),
        ("EXPIRED", 9, False),
        ("FAILURE", 3, False),
        ("DONE", 2, False),
        ("SUCCESS", "2", False),
        ("AUTHORISED", None, False),
        (None, None, False),
        ([], 7, False),
        ("PAID", True, False),
    ],
)
def test_a_state_without_the_name_or_number_of_an_end_is_none(status: object, number: object, pending: bool) -> None:  # noqa: FBT001
    assert says_pending(status, number) is pending


def test_success_and_failure_are_ends_whatever_their_number() -> None:
    assert is_terminal(b'{"order_status": "SUCCEED", "order_status_int": 1}')
    assert is_terminal(b'{"order_status": "FAILED", "order_status_int": 7}')
    assert not is_terminal(b'{"order_status": "AUTHORISED", "order_status_int": 7}')
