"""Whether a payment is a second entry of one that is here. Source: docs/rules.md, *5 Duplicates*."""

from collections.abc import Container, Iterable, Sequence
from datetime import date, timedelta

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.receivables.payments import DUPLICATE_CHEQUE_DAYS, DUPLICATE_DAYS, PaymentRequest, cheque_number
from netbill_tui.db.core.reads import Read
from netbill_tui.db.receivables import payments
from netbill_tui.db.receivables.payments import Earlier, Recent
from netbill_tui.errors import DuplicateSuspected
from netbill_tui.usecases.core.session import Session


def suspect(
    session: Session, customer_id: int, request: PaymentRequest, reference: str, received: str, but: Container[int] = ()
) -> DuplicateSuspected | None:
    """The earlier payment that this one may be a second entry of, other than those named by their ids.

    Source: docs/rules.md, *5 Duplicates*.
    """
    same, *cheques = session.db.together(*alike(customer_id, request, received))
    return among(session, request, reference, same, *cheques, but=but)


def alike(customer_id: int, request: PaymentRequest, received: str) -> tuple[Read[list[Earlier]], ...]:
    """The payments that one may be a second entry of: of the same amount and, where it is by cheque, by cheque."""
    day = date.fromisoformat(received)

    def span(days: int) -> tuple[str, str]:
        return (day - timedelta(days=days)).isoformat(), (day + timedelta(days=days)).isoformat()

    same = payments.reading_same_amount(customer_id, *span(DUPLICATE_DAYS), request.amount)
    return (same, payments.reading_cheques(customer_id, *span(DUPLICATE_CHEQUE_DAYS))) if request.method == "cheque" else (same,)


def span(days: Iterable[str]) -> tuple[str, str]:
    """From which day to which day a payment can stand that one of these days may be a second entry of."""
    dates = sorted(date.fromisoformat(day) for day in days)
    most = timedelta(days=max(DUPLICATE_DAYS, DUPLICATE_CHEQUE_DAYS))
    return (dates[0] - most).isoformat(), (dates[-1] + most).isoformat()


def of_recent(request: PaymentRequest, received: str, recent: Sequence[Recent]) -> tuple[list[Earlier], ...]:
    """What `alike` would read, out of the recent payments of the account, which stand newest first."""
    day = date.fromisoformat(received)

    def within(payment: Recent, days: int) -> bool:
        return abs((date.fromisoformat(payment.earlier.received) - day).days) <= days

    same = [r.earlier for r in recent if r.stands and r.amount == request.amount and within(r, DUPLICATE_DAYS)]
    if request.method != "cheque":
        return (same,)
    cheques = [r.earlier for r in recent if r.earlier.method == "cheque" and within(r, DUPLICATE_CHEQUE_DAYS)]
    return same, sorted(cheques, key=lambda cheque: cheque.id, reverse=True)


def among(
    session: Session,
    request: PaymentRequest,
    reference: str,
    same_amount: Sequence[Earlier],
    cheques: Sequence[Earlier] = (),
    *,
    but: Container[int] = (),
) -> DuplicateSuspected | None:
    """The first of what `alike` read that this payment may be a second entry of: a cheque by its number, else by the amount."""
    number = cheque_number(reference)
    cheque = next((p for p in cheques if p.id not in but and cheque_number(p.reference) == number), None)
    if cheque is not None:
        why = f"cheque {reference} was taken on {short(cheque.received)}"
        return DuplicateSuspected(
            f"{cheque.receipt}: {why}; confirm with a reason if this is another.", receipt=cheque.receipt, why=why
        )
    same = next((p for p in same_amount if p.id not in but), None)
    if same is not None:
        why = f"{format_amount(request.amount, session.book.currency)} {same.method} was taken on {short(same.received)}"
        return DuplicateSuspected(
            f"{same.receipt}: {why}; confirm with a reason if this is another.", receipt=same.receipt, why=why
        )
    return None
