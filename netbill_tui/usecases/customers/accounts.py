"""Customers: the account card and the ledger. What is sealed about them is profiles.py beside it."""

from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.customers.accounts import Card, Customer, Totals
from netbill_tui.billing.lookup.search import account_numbers
from netbill_tui.billing.receivables.ageing import age, days_past_due
from netbill_tui.billing.receivables.invoices import Due, Entry, Statement
from netbill_tui.db.customers import accounts
from netbill_tui.db.customers import notes as note_rows
from netbill_tui.db.lookup import lists as list_rows
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.errors import Ambiguous, InvalidInput, NotFound, Refused
from netbill_tui.text import counted, visible
from netbill_tui.usecases.core.session import Session

BEGINNING = "0001-01-01"


def find_customer(session: Session, account: str) -> Customer:
    """The customer with this account number, as typed, in capitals, or without the letter of the own series.

    Raises:
        NotFound: There is none.
        Ambiguous: Several differ in leading zeros alone.
    """
    first, *others = account_numbers(account)
    customers = [customer for customer in (accounts.by_account(session.db, first),) if customer] or [
        customer for number in others if (customer := accounts.by_account(session.db, number))
    ]
    if len(customers) > 1:
        raise Ambiguous(f"{account.strip()} may be {' or '.join(c.account for c in customers)}; type the whole account number.")
    if not customers:
        shown = visible(account.strip())[:40]
        raise NotFound(f"There is no account {shown!r}; F2 or netbill find looks for it by name.")
    return customers[0]


def hold(session: Session, customer: Customer) -> None:
    """Lock the account for this transaction, before all other locks, where it stands as it was read.

    Raises:
        Refused: It was closed, suspended or opened meanwhile.
    """
    if accounts.lock(session.db, customer.id) != customer.status:
        raise Refused(f"The status of {customer.account} was changed meanwhile; look at it, and try again.")


def card(session: Session, account: str) -> Card:
    """The account card as of the session's date. A sum that differs from its parts is a fault, not a number."""
    customer = find_customer(session, account)
    as_of = session.date().isoformat()
    if not session.calendar.is_past:
        session.rolled()
    # One view for all figures: a payment posted elsewhere meanwhile must not look like a fault.
    common = (
        invoice_rows.reading_dues(customer.id, as_of, past=session.calendar.is_past),
        list_rows.reading_plans([customer.id]),
        accounts.reading_last_payment(customer.id, as_of),
        note_rows.reading_count(customer.id, as_of),
    )
    if session.calendar.is_past:
        sums = invoice_rows.reading_balance(customer.id, as_of), invoice_rows.reading_credit_of(customer.id, as_of)
        dues, plans, last, noted, true, credit = session.db.together(*common, *sums)
        open_, disputed = sum(d.open for d in dues), sum(d.open for d in dues if d.disputed)
        totals = Totals(open_ - credit, open_, credit, 0, min((d.due for d in dues), default=None))
    else:
        today = accounts.reading_totals(customer.id), accounts.reading_sums(customer.id)
        dues, plans, last, noted, totals, (true, disputed) = session.db.together(*common, *today)
    totals = totals._replace(overdue=sum(d.open for d in dues if d.days > 0))
    plan = plans.get(customer.id, customer.plan)
    fault = "" if totals.balance == true == totals.open - totals.credit else "The sums of this account differ: run verify."
    oldest = days_past_due(totals.oldest_due, as_of) if totals.oldest_due else 0
    return Card(customer._replace(plan=plan), totals, max(oldest, 0), disputed, last, noted, fault)


def statement(session: Session, account: str | Customer, first: str | None = None, last: str | None = None) -> Statement:
    """Opening balance, entries and closing balance. The opening equals the closing of the day before."""
    customer = find_customer(session, account) if isinstance(account, str) else account
    end = last or session.date().isoformat()
    if first and first > end:
        raise InvalidInput(f"The statement ends on {end}, before it begins on {first}; swap the two days.")
    opening = invoice_rows.balance_before(session.db, customer.id, first) if first else 0
    balance, entries = opening, []
    for e in invoice_rows.entries(session.db, customer.id, first or BEGINNING, end):
        balance += e.amount
        entries.append(Entry(e.id, e.on, e.kind, e.document, e.text, e.amount, balance))
    return Statement(customer.account, customer.name, first, end, opening, tuple(entries), balance)


def dues_of(session: Session, account: str) -> list[Due]:
    """Open invoices of one account as of the session's date, oldest due first."""
    customer = find_customer(session, account)
    return invoice_rows.dues_of(session.db, customer.id, session.date().isoformat(), past=session.calendar.is_past)


def invoices_of(session: Session, account: str) -> list[Due]:
    """The invoices of one account, paid ones too, newest first."""
    return invoice_rows.of_customer(session.db, find_customer(session, account).id, session.date().isoformat())


def aged(session: Session, account: str | Customer, as_of: str = "") -> list[tuple[str, int]]:
    """What is open of an account as of a day, by default the business date, by ageing bucket, all five in order."""
    day = as_of or session.date().isoformat()
    past = session.calendar.is_past or day < session.today().isoformat()
    customer = find_customer(session, account) if isinstance(account, str) else account
    dues = invoice_rows.dues_of(session.db, customer.id, day, past=past)
    sums = age([(d.days, 1, d.open) for d in dues])
    return [(name, bucket.amount) for name, bucket in sums.items()]


def why_balance(session: Session, account: str) -> list[tuple[str, str]]:
    """The arithmetic behind the balance, line by line: what is open, less the credit, and the sum of the entries."""
    customer = find_customer(session, account)
    as_of, currency = session.date().isoformat(), session.book.currency
    dues = invoice_rows.dues_of(session.db, customer.id, as_of, past=session.calendar.is_past)
    lines = [(f"{d.number}  due {d.due}  {d.state}", format_amount(d.open, currency)) for d in dues]
    lines.append(("open invoices", format_amount(sum(d.open for d in dues), currency)))
    credit = invoice_rows.credit_as_of(session.db, as_of, past=True, customer_id=customer.id)
    lines.append(("less unallocated credit", format_amount(-credit, currency)))
    lines.append(("balance", format_amount(sum(d.open for d in dues) - credit, currency)))
    entries = invoice_rows.entries(session.db, customer.id, BEGINNING, as_of)
    for kind in dict.fromkeys(e.kind for e in entries):
        amounts = [e.amount for e in entries if e.kind == kind]
        lines.append((f"{counted(len(amounts), 'entry', 'entries')} of kind {kind}", format_amount(sum(amounts), currency)))
    total = format_amount(sum(e.amount for e in entries), currency)
    lines.append((f"sum of {counted(len(entries), 'entry', 'entries')}", total))
    return lines
