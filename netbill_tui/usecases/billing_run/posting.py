"""Issuing: planned bills become invoices and credit notes with their lines, taxes, entries and kept figures, in one transaction.

A bill below zero is a credit note. Credit that stands open is used at once, oldest first.
Source: docs/rules.md, *4 Overpayment*, *13 Billing run*, *Documents*.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from netbill_tui.billing.billing_run.accounts import Account
from netbill_tui.billing.billing_run.invoicing import Bill, BillLine
from netbill_tui.billing.billing_run.planning import Plan
from netbill_tui.billing.catalogue.codes import Catalogue, Rules
from netbill_tui.billing.core.dates import due_date
from netbill_tui.billing.core.money import Tally
from netbill_tui.billing.receivables.documents import Served, Since
from netbill_tui.db.billing_run.accounts import Loaded
from netbill_tui.db.catalogue import codes as catalogue_rows
from netbill_tui.db.core import posted
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.receivables import balances, wordings
from netbill_tui.db.receivables.balances import OpenItem, TotalChange
from netbill_tui.db.receivables.wordings import Account as AccountBefore
from netbill_tui.db.receivables.wordings import accounts_before
from netbill_tui.db.services import agreements
from netbill_tui.db.services import subscriptions as service_rows
from netbill_tui.db.services.subscriptions import ServiceRow, State
from netbill_tui.errors import Rejected
from netbill_tui.usecases.core.hooks import RECOVER, hook
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables.apply_credit import use_credit
from netbill_tui.usecases.receivables.numbers import free_numbers
from netbill_tui.usecases.receivables.wordings import SERVED, now
from netbill_tui.usecases.services.states import state_row

SERIES = "invoice"
CREDIT_WORDS = "Change of service"  # why a run gives back


class Issued(NamedTuple):
    """What a batch issued."""

    customers: int = 0
    invoices: int = 0
    credits: int = 0
    lines: int = 0
    net: int = 0
    tax: int = 0
    first_id: int = 0
    last_id: int = 0


def due_on(account: Account, issued: date, rules: Rules) -> date:
    """When an invoice issued today falls due: by the customer's terms, on a working day where the book says so."""
    due = due_date(issued, days=max(account.terms_days, 0), day_of_next_month=account.terms_day or None)
    while rules.business_day and due.weekday() > 4:
        due += timedelta(days=1)
    return due


class Batch:
    """The rows of several customers' bills, gathered first and inserted together."""

    def __init__(self, tx: Transaction, session: Session, catalogue: Catalogue, issued_on: date) -> None:
        """Gather for one transaction.

        Args:
            tx: The transaction.
            session: Whose book.
            catalogue: The catalogue.
            issued_on: The date of all documents.
        """
        self.tx, self.session, self.catalogue, self.issued_on = tx, session, catalogue, issued_on
        self.operator = session.sign_in_if_needed()[0].name
        self._rolled = balances.rolled_to(session.db)
        self.invoices: list[posted.Invoice] = []
        self.lines: list[posted.InvoiceLine] = []
        self.billed: list[posted.Billed] = []
        self.taxes: list[posted.InvoiceTax] = []
        self.entries: list[posted.Entry] = []
        self.credit_notes: list[posted.CreditNote] = []
        self.credit_lines: list[posted.CreditLine] = []
        self.open: list[OpenItem] = []
        self.credit: list[tuple[int, int, int]] = []
        self.due: dict[str, Tally] = {}
        self.totals: list[TotalChange] = []
        self.prices: set[int] = set()
        self.charges: list[int] = []
        self.wordings: list[posted.DocumentWording] = []

    def add(self, many: Sequence[tuple[Loaded, Plan]]) -> Issued:
        """Gather the bills of some customers; what they come to."""
        plans = [plan for _, plan in many]
        accounts = accounts_before(self.session.db, [p.account.id for p in plans if p.bills])
        bills = [(p.account, b) for p in plans for b in p.bills]
        count = sum(2 + len(b.lines) + len(b.groups) for _, b in bills)
        taken = self.tx.take("id", count)
        self._ids = iter(taken)
        plus = sum(1 for _, b in bills if b.total >= 0)
        year, rules = self.issued_on.year, self.catalogue.rules
        invoice_numbers = iter(free_numbers(self.tx, "invoice", rules.invoice_number, plus, year))
        credit_numbers = iter(free_numbers(self.tx, "credit", rules.credit_number, len(bills) - plus, year))
        for loaded, plan in many:
            documents = self._add_customer(plan, invoice_numbers, credit_numbers)
            if documents:
                self._add_wordings(loaded, plan, documents, accounts[plan.account.id])
        return Issued(
            sum(1 for p in plans if p.bills),
            plus,
            len(bills) - plus,
            sum(len(b.lines) for _, b in bills),
            sum(b.net for _, b in bills),
            sum(b.tax for _, b in bills),
            taken.start,
            taken.stop - 1,
        )

    def _add_customer(self, plan: Plan, invoice_numbers: Iterator[str], credit_numbers: Iterator[str]) -> list[tuple[int, str]]:
        """Gather the documents of a customer; their ids and numbers."""
        account, documents = plan.account, list[tuple[int, str]]()
        due = due_on(account, self.issued_on, self.catalogue.rules).isoformat() if plan.bills else ""
        balance = opened = 0
        for bill in plan.bills:
            balance += bill.total
            if bill.total >= 0:
                number = next(invoice_numbers)
                documents.append((self._add_invoice(account, bill, number, due), number))
                opened += bill.total
            else:
                number = next(credit_numbers)
                documents.append((self._add_credit_note(account.id, bill, number, CREDIT_WORDS), number))
        if plan.bills:
            overdue = opened if due < self._rolled else 0
            change = TotalChange(account.id, balance, opened, overdue, due) if opened else TotalChange(account.id, balance)
            self.totals.append(change)
        return documents

    def _add_wordings(self, loaded: Loaded, plan: Plan, documents: Sequence[tuple[int, str]], account: AccountBefore) -> None:
        """What the documents of a customer say beside their rows; each begins with the account as the one before left it."""
        who = (plan.account.name, plan.account.postcode, plan.account.town, plan.account.language)
        services = {held.service.id: held.service for held in loaded.services}
        for (document_id, number), bill in zip(documents, plan.bills, strict=True):
            sold = {i: Served(c, services[i].cycle.code, services[i].mode) for i, c in _sold(bill.lines).items()}
            said = now(who, self.catalogue.rules, self.session.book.company, sold, account)
            self.wordings.append(wordings.row(document_id, said))
            if bill.total >= 0:
                account = AccountBefore(said.before + bill.total)
            else:
                note = Since(self.issued_on.isoformat(), "credit-note", number, "", CREDIT_WORDS, bill.total)
                account = account._replace(since=(*account.since, note))

    def _add_invoice(self, account: Account, bill: Bill, number: str, due: str) -> int:
        tx, issued = self.tx, self.issued_on.isoformat()
        invoice_id = next(self._ids)
        self.invoices.append(
            posted.Invoice(
                invoice_id,
                number,
                SERIES,
                account.id,
                bill.bill_date.isoformat(),
                issued,
                due,
                bill.total,
                bill.tax,
                "",
                tx.now_us,
            )
        )
        for position, (line, net, tax) in enumerate(zip(bill.lines, bill.nets, bill.taxes, strict=True), 1):
            line_id = next(self._ids)
            self.lines.append(posted.InvoiceLine(
                line_id, invoice_id, position, line.code, line.kind, line.text, line.first, line.end, line.quantity,
                line.unit_price, net, line.tax_class,
            ))  # fmt: skip
            self._add_billed(line_id, invoice_id, account.id, line, tax, bill.bill_date)
        self._add_taxes(invoice_id, bill, 1)
        words = _words(bill.lines)
        self.entries.append(
            posted.Entry(next(self._ids), account.id, issued, "invoice", bill.total, number, words, invoice_id, None, tx.now_us)
        )
        if bill.total:
            self.open.append(OpenItem(invoice_id, account.id, number, issued, due, bill.total, bill.total))
            day = self.due.get(due, Tally())
            self.due[due] = Tally(day.number + 1, day.amount + bill.total)
        return invoice_id

    def _add_billed(self, line_id: int, document_id: int, customer_id: int, line: BillLine, tax: int, on: date) -> None:
        charge_id = line.charge_id or (0 if line.service_id and line.kind != "notice" else -line_id)
        self.billed.append(posted.Billed(
            line_id, document_id, customer_id, line.service_id if charge_id == 0 else 0, charge_id, line.kind, line.code,
            line.first or on.isoformat(), line.end, line.terms_id, line.recharge, line.span_first, line.charged, tax,
            line.tax_class, line.price_id, line.why,
        ))  # fmt: skip
        if line.price_id:
            self.prices.add(line.price_id)
        if line.charge_id > 0:
            self.charges.append(line.charge_id)

    def _add_taxes(self, document_id: int, bill: Bill, sign: int) -> None:
        for position, group in enumerate(bill.groups, 1):
            rate = group.rate
            self.taxes.append(posted.InvoiceTax(
                next(self._ids), document_id, position, rate.name, rate.category, rate.percent, sign * group.base,
                sign * group.tax, rate.reason,
            ))  # fmt: skip

    def _add_credit_note(self, customer_id: int, bill: Bill, number: str, reason: str) -> int:
        """Gather a bill below zero as a credit note with the signs turned."""
        tx, issued = self.tx, self.issued_on.isoformat()
        credit_id = next(self._ids)
        self.credit_notes.append(posted.CreditNote(
            credit_id, number, customer_id, None, bill.bill_date.isoformat(), issued, -bill.total, -bill.tax, reason,
            self.operator, tx.now_us,
        ))  # fmt: skip
        for position, (line, net, tax) in enumerate(zip(bill.lines, bill.nets, bill.taxes, strict=True), 1):
            line_id = next(self._ids)
            self.credit_lines.append(posted.CreditLine(
                line_id, credit_id, position, None, line.code, line.kind, line.text, line.first, line.end, -net, -tax,
            ))  # fmt: skip
            self._add_billed(line_id, credit_id, customer_id, line, tax, bill.bill_date)
        self._add_taxes(credit_id, bill, -1)
        self.entries.append(
            posted.Entry(next(self._ids), customer_id, issued, "credit-note", bill.total, number, reason, None, None, tx.now_us)
        )
        self.credit.append((credit_id, customer_id, -bill.total))
        return credit_id

    def write(self) -> None:
        """Insert what was gathered, and bring the kept figures up to date."""
        tx, db = self.tx, self.session.db
        for rows in (
            self.invoices, self.credit_notes, self.lines, self.credit_lines, self.billed, self.taxes, self.entries,
            self.wordings,
        ):  # fmt: skip
            tx.post(rows)
        balances.open_items(db, self.open)
        balances.add_due(db, [(day, sums.number, sums.amount) for day, sums in self.due.items()])
        balances.add_totals(db, [change for change in self.totals if change.due])
        if self.prices - catalogue_rows.use_prices(db, self.prices):
            raise Rejected("A price was taken out while the run used it; nothing was saved for these customers. Bill again.")
        agreements.settle_charges(db, self.charges)
        for credit_id, customer_id, amount in self.credit:
            balances.add_credit(db, credit_id, customer_id, self.issued_on.isoformat(), amount)
        # Whose totals changed in another way than by an invoice are counted anew.
        credited = {customer_id for _, customer_id, _ in self.credit}
        balances.recount(db, [c.customer_id for c in self.totals if not c.due or c.customer_id in credited])

    def use_credits(self, customer_ids: Sequence[int]) -> None:
        """Use open credit on what was issued, oldest first."""
        for customer_id in balances.with_credit(self.session.db, customer_ids):
            use_credit(self.tx, customer_id)
        for credit_id, customer_id, _ in self.credit:
            self._recover(credit_id, customer_id)

    def _recover(self, credit_id: int, customer_id: int) -> None:
        """What a credit note leaves over brings back what was written off; nobody has credit who still owes that."""
        tx, db = self.tx, self.session.db
        left = next((c.amount for c in balances.open_credits(db, customer_id) if c.source_id == credit_id), 0)
        rest = int(hook(RECOVER)(tx, self.session, customer_id, credit_id, self.issued_on.isoformat(), left)) if left else 0
        if rest < left:
            balances.use_credit(db, credit_id, left - rest, rest)
            balances.refresh(db, customer_id, 0)


def _sold(lines: Sequence[BillLine]) -> dict[int, str]:
    """The code that each service of a bill was sold as in the latest period that is billed, or of what is given back."""
    latest: dict[int, tuple[bool, str]] = {}
    sold: dict[int, str] = {}
    for line in lines:
        if line.service_id and line.kind in SERVED:
            which = (line.kind == "recurring", line.first or "")
            if line.service_id not in latest or which >= latest[line.service_id]:
                latest[line.service_id], sold[line.service_id] = which, line.sold_as or line.code
    return sold


def _words(lines: Sequence[BillLine]) -> str:
    """What an entry says of an invoice: its first line and how many more."""
    charged = [n for n in lines if n.kind != "notice"]
    if not charged:
        return "Invoice"
    rest = f" +{len(charged) - 1}" if len(charged) > 1 else ""
    return f"{charged[0].text[:60]}{rest}"


def settle_services(session: Session, tx: Transaction, many: Sequence[tuple[Loaded, Plan]], catalogue: Catalogue) -> None:
    """Keep how the services of some customers stand after their bills, and post what was skipped."""
    operator, _ = session.sign_in_if_needed()
    skipped = [(p.account.id, span) for _, p in many for span in p.skipped]
    if skipped:
        ids = tx.ids(len(skipped))
        tx.post([
            posted.ServiceEvent(
                next(ids), service_id, customer_id, first.isoformat(), "skip", "", "1", "", "", "", end.isoformat(), 0, "",
                "Not billed, by choice of the run", operator.name, tx.now_us,
            )
            for customer_id, (service_id, first, end) in skipped
        ])  # fmt: skip
    plain: list[tuple[str, str | None, int]] = []
    states: list[State] = []
    for loaded, plan in many:
        rows = {r.service.id: r for r in loaded.rows}
        for held, after in zip(loaded.services, plan.after, strict=True):
            if held.plain is not None and not plan.skipped:
                if after.settled_until != held.settled_until:
                    next_on = after.next_on.isoformat() if after.next_on else None
                    plain.append((after.settled_until.isoformat(), next_on, after.service_id))
                continue
            row = rows.get(after.service_id) or service_rows.by_id(session.db, after.service_id)
            state = _full_state(session, row, plan, after.settled_until, after.check_on, catalogue)
            if state != _as_kept(row, plan.account.id):
                states.append(state)
    service_rows.move(session.db, plain)
    service_rows.set_states(session.db, states)


def _full_state(
    session: Session, row: ServiceRow, plan: Plan, settled_until: date, check_on: date | None, catalogue: Catalogue
) -> State:
    known = service_rows.events(session.db, (row.service.id,))[row.service.id]
    return state_row(row.service, plan.account.id, known, settled_until, check_on, catalogue, session.today())


def _as_kept(row: ServiceRow, customer_id: int) -> State:
    return State(
        row.service.id, customer_id, row.code, row.quantity, row.parts, row.override.kind, row.override.value,
        row.override.reason,
        int(row.plain), row.terms_id, row.terms_on, row.status, row.ends_on, row.settled_until, row.next_on, row.check_on,
    )  # fmt: skip
