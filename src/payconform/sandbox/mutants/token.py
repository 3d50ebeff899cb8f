"""Faults of the token mode and the vault (clauses TK)."""

import base64
from dataclasses import replace
from typing import Any

from payconform.model.clause import Mode
from payconform.sandbox.cards import TEST_CARDS
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import CardDetails, Document, Order, State, Terms
from payconform.sandbox.provider import Provider
from payconform.sandbox.rules import TOKEN_DATA, invalid

TOKEN = f"{TOKEN_DATA}.token"


def default_card() -> CardDetails:
    """An instrument that nobody chose."""
    card = TEST_CARDS[0]
    return CardDetails(card.number, card.expiry_month, card.expiry_year, card.cvv)


@mutant("TK-01", "token payments are refused unless pay_access_type is the word token")
class AccessTypeMustSayToken(Provider):
    def read_direct(self, document: Document, terms: Document) -> Terms:
        terms_read = super().read_direct(document, terms)
        if terms_read.mode is Mode.TOKEN:
            raise invalid("pay_access_type", "must be token")
        return terms_read


@mutant("TK-02", "extra_type is not looked at where token data is present")
class TokenTypeIsGuessed(Provider):
    def read_direct(self, document: Document, terms: Document) -> Terms:
        extra = self.read(document, "channel_extra", self.read_object)
        if "token_data" in extra:
            extra = {**extra, "extra_type": "token"}
        return super().read_direct({**document, "channel_extra": extra}, terms)


@mutant("TK-03", "token_data is accepted as a string")
class TokenDataMayBeText(Provider):
    def read_object(self, path: str, value: Any) -> Document:
        if path == TOKEN_DATA and isinstance(value, str):
            return {"token": value if value in self.vault else next(iter(self.vault), value)}
        return super().read_object(path, value)


@mutant("TK-03", "missing token_data charges the card that was stored last")
class MissingTokenDataChargesLastCard(Provider):
    def on_missing(self, path: str) -> Any:
        if path == TOKEN_DATA and self.vault:
            return {"token": next(reversed(self.vault))}
        return super().on_missing(path)


@mutant("TK-04", "a missing token charges the card that was stored last")
class MissingTokenChargesLastCard(Provider):
    def on_missing(self, path: str) -> Any:
        return next(reversed(self.vault)) if path == TOKEN and self.vault else super().on_missing(path)


@mutant("TK-05", "a token payment needs the cvv")
class TokenNeedsCvv(Provider):
    def read_direct(self, document: Document, terms: Document) -> Terms:
        terms_read = super().read_direct(document, terms)
        if terms_read.mode is Mode.TOKEN and "cvv" not in document["channel_extra"]["token_data"]:
            raise invalid(f"{TOKEN_DATA}.cvv", "is required")
        return terms_read


@mutant("TK-06", "the token in the callback is not the one that is accepted")
class TokenIsToldInAnotherForm(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        data = super().channel_biz_data(order)
        return {**data, "card_token": order.card_token.replace("src_", "tok_")} if order.card_token else data


@mutant("TK-07", "a token is good for one payment")
class TokenIsSingleUse(Provider):
    def redeem(self, token: str) -> CardDetails:
        card = super().redeem(token)
        del self.vault[token]
        return card


@mutant("TK-07", "a token is good for the amount of its first payment only")
class TokenIsBoundToAnAmount(Provider):
    def card_of(self, terms: Terms) -> CardDetails | None:
        earlier = (order.terms for order in self.orders.values() if order.terms.token == terms.token != "")
        if any(other.amount != terms.amount for other in earlier):
            raise invalid(TOKEN, "is not good for this amount")
        return super().card_of(terms)


@mutant("TK-08", "an unknown token pays with a default card")
class UnknownTokenPays(Provider):
    def on_unknown_token(self, token: str) -> CardDetails:  # noqa: ARG002 - whatever it is
        return default_card()


@mutant("TK-08", "the last character of a token is not compared")
class TokenIsComparedInPart(Provider):
    def on_unknown_token(self, token: str) -> CardDetails:
        alike = (card for known, card in self.vault.items() if known[:-1] == token[:-1])
        return next(alike, None) or super().on_unknown_token(token)


@mutant("TK-08", "a card number pays as a token")
class CardNumberPaysAsToken(Provider):
    def on_unknown_token(self, token: str) -> CardDetails:
        return default_card() if token.isdigit() else super().on_unknown_token(token)


@mutant("TK-09", "token payments are answered in another envelope")
class TokenReplyHasAnotherShape(Provider):
    def data(self, order: Order) -> Document:
        data = super().data(order)
        return {"payment": data["order_data"]} if order.terms.mode is Mode.TOKEN else data


@mutant("TK-10", "token payments are not notified")
class TokenPaymentsAreNotNotified(Provider):
    def begin_notifying(self, order: Order) -> None:
        if order.terms.mode is not Mode.TOKEN:
            super().begin_notifying(order)


@mutant("TK-06", "every token payment fails")
class TokenPaymentsFail(Provider):
    def outcome(self, order: Order) -> State:
        return State.FAILED if order.terms.mode is Mode.TOKEN else super().outcome(order)


@mutant("TK-11", "the callback of a token payment carries the order that made the token")
class CallbackCarriesTheFirstOrder(Provider):
    def callback_document(self, order: Order) -> Document:
        made = (other for other in self.orders.values() if other.card_token and other.card_token == order.terms.token)
        first = next(made, order)
        return super().callback_document(replace(order, id=first.id, terms=first.terms))


@mutant("TK-12", "a token is the card number in base64")
class TokenIsEncodedNumber(Provider):
    def new_token(self, card: CardDetails) -> str:
        return "src_" + base64.b64encode(card.number.encode()).decode()


@mutant("TK-12", "a token holds the card number")
class TokenHoldsTheNumber(Provider):
    def new_token(self, card: CardDetails) -> str:
        return f"{super().new_token(card)}_{card.number}"


@mutant("CB-22", "the token that is told is that of another card, stored before")
class TokenIsThatOfAnotherCard(Provider):
    def store(self, card: CardDetails) -> str:
        others = [token for token, stored in self.vault.items() if stored.number != card.number]
        own = super().store(card)
        return others[-1] if others else own
