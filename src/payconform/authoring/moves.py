"""The moves that a life of orders is made of, and the lives that every run begins with."""

from collections.abc import Mapping
from enum import StrEnum

from payconform.model.clause import Mode


class Move(StrEnum):
    """What a merchant or a payer may do next; the words are those of reports."""

    PLACE = "an order"
    PLACE_ALIKE = "an order of the same amount and texts"
    PLACE_DECLINED = "an order with a declined card"
    PLACE_CHALLENGED = "an order that stores a card that is challenged"
    PLACE_STORING = "an order that stores the card"
    USE_TOKEN = "an order by that card's token"
    PAY = "the payer pays"
    PAY_TWICE = "the payer pays, goes back and presses the button again, rightly and then wrongly"
    PASS = "the payer pays by a card that is challenged, goes back and fails the challenge"
    DECLINE = "the payer tries a declined card"
    FAIL = "the payer fails the challenge, goes back and passes it"
    RETRY = "the payer opens the page again after a failure, with a good card"
    LOOK = "the payer opens the page again"
    REPEAT = "the order is sent again"
    CHANGE = "another order under its request_id"
    TOGETHER = "an order sent four times at once"
    CORRECT = "a faulty order, then corrected"
    DEAFEN = "an order whose first callback is not acknowledged"


Moves = tuple[Move, ...]

ALWAYS = (Move.PLACE, Move.PLACE_ALIKE, Move.REPEAT, Move.CHANGE, Move.TOGETHER, Move.CORRECT, Move.DEAFEN)
OWN = {
    Mode.CASHIER: (Move.PAY, Move.PASS, Move.FAIL, Move.PAY_TWICE, Move.DECLINE, Move.RETRY, Move.LOOK),
    Mode.CARD: (
        *(Move.PLACE_DECLINED, Move.PLACE_CHALLENGED, Move.PAY, Move.PAY_TWICE, Move.FAIL),
        *(Move.PLACE_STORING, Move.USE_TOKEN, Move.USE_TOKEN, Move.LOOK, Move.RETRY),
    ),
    Mode.TOKEN: (Move.PLACE, Move.PLACE, Move.PAY),
}
FIRST: Mapping[Mode, tuple[Moves, ...]] = {
    Mode.CASHIER: (
        (Move.PLACE, Move.PLACE_ALIKE, Move.PAY_TWICE, Move.DEAFEN, Move.PAY, Move.PASS, Move.LOOK),
        (Move.PLACE, Move.CHANGE, Move.DECLINE, Move.RETRY, Move.REPEAT, Move.FAIL, Move.RETRY, Move.CORRECT, Move.TOGETHER),
    ),
    Mode.CARD: (
        (Move.PLACE_STORING, Move.USE_TOKEN, Move.USE_TOKEN, Move.USE_TOKEN, Move.REPEAT),
        (Move.PLACE_DECLINED, Move.REPEAT, Move.PLACE_DECLINED, Move.CHANGE, Move.CORRECT, Move.REPEAT),
        (
            *(Move.DEAFEN, Move.PLACE_CHALLENGED, Move.PLACE_CHALLENGED, Move.LOOK, Move.PAY, Move.LOOK),
            *(Move.PLACE_CHALLENGED, Move.PAY_TWICE, Move.PLACE_CHALLENGED, Move.FAIL, Move.RETRY, Move.PLACE_ALIKE),
        ),
    ),
    Mode.TOKEN: (
        (Move.DEAFEN, Move.PLACE, Move.PLACE_ALIKE, Move.REPEAT, Move.PLACE),
        (Move.PLACE, Move.CHANGE, Move.CORRECT, Move.PLACE),
    ),
}
"""What every run begins with. Together they make every move, so that none depends on the seed from the default plan on; orders
at once with a card have a case of their own.

The challenged order placed first stays open: its page is in another tab while the others are paid.
"""
