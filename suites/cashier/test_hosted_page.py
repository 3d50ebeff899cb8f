"""Chapter E: from the cashier page to the redirect and the callback (guide, Integration Mode 1)."""

from payconform.authoring import (
    CARD,
    CASHIER,
    Callback,
    Control,
    Create,
    Exchange,
    Invariants,
    Make,
    Notification,
    Open,
    Order,
    Pay,
    Placed,
    Reply,
    Role,
    Script,
    Settled,
    Silence,
    TerminalCallback,
    case,
    check,
    elements_made,
    made,
    marked_up,
    not_paid,
    notified,
    paid,
    placed,
    require,
    settle,
    was_failed,
)

confirmation = Invariants(
    "Payers find a page, pay nowhere else, and are told what callbacks say",
    ("CA-03", "CA-05", "CA-06", "CA-07", "CA-08", "DC-19", "TK-09"),
)


@case("CA-03", "CA-05", modes=(CASHIER,))
def the_page_opens(make: Make) -> Script[None]:
    """The reply's payData is a page that a browser can open, and opening it pays nothing."""
    order = yield from made(make)
    reply = yield from placed(order)
    require(reply.pay_url, f"the reply names no page to open: payData {reply.pay_data!r}")
    page: Exchange = yield Open(order, reply.pay_url)
    require(not page.unanswered, f"the page could not be reached: {page.error}")
    observed = f"HTTP {page.status}, {_media(page) or 'no Content-Type'} at {page.url}"
    holds = (page.status or 0) < 400 and _is_html(page)
    yield check("CA-03", reply, page, holds=holds, expected="an HTML page", observed=observed)
    if make.profile.callbacks.inbox != "none":
        yield from _unpaid(order, reply)


def _media(page: Exchange) -> str:
    return page.header("content-type").split(";")[0].strip().lower()


def _is_html(page: Exchange) -> bool:
    media = _media(page)
    return media in ("text/html", "application/xhtml+xml") or (not media and b"<" in page.response_body.raw[:200])


@case("CA-05", modes=(CASHIER,), hears=True)
def nobody_pays_by_waiting(make: Make) -> Script[None]:
    """An order whose payer does nothing is not paid, however small it is, and though its merchant sends it again."""
    control: Placed = yield Control()
    small = make.small(make.order())
    if small:
        yield Create(small)
    yield Create(make.repeat(small or control.order))
    yield from _unpaid(control.order, control.reply, *filter(None, (small,)))


def _unpaid(order: Order, reply: Reply, *others: Order) -> Script[None]:
    heard: tuple[Callback, ...] = yield Silence((order, *others))
    paid_ones = [callback for callback in heard if Notification(callback).paid]
    observed = Notification(paid_ones[0]).describe() if paid_ones else f"{len(heard)} callbacks, none of them SUCCEED"
    yield check("CA-05", reply, *paid_ones, holds=not paid_ones, expected="no SUCCEED before the payer acts", observed=observed)


@case("CA-09", modes=(CASHIER,), needs=(Role.APPROVED,), hears=True)
def a_card_in_a_cashier_order_is_not_charged(make: Make) -> Script[None]:
    """A cashier order with card data beside it is refused, or waits for the payer as any other."""
    extra = make.order(mode=CARD, role=Role.APPROVED, stores=True).document["channel_extra"]
    order = make.altered(make.order(), "channel_extra in a cashier order", channel_extra=extra)
    reply: Reply = yield Create(order)
    heard: tuple[Callback, ...] = yield Silence((order,))
    charged = [callback for callback in heard if Notification(callback).paid]
    observed = reply.describe() + ("; " + Notification(charged[0]).describe() if charged else "; nothing charged")
    holds = not charged and (reply.accepted or reply.refused)
    expected = "refused, or no SUCCEED before the payer acts"
    yield check("CA-09", reply, *charged, holds=holds, expected=expected, observed=observed)


@case("CA-10", modes=(CASHIER,))
def markup_in_texts_is_shown_as_text(make: Make) -> Script[None]:
    """Markup in the merchant's texts makes no element of the page. A target may refuse such texts, or not show them."""
    order = marked_up(make)
    if order is None:
        return
    reply: Reply = yield Create(order)
    if not reply.accepted or not reply.pay_url:
        return
    page: Exchange = yield Open(order, reply.pay_url)
    made_of = elements_made(page.response_body.raw.decode(errors="replace")) if _is_html(page) else None
    if made_of is not None:
        observed = f"an element made of {' and of '.join(made_of)}" if made_of else "no element of theirs"
        expected = "the texts, and no element made of them"
        yield check("CA-10", reply, page, holds=not made_of, expected=expected, observed=observed)


@case("CA-06", "CA-08", "CB-01", "CB-03", modes=(CASHIER,), needs=(Role.APPROVED,), pays=True, hears=True)
def a_good_card_leads_to_success(make: Make) -> Script[None]:
    """A payer with a good card ends on success_url, and the callback says SUCCEED."""
    settled = yield from _pay(make, Role.APPROVED)
    yield from _landed_on_success(settled)


@case("CA-06", "CA-08", "CB-01", "CB-03", modes=(CASHIER,), needs=(Role.CHALLENGE,), pays=True, hears=True)
def a_passed_challenge_leads_to_success(make: Make) -> Script[None]:
    """A payer who passes the 3DS challenge ends on success_url, and the callback says SUCCEED."""
    settled = yield from _pay(make, Role.CHALLENGE)
    yield from _landed_on_success(settled)


@case("CA-07", "CA-08", "CB-01", "CB-04", modes=(CASHIER,), needs=(Role.DECLINED,), pays=True, hears=True)
def a_declined_card_leads_to_failure(make: Make) -> Script[None]:
    """A payer whose card is declined ends on fail_url, and the callback says so."""
    settled = yield from _pay(make, Role.DECLINED)
    yield from _landed_on_failure(settled)


@case("CA-07", "CA-08", "CB-04", modes=(CASHIER,), needs=(Role.CHALLENGE_DECLINED,), pays=True, hears=True)
def a_card_declined_after_its_challenge_leads_to_failure(make: Make) -> Script[None]:
    """A payer whose card is declined after the challenge ends on fail_url, and the callback says so."""
    settled = yield from _pay(make, Role.CHALLENGE_DECLINED)
    yield from _landed_on_failure(settled)


@case("CA-07", "CA-08", "CB-04", modes=(CASHIER,), needs=(Role.CHALLENGE,), pays=True, hears=True)
def a_failed_challenge_leads_to_failure(make: Make) -> Script[None]:
    """A payer who fails the challenge and is sent back ends on fail_url, and the callback says so."""
    if not any(page.fill_reject for page in make.profile.payer.pages):
        return
    settled = yield from _pay(make, Role.CHALLENGE, reject=True)
    if was_failed(make, settled.journey):  # else nothing was asked, or another try is open to the payer
        yield from _landed_on_failure(settled)


@case("CA-08", modes=(CASHIER,), needs=(Role.APPROVED,), pays=True, hears=True, quick=False)
def a_mistyped_number_may_be_corrected(make: Make) -> Script[None]:
    """A payer who mistypes the number of a good card is sent where the outcome says, whether another try was open or not."""
    order = make.order(role=Role.APPROVED)
    reply = yield from placed(order)
    if not reply.pay_url:
        return
    journey = yield Pay(order, reply.pay_url, Role.APPROVED, mistyped=True)
    if journey.landed:  # else the target says what is wrong in a way of its own, and the order is still open
        callback: Callback | None = yield TerminalCallback(order)
        yield from _confirmed(Settled(order, reply, journey, callback))


def _pay(make: Make, role: Role, *, reject: bool = False) -> Script[Settled]:
    order = make.order(role=role)
    if role is Role.DECLINED:
        order = make.altered(order, "", fail_url=f"{order.document['fail_url']}?a=1")  # the merchant's query is to come back
    reply = yield from placed(order)
    require(reply.pay_url, f"the reply names no page to pay on: payData {reply.pay_data!r}")
    return (yield from settle(order, reply, role=role, reject=reject))


def _landed(settled: Settled) -> str:
    journey = settled.journey
    if journey is None:
        return "no page"
    return f"{journey.landed}_url: {journey.final_url}" if journey.landed else f"{journey.final_url}: {journey.stuck}"


def _landed_on_success(settled: Settled) -> Script[None]:
    landed = settled.journey.landed if settled.journey else ""
    yield check(
        "CA-06", settled.journey, holds=landed == "success", expected="the payer ends on success_url", observed=_landed(settled)
    )
    yield from _confirmed(settled)
    yield from notified(settled)
    yield from paid(settled, "CB-03")


def _landed_on_failure(settled: Settled) -> Script[None]:
    landed = settled.journey.landed if settled.journey else ""
    yield check(
        "CA-07", settled.journey, holds=landed == "fail", expected="the payer ends on fail_url", observed=_landed(settled)
    )
    yield from _confirmed(settled)
    yield from notified(settled)
    yield from not_paid(settled, "CB-04")


def _confirmed(settled: Settled) -> Script[None]:
    """The callback comes and agrees with the redirect (CA-08)."""
    journey, callback = settled.journey, settled.callback
    said = Notification(callback).describe() if callback else "no terminal callback before the deadline"
    expected = "a callback that agrees with the redirect"
    if callback and journey and not journey.landed:
        return  # there is no redirect to agree with
    agrees = callback and Notification(callback).paid == (journey is not None and journey.landed == "success")
    yield check("CA-08", journey, callback, holds=agrees, expected=expected, observed=f"{said}; {_landed(settled)}")
