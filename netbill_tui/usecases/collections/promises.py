"""Promises and arrangements: made at the desk, looked at, cancelled; grading says what became of them.

Source: docs/rules.md, *11 Promise and arrangement*.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from netbill_tui.billing.access.approvals import Approval
from netbill_tui.billing.collections import promises as rules
from netbill_tui.billing.collections.policies import Ladder
from netbill_tui.billing.collections.promises import CANCELLED, MOST_PARTS, OPEN, Instalment, Judgement
from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.db.collections import promises as promise_rows
from netbill_tui.db.collections.promises import PromiseRow
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.receivables import balances
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.security import rights
from netbill_tui.text import NOTE_LIMIT, clean, visible
from netbill_tui.usecases.access import approvals
from netbill_tui.usecases.collections import grading, policies
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import answered, claim_of, once, writing
from netbill_tui.usecases.customers.accounts import find_customer

CHANNELS = ("phone", "desk", "mail", "visit")


class Asked(NamedTuple):
    """A promise that was checked: what, by when, of which invoices."""

    kind: str
    parts: tuple[Instalment, ...]
    invoices: tuple[int, ...]
    courtesy: int

    @property
    def amount(self) -> int:
        """All of it, in minor units."""
        return sum(part.amount for part in self.parts)


def ladder_of(session: Session, customer: Customer) -> Ladder:
    """The ladder of an account today, whose promises go by it."""
    return policies.load(session).ladder(customer.id, customer.kind, session.today())


def default_amount(session: Session, customer: Customer) -> int:
    """What a promise is over where no amount is named: all that is overdue and undisputed, else all that is open."""
    mine = invoice_rows.open_invoices(session.db, customer.id)
    overdue = sum(i.open for i in mine if not i.disputed and i.due < session.today().isoformat())
    return overdue or sum(i.open for i in mine if not i.disputed)


class Proposed(NamedTuple):
    """What a promise is over where nobody names an amount, in minor units, and whether that is overdue."""

    amount: int
    is_overdue: bool


def proposed(session: Session, account: str) -> Proposed:
    """What a form for a promise begins with.

    Raises:
        Refused: Nothing is owed.
    """
    customer = find_customer(session, account)
    amount = default_amount(session, customer)
    if not amount:
        raise Refused(f"{customer.account} owes nothing that is not disputed; there is nothing to promise.")
    today = session.today().isoformat()
    mine = invoice_rows.open_invoices(session.db, customer.id)
    return Proposed(amount, any(not i.disputed and i.due < today for i in mine))


def check_channel(channel: str) -> None:
    """Refuse what is no way of making a promise."""
    if channel not in CHANNELS:
        raise InvalidInput(f"{visible(channel)[:20]!r} is not a channel; type one of {', '.join(CHANNELS)}.")


def check(session: Session, customer: Customer, amount: int | None, by: date) -> Asked:
    """A promise to pay as it would be stored. Changes nothing.

    Raises:
        InvalidInput: A day that is over or too far, or an amount that is too small.
        Refused: Nothing is owed.
    """
    ladder, today = ladder_of(session, customer), session.today()
    last = today + timedelta(days=ladder.promise_days)
    if not today <= by <= last:
        raise InvalidInput(f"A promise needs a day from {today} to {last}; type it, or +7 for in a week.")
    overdue = default_amount(session, customer)
    promised = overdue if amount is None else amount
    if not overdue:
        raise Refused(f"{customer.account} owes nothing that is not disputed; there is nothing to promise.")
    if promised <= 0:
        raise InvalidInput("A promise is over more than nothing; type an amount.")
    least = rules.half_of(overdue, ladder.promise_least)
    if promised < least:
        shown = format_amount(least, session.book.currency)
        raise InvalidInput(f"A promise is over at least {shown}, {ladder.promise_least} % of what is overdue; type more.")
    return Asked("promise", (Instalment(by, promised),), (), ladder.courtesy)


def read_parts(session: Session, text: str, currency: str) -> tuple[Instalment, ...]:
    """The instalments that were typed: `30.00 2026-04-01, 30.00 2026-05-01`.

    Raises:
        InvalidInput: One cannot be read, or their days are not in order.
    """
    from netbill_tui.billing.core.dates import parse_date
    from netbill_tui.billing.core.money import parse_amount

    parts = []
    for word in (w for w in text.replace(";", ",").split(",") if w.strip()):
        amount, _, day = word.strip().partition(" ")
        if not day.strip():
            raise InvalidInput(f"{word.strip()[:30]!r} is not an instalment; type an amount and a day, such as 30.00 2026-04-01.")
        parts.append(Instalment(parse_date(day, session.today()), parse_amount(amount, currency)))
    return _ordered(session, parts)


def _ordered(session: Session, parts: Sequence[Instalment]) -> tuple[Instalment, ...]:
    if not 2 <= len(parts) <= MOST_PARTS:
        raise InvalidInput(f"An arrangement has 2 to {MOST_PARTS} instalments; one alone is a promise.")
    if any(part.amount <= 0 for part in parts):
        raise InvalidInput("Each instalment must be more than zero.")
    if parts[0].by < session.today():
        raise InvalidInput(f"The first instalment is for {parts[0].by}, which is over; type today or a later day.")
    for before, part in zip(parts, parts[1:], strict=False):
        if part.by <= before.by:
            raise InvalidInput(f"{part.by} comes behind {before.by}; type the instalments in the order of their days.")
    return tuple(parts)


def check_arrangement(session: Session, customer: Customer, parts: Sequence[Instalment]) -> Asked:
    """An arrangement as it would be stored: its instalments sum to what is overdue, whose invoices it holds. Changes nothing.

    Raises:
        InvalidInput: They sum to something else.
        Refused: Nothing is overdue.
    """
    today = session.today().isoformat()
    mine = [i for i in invoice_rows.open_invoices(session.db, customer.id) if not i.disputed and i.due < today]
    overdue, total = sum(i.open for i in mine), sum(part.amount for part in parts)
    if not mine:
        raise Refused(f"Nothing of {customer.account} is overdue and undisputed; there is nothing to arrange.")
    if total != overdue:
        money = session.book.currency
        raise InvalidInput(
            f"The instalments come to {format_amount(total, money)}, and {format_amount(overdue, money)} is overdue; make "
            f"them equal."
        )
    return Asked("arrangement", _ordered(session, parts), tuple(i.id for i in mine), ladder_of(session, customer).courtesy)


def needs_approval(session: Session, customer: Customer) -> bool:
    """Whether so many promises were broken lately that a new one is decided by two."""
    return rules.too_often(promise_rows.broken_on(session.db, customer.id), session.today())


def ask_if_needed(session: Session, customer: Customer, asked: Asked, channel: str, text: str, claim: bytes) -> None:
    """Ask a second operator, where too many promises were broken; does nothing where they were not.

    Raises:
        NeedsApproval: It was asked.
    """
    if needs_approval(session, customer):
        request = {
            approvals.CLAIM: claim.hex(), "kind": asked.kind, "parts": _stored(asked.parts), "channel": channel, "text": text,
        }  # fmt: skip
        words = "two promises were broken within six months"
        approvals.ask(session, rights.NOTE, "promise", customer.account, asked.amount, words, request, alone=rights.APPROVE)


def post_approved(tx: Transaction, session: Session, asked: Approval, request: Mapping[str, Any]) -> str:
    """Post a promise that was asked; how it is called."""
    customer = find_customer(session, asked.object)
    customer_rows.lock(session.db, customer.id)
    parts = tuple(Instalment(date.fromisoformat(by), int(amount)) for by, amount in request["parts"])
    if parts[0].by < session.today():
        raise Refused(f"The promise was for {parts[0].by}, which is over; refuse it, and have it asked again.")
    arranged = request["kind"] == "arrangement"
    checked = check_arrangement(session, customer, parts) if arranged else Asked(
        "promise", parts, (), ladder_of(session, customer).courtesy,
    )  # fmt: skip
    post(tx, session, customer, checked, str(request["channel"]), str(request["text"]))
    return f"{checked.kind} by {parts[-1].by}"


def _stored(parts: Sequence[Instalment]) -> list[list[object]]:
    return [[part.by.isoformat(), part.amount] for part in parts]


def post(tx: Transaction, session: Session, customer: Customer, asked: Asked, channel: str, text: str) -> int:
    """Write a promise with its note, inside a transaction and without an audit event; its number. An open one is cancelled."""
    operator, _ = session.sign_in_if_needed()
    today, first, by = session.today(), asked.parts[0].by, asked.parts[-1].by
    before = promise_rows.last(session.db, customer.id)
    if before is not None and before.state == OPEN:
        grading.end(tx, session, before, Judgement(CANCELLED, before.came, before.amount), grading.NEWER, note=False)
    elif before is not None and before.holds_until is not None:
        promise_rows.set_state(session.db, before._replace(holds_until=None))  # the newest one alone holds
    note_id, promise_id = tx.ids(2)
    next_on = first + timedelta(days=1)
    tx.post([posted.Note(
        note_id, customer.id, today.isoformat(), "call", "promises to pay", text, next_on.isoformat(), first.isoformat(),
        operator.name, tx.now_us,
    )])  # fmt: skip
    tx.post([posted.Promise(
        promise_id, customer.id, asked.kind, today.isoformat(), by.isoformat(), asked.amount, json.dumps(_stored(asked.parts)),
        json.dumps(asked.invoices), asked.courtesy, channel, text, operator.name, tx.now_us,
    )])  # fmt: skip
    holds = rules.holds_until(first, asked.courtesy).isoformat()
    promise_rows.set_state(session.db, PromiseRow(
        promise_id, customer.id, asked.kind, today.isoformat(), by.isoformat(), asked.amount, "", "", asked.courtesy, channel,
        text, operator.name, OPEN, 0, holds,
    ))  # fmt: skip
    balances.contacted(session.db, customer.id, next_on.isoformat(), first.isoformat(), today.isoformat(), "promises to pay")
    return promise_id


def arrange(
    session: Session, account: str, parts: Sequence[Instalment], text: str = "", *, channel: str = "phone", dry_run: bool = False,
    request_id: bytes | None = None,
) -> Asked:  # fmt: skip
    """Make an arrangement: dated instalments that sum to what is overdue.

    Raises:
        InvalidInput: They do not, or their days are not in order.
        Refused: Nothing is overdue.
        NeedsApproval: Too many promises were broken lately.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    words = clean(text, "The remark", limit=NOTE_LIMIT, newlines=True)
    check_channel(channel)
    claim = claim_of(request_id, "arrangement", customer.account, _stored(parts), words, channel)
    known = answered(session, claim)
    asked = check_arrangement(session, customer, parts) if known is None else Asked("arrangement", tuple(parts), (), 0)
    if known is not None or dry_run:
        return asked
    ask_if_needed(session, customer, asked, channel, words, claim.uid)

    def work(tx: Transaction) -> int:
        customer_rows.lock(session.db, customer.id)
        checked = check_arrangement(session, customer, parts)
        promise_id = post(tx, session, customer, checked, channel, words)
        tx.note("promise.arrange", customer.account, {"amount": checked.amount, "parts": _stored(checked.parts)})
        return promise_id

    once(session, rights.NOTE, claim, work)
    return asked


def cancel(session: Session, account: str, reason: str) -> None:
    """Cancel the open promise of an account; nothing holds the ladder back any more.

    Raises:
        Refused: There is none.

    Side effect: one audit event.
    """
    customer = find_customer(session, account)
    words = clean(reason, "The reason", limit=200)
    if len(words) < 3:
        raise InvalidInput("Type why the promise is cancelled, such as: customer called.")
    with writing(session, rights.NOTE) as tx:
        customer_rows.lock(session.db, customer.id)
        promise = promise_rows.last(session.db, customer.id)
        if promise is None or promise.state != OPEN:
            raise Refused(f"{customer.account} has no open promise.")
        grading.end(tx, session, promise, Judgement(CANCELLED, promise.came, promise.amount), words)
        tx.note("promise.cancel", customer.account, {"reason": words})


def of_account(session: Session, account: str) -> list[PromiseRow]:
    """The promises and arrangements of an account, newest first."""
    return promise_rows.of_customer(session.db, find_customer(session, account).id)
