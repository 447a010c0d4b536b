"""Late fees at the desk: what was charged, waiving one, and who charged, waived and collected how much.

Source: docs/rules.md, *9 Late fee*, *10 Waiving and holding*.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from netbill_tui.billing.access.approvals import Approval
from netbill_tui.billing.collections import fees as rules
from netbill_tui.billing.core.money import format_amount
from netbill_tui.db.collections import fees as fee_rows
from netbill_tui.db.collections.fees import FeeRow
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.services import agreements
from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.security import rights
from netbill_tui.text import clean
from netbill_tui.usecases.access import approvals, limits
from netbill_tui.usecases.collections import policies
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import answered, claim_of, once
from netbill_tui.usecases.customers.accounts import find_customer
from netbill_tui.usecases.receivables import credit_notes
from netbill_tui.usecases.receivables.credit_parts import Part, Whole, invoice, left_of_line, parts_of


class Waived(NamedTuple):
    """A fee that was waived: what was given back with tax, and by which document; empty where its charge was withdrawn."""

    fee: FeeRow
    amount: int
    document: str


def of_account(session: Session, account: str) -> list[FeeRow]:
    """The late fees of an account, newest first."""
    return fee_rows.of_customer(session.db, find_customer(session, account).id)


def _fee(session: Session, account: str, fee_id: int) -> FeeRow:
    fee = fee_rows.by_id(session.db, fee_id) if 0 < fee_id < 2**63 else None
    if fee is None or fee.account != account:
        raise NotFound(f"{account} has no late fee {fee_id}; netbill fee {account} lists them.")
    if fee.waived_by:
        raise Refused(f"The fee {fee.id} was waived by {fee.waived_by} already.")
    return fee


def worth(session: Session, fee: FeeRow) -> int:
    """What waiving a fee gives back, with tax.

    Raises:
        Refused: It was given back already.
    """
    if fee.waits:
        return fee.amount
    if not fee.billed:
        raise Refused(f"The fee {fee.id} stands on no invoice and waits for none; it was withdrawn already.")
    return sum(part.net + part.tax for part in _parts(session, fee, invoice(session, fee.billed)))


def _parts(session: Session, fee: FeeRow, whole: Whole) -> list[Part]:
    """What is left to give back of the line of a fee.

    Raises:
        Refused: Nothing is.
    """
    left = left_of_line(session, whole, fee.line)
    if left <= 0:
        raise Refused(f"The fee {fee.id} was given back by a credit note of {fee.billed} already.")
    return parts_of(session, whole, {fee.line: left}, None)


def waive(
    session: Session, account: str, fee_id: int, reason: str, *, dry_run: bool = False, request_id: bytes | None = None
) -> Waived:
    """Waive a late fee: its charge is withdrawn while it waits, else a credit note gives it back.

    Raises:
        NotFound: No such fee.
        Refused: It was waived already.
        NeedsApproval: It is over the operator's limit.

    Side effect: one audit event.
    """
    customer, words = find_customer(session, account), clean(reason, "The reason", limit=200)
    if len(words) < 3:
        raise InvalidInput("Type why the fee is waived, such as: the bank was late.")
    claim = claim_of(request_id, "waive", customer.account, fee_id, words)
    known = answered(session, claim)
    if known is None:
        fee = _fee(session, customer.account, fee_id)
        amount = worth(session, fee)
        if dry_run:
            return Waived(fee, amount, "")
        asked = {approvals.CLAIM: claim.uid.hex(), "fee": fee.id}
        approvals.ask(session, rights.WAIVE, "waive", customer.account, amount, words, asked)

        def work(tx: Transaction) -> int:
            approvals.still_within(session, amount, customer.account)
            limits.gave(tx, session, "waive", customer.account, amount)
            document = _post(tx, session, customer.account, fee_id, words, amount)
            tx.note("fee.waive", customer.account, {"fee": fee_id, "amount": amount, "document": document, "reason": words})
            return fee_id

        once(session, rights.WAIVE, claim, work)
    after = fee_rows.by_id(session.db, fee_id)
    assert after is not None
    return Waived(after, after.waived, fee_rows.waived_by(session.db, fee_id))


def post_approved(tx: Transaction, session: Session, asked: Approval, request: Mapping[str, Any]) -> str:
    """Waive the fee that was asked; the document that gave it back."""
    return _post(tx, session, asked.object, int(request["fee"]), asked.reason, asked.amount)


def _post(tx: Transaction, session: Session, account: str, fee_id: int, reason: str, asked: int) -> str:
    customer = find_customer(session, account)
    customer_rows.lock(session.db, customer.id)
    fee = _fee(session, account, fee_id)
    amount, document = worth(session, fee), f"charge {fee.charge_id}"
    if amount != asked:
        # A run billed it meanwhile, with its tax; or some of it was given back.
        then, now = (format_amount(minor, session.book.currency) for minor in (asked, amount))
        raise Refused(f"The fee {fee.id} is worth {now} now, not {then} as it was asked; nothing was waived. Ask anew.")
    if fee.waits:
        agreements.settle_charges(session.db, [fee.charge_id])
    else:
        whole = invoice(session, fee.billed)
        document, _ = credit_notes.post(tx, session, whole, _parts(session, fee, whole), reason)
    operator, _ = session.sign_in_if_needed()
    (number,) = tx.take("id")
    tx.post([posted.LateFeeWaiver(
        number, fee.id, customer.id, amount, document, reason, session.today().isoformat(), operator.name, tx.now_us,
    )])  # fmt: skip
    return document


def offered(session: Session, account: str, received: date) -> list[FeeRow]:
    """The fees of an account that would not have been charged, had a payment been entered when it came.

    Args:
        session: Whose book.
        account: Whose.
        received: The day on which the payment came.
    """
    customer, loaded = find_customer(session, account), policies.load(session)
    return [
        fee
        for fee in fee_rows.of_customer(session.db, customer.id)
        if not fee.waived_by
        and fee.on > received.isoformat()
        and rules.offers_waiver(
            loaded.fees(customer.id, customer.kind, date.fromisoformat(fee.due))[1], date.fromisoformat(fee.due), received
        )
    ]


class FeeSums(NamedTuple):
    """What became of the late fees of a span, in minor units without tax."""

    charged: int = 0
    waived: int = 0
    collected: int = 0
    open: int = 0
    written_off: int = 0
    number: int = 0


def report(session: Session, first: date, last: date) -> tuple[FeeSums, dict[str, FeeSums]]:
    """The late fees that were charged from one day to another: all of them, and by who charged or waived them."""
    total, by_operator = FeeSums(), dict[str, FeeSums]()
    for fee in fee_rows.between(session.db, first.isoformat(), last.isoformat()):
        back = fee.amount if fee.waived_by else fee_rows.credited(session.db, fee)
        owed = fee.amount - back
        # Fees are settled last, so what is open or given up of an invoice is first of all its fee.
        open_ = owed if fee.waits else min(fee_rows.open_of(session.db, fee), owed)
        lost = min(fee_rows.given_up_of(session.db, fee), owed - open_)
        sums = FeeSums(fee.amount, back, owed - open_ - lost, open_, lost, 1)
        total = FeeSums(*(a + b for a, b in zip(total, sums, strict=True)))
        for who, part in ((fee.operator, sums._replace(waived=0)), (fee.waived_by or fee.operator, FeeSums(waived=back))):
            before = by_operator.get(who, FeeSums())
            by_operator[who] = FeeSums(*(a + b for a, b in zip(before, part, strict=True)))
    return total, by_operator
