"""Card data that comes back (clauses PC)."""

import base64
import html
from urllib.parse import quote

from payconform.model.clause import Mode
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import CardDetails, Document, Order, Refusal
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply


@mutant("PC-01", "a refusal quotes the card number")
class RefusalQuotesTheCard(Provider):
    def read_card(self, card_data: Document) -> CardDetails:
        try:
            return super().read_card(card_data)
        except Refusal as refusal:
            message = f"{refusal.message} (card {card_data.get('number')})"
            raise Refusal(refusal.code, message, status=refusal.status) from refusal


@mutant("PC-01", "the create reply echoes the card")
class ReplyEchoesTheCard(Provider):
    def data(self, order: Order) -> Document:
        card = {"card": {"number": order.card.number, "cvv": order.card.cvv}} if order.card else {}
        return {**super().data(order), **card}


@mutant("PC-01", "the callback carries the card number")
class CallbackCarriesTheCard(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        number = {"card_number": order.card.number} if order.card else {}
        return {**super().channel_biz_data(order), **number}


@mutant("PC-01", "the callback carries the card number in groups of four")
class CallbackCarriesSpacedNumber(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        number = order.card.number if order.card else ""
        return {**super().channel_biz_data(order), "card": " ".join(number[at : at + 4] for at in range(0, len(number), 4))}


@mutant("PC-01", "the callback carries the card number in base64")
class CallbackCarriesEncodedNumber(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        number = order.card.number if order.card else ""
        return {**super().channel_biz_data(order), "fingerprint": base64.b64encode(number.encode()).decode()}


@mutant("PC-01", "the callback carries the cvv")
class CallbackCarriesTheCvv(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        cvv = {"cvv": order.card.cvv} if order.card else {}
        return {**super().channel_biz_data(order), **cvv}


@mutant("PC-01", "the redirect back to the merchant carries the card number")
class RedirectCarriesTheCard(Provider):
    def redirect_after(self, order: Order) -> str:
        url = super().redirect_after(order)
        number = quote(order.card.number if order.card else "")
        return f"{url}{'&' if '?' in url else '?'}card={number}"


@mutant("PC-01", "a redirect that repeats the request sends the card form on to the merchant")
class RedirectSendsTheForm(Provider):
    def see_other(self, url: str) -> HttpReply:
        inside = url.startswith(f"{self.url}/")
        return super().see_other(url) if inside else super().see_other(url)._replace(status=307)


@mutant("PC-01", "the last page leads to the merchant with the card number in the address")
class LastPageCarriesTheCard(Provider):
    def landing(self, order: Order) -> str:
        url, number = super().landing(order), order.card.number if order.card else ""
        return f"{url}{'&' if '?' in url else '?'}card={number}"

    def finish(self, order: Order) -> HttpReply:
        return self.finished_page(order)


@mutant("PC-01", "a form on the last page takes the card number to the merchant")
class LastFormCarriesTheCard(Provider):
    def finish(self, order: Order) -> HttpReply:
        number = order.card.number if order.card else ""
        action = html.escape(self.landing(order))
        form = f'<form method="post" action="{action}"><input type="hidden" name="pan" value="{number}"></form>'
        return self.page("Back to the shop", form)


@mutant("PC-01", "a cookie of the challenge page holds the card number")
class CookieHoldsTheCard(Provider):
    def challenge_page(self, order: Order) -> HttpReply:
        page, number = super().challenge_page(order), order.card.number if order.card else ""
        return page._replace(headers={**page.headers, "set-cookie": f"card={number}; Secure; HttpOnly"})


@mutant("PC-01", "the challenge page of a direct order shows the card number")
class ChallengePageShowsTheCard(Provider):
    def challenge_page(self, order: Order) -> HttpReply:
        shown = f"<p>Card {order.card.number}</p>" if order.card and order.terms.mode is Mode.CARD else ""
        page = super().challenge_page(order)
        return page._replace(body=page.body.replace(b"<form", f"{shown}<form".encode(), 1))


@mutant("PC-01", "the challenge page of a direct order holds the cvv in its form")
class ChallengePageHoldsTheCvv(Provider):
    def challenge_page(self, order: Order) -> HttpReply:
        cvv = order.card.cvv if order.card and order.terms.mode is Mode.CARD else ""
        page, field = super().challenge_page(order), f'<input type="hidden" name="cvv" value="{cvv}">'
        return page._replace(body=page.body.replace(b"</form>", f"{field}</form>".encode()))


@mutant("PC-01", "the callback carries the card number backwards")
class CallbackCarriesTheCardBackwards(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        return {**super().channel_biz_data(order), "trace": order.card.number[::-1] if order.card else ""}


@mutant("PC-01", "the callback carries the card number in hexadecimal")
class CallbackCarriesTheCardInHexadecimal(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        return {**super().channel_biz_data(order), "trace": f"{int(order.card.number):x}" if order.card else ""}


@mutant("PC-01", "the callback carries the bytes of the card number in hexadecimal")
class CallbackCarriesTheBytesOfTheCard(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        return {**super().channel_biz_data(order), "trace": order.card.number.encode().hex() if order.card else ""}


@mutant("PC-03", "the callback shows more of the card number than its first six and last four digits")
class MaskShowsTooMuch(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        masked = {"card": f"{order.card.number[:8]}****{order.card.number[-4:]}"} if order.card else {}
        return {**super().channel_biz_data(order), **masked}


@mutant("PC-03", "the callback shows the card number in groups, all but one of them")
class MaskHidesOneGroup(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        number = order.card.number if order.card else ""
        return {**super().channel_biz_data(order), "card": f"{number[:4]} {number[4:8]} **** {number[-4:]}"}


@mutant("PC-03", "the callback has the card number in two members")
class NumberInTwoMembers(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        number = order.card.number if order.card else ""
        return {**super().channel_biz_data(order), "bin": number[:11], "last_digits": number[11:]}


@mutant("PC-03", "the redirect to the merchant shows all digits of the card number but the last four")
class RedirectShowsTooMuch(Provider):
    def redirect_after(self, order: Order) -> str:
        url = super().redirect_after(order)
        return f"{url}{'&' if '?' in url else '?'}card={order.card.number[:-4] if order.card else ''}%23%23%23%23"
