"""What a document says beside its lines and taxes, stored with it when it is posted. Source: docs/rules.md, *Documents*.

Text, PDF and e-invoice are drawn from the rows of a document and from this alone. What a document of an older book said is
gathered from what was in force when it was posted, as it always was; so is that of another program, of which little is known.
"""

from collections.abc import Mapping
from typing import NamedTuple

from netbill_tui.billing.catalogue.codes import Rules
from netbill_tui.billing.receivables.documents import IMPORTED, Seller, Served, Since, Wording
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts, former
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.db.receivables import wordings
from netbill_tui.db.receivables.credit_notes import Document, DocumentLine
from netbill_tui.db.services import subscriptions as service_rows
from netbill_tui.usecases.catalogue.rules import rules
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables.credit_parts import Whole, credit_note, invoice

OLD_LANGUAGE = "en"  # of all documents before they had one


def former_seller(session: Session, audit_seq: int, billing: Rules) -> Seller:
    """Who billed when an event of the audit was: the company of the book where nothing else was set.

    Where nothing was set then, nothing is to be held on to: it is who was told since.
    """
    then = former.setting(session.db, "seller", audit_seq)
    return seller_of(tuple(then.split("|")) if then and then.strip("|") else billing.seller, session.book.company)


def seller_of(parts: tuple[str, ...], company: str) -> Seller:
    """The seller of the rules of a book."""
    name, *rest = (*parts, *[""] * (6 - len(parts)))
    return Seller(name or company, *rest[:5])


def now(
    who: tuple[str, str, str, str], billing: Rules, company: str, services: Mapping[int, Served], account: wordings.Account
) -> Wording:
    """What a document that is posted now says.

    Args:
        who: The customer's name, postcode, town and language.
        billing: How the book bills.
        company: Whose book.
        services: See Wording.
        account: How the account stands before it.
    """
    name, postcode, town, language = who
    return Wording(
        name, postcode, town, language or billing.language, seller_of(billing.seller, company), billing.instructions, services,
        billing.logo, account.previous, account.since,
    )  # fmt: skip


def keep(tx: Transaction, session: Session, number: str, account: wordings.Account, *, credit: bool = False) -> None:
    """Store what an invoice, or a credit note, says that was posted in this transaction; `account` is how it stood before."""
    whole = (credit_note if credit else invoice)(session, number)
    customer = accounts.by_id(session.db, whole.head.customer_id)
    assert customer is not None, "a customer is never deleted"
    who = (customer.name, customer.postcode, customer.town, customer.language)
    said = now(who, rules(session), session.book.company, services_of(session, whole), account)
    tx.post([wordings.row(whole.head.id, said)])


class Now(NamedTuple):
    """How the book bills, who the customer was when the document was posted, and the language they have now."""

    billing: Rules
    who: former.Addressee
    language: str


def of(session: Session, whole: Whole, at: Now) -> Wording:
    """What a document says, as it was posted."""
    return wordings.of(session.db, whole.head.id) or gathered(session, whole, at)


def gathered(session: Session, whole: Whole, at: Now) -> Wording:
    """What a document said that has no wording of its own."""
    head, who = whole.head, at.who
    imported = any(n.code == IMPORTED for n in whole.lines)
    language = at.language if imported else OLD_LANGUAGE
    # Of an invoice of another program only its own amount is known: its neighbours came in the order of a file.
    before = wordings.Account() if imported else _before(session, head)
    sold_by = former_seller(session, head.audit_seq, at.billing)
    return Wording(who.name, who.postcode, who.town, language, sold_by, "", services_of(session, whole), 0, *before)


def _before(session: Session, head: Document) -> wordings.Account:
    """Balance after the invoice before this one, and what came since.

    All that was entered before it counts, whatever its day: an invoice may be issued as of a day before a payment that is known.
    What was entered after it counts in none of them, whatever day it was dated back to.
    """
    entries = sorted(invoice_rows.entries(session.db, head.customer_id, FIRST_DAY, "9999-12-31"), key=lambda e: e.id)
    kind = "credit-note" if head.reason else "invoice"
    mine = next((at for at, e in enumerate(entries) if (e.document, e.kind) == (head.number, kind)), None)
    if mine is None:
        return wordings.Account()
    start = next((at + 1 for at in range(mine - 1, -1, -1) if entries[at].kind == "invoice"), 0)
    since = tuple(Since(e.on, "", e.document, "", e.text, e.amount) for e in entries[start:mine])
    return wordings.Account(sum(e.amount for e in entries[:start]), since)


FIRST_DAY = "0001-01-01"


def services_of(session: Session, whole: Whole) -> dict[int, Served]:
    """What each service of a document was when it was posted: the code it had in the period, its cycle and mode."""
    billed = {n.service_id for n in whole.lines if n.service_id and n.kind in SERVED}
    rows = [r for r in service_rows.of_customer(session.db, whole.head.customer_id) if r.service.id in billed] if billed else []
    return {r.service.id: Served(_code(session, whole, r.service.id), r.service.cycle.code, r.service.mode) for r in rows}


SERVED = ("recurring", "credit")  # kinds of lines that stand in the section of their service


def _code(session: Session, whole: Whole, service_id: int) -> str:
    head, lines = whole.head, [n for n in whole.lines if n.service_id == service_id and n.period_first]
    return former.code_of(session.db, service_id, max(_days(lines), default=head.bill_date), head.audit_seq)


def _days(lines: list[DocumentLine]) -> list[str]:
    recurring = [n.period_first for n in lines if n.kind == "recurring" and n.period_first]
    return recurring or [n.period_first for n in lines if n.period_first]
