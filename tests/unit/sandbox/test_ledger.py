"""Ids of orders: one gives none twice, and neither do two sandboxes that are asked at the same moment."""

from datetime import UTC, datetime

from payconform.sandbox.ledger import Ledger
from payconform.sandbox.settings import Settings

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_sandboxes_of_one_run_give_different_ids_at_the_same_moment() -> None:
    ledgers = [Ledger(Settings(clock=lambda: NOON)) for _ in range(8)]
    ids = [ledger.new_order_id() for _ in range(3) for ledger in ledgers]
    # Two of eight random nodes out of four million are alike once in 150,000 runs, so one pair is let pass.
    assert len(set(ids)) >= len(ids) - 3
    assert {len(order_id) for order_id in ids} == {20}


def test_ids_rise_while_the_clock_stands_still() -> None:
    ledger = Ledger(Settings(clock=lambda: NOON))
    numbers = [ledger.next_number() for _ in range(1000)]
    assert numbers == sorted(set(numbers))
