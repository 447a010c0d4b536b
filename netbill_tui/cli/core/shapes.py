"""The rows of lists as JSON, and the columns of their tables. The keys are a contract (docs/commands.md)."""

from collections.abc import Mapping

from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.customers.accounts import CustomerRow
from netbill_tui.billing.receivables.invoices import Due
from netbill_tui.billing.receivables.overdue import Overdue
from netbill_tui.billing.receivables.payments import PaymentRow
from netbill_tui.cli.core.output import Column

Shape = dict[str, object]
DUES: list[Column] = [
    ("number", "Invoice", 16, False),
    ("account", "Account", 14, False),
    ("name", "Name", 22, False),
    ("due", "Due", 0, False),
    ("total", "Total", 0, True),
    ("open", "Open", 0, True),
    ("days", "Days", 0, True),
    ("state", "State", 0, False),
]
OVERDUE: list[Column] = [
    ("account", "Account", 14, False),
    ("name", "Name", 26, False),
    ("days", "Days", 0, True),
    ("overdue", "Overdue", 0, True),
    ("invoices", "Inv", 0, True),
    ("stage", "Stage", 0, False),
    ("promise", "Promise", 0, False),
    ("last_contact", "Contact", 0, False),
]
PAYMENTS: list[Column] = [
    ("date", "Date", 0, False),
    ("receipt", "Receipt", 12, False),
    ("account", "Account", 14, False),
    ("name", "Name", 20, False),
    ("method", "Method", 0, False),
    ("reference", "Reference", 16, False),
    ("amount", "Amount", 0, True),
    ("state", "State", 0, False),
]
CUSTOMERS: list[Column] = [
    ("account", "Account", 14, False),
    ("name", "Name", 26, False),
    ("status", "Status", 0, False),
    ("plan", "Plan", 20, False),
    ("balance", "Balance", 0, True),
    ("overdue", "Overdue", 0, True),
    ("days", "Days", 0, True),
]


def due(currency: str, row: Due) -> Shape:
    """An open invoice."""
    return {
        "number": row.number,
        "account": row.account,
        "name": row.name or None,
        "issued": row.issued,
        "due": row.due,
        "total": format_amount(row.total, currency),
        "open": format_amount(row.open, currency),
        "days": row.days,
        "state": row.state,
    }


def overdue(currency: str, row: Overdue) -> Shape:
    """An account of the overdue queue."""
    return {
        "account": row.account,
        "name": row.name or None,
        "days": row.days,
        "overdue": format_amount(row.overdue, currency),
        "bucket": row.bucket,
        "invoices": row.invoices,
        "stage": row.stage,
        "promise": row.promise_on,
        "last_contact": row.last_contact_on,
    }


def payment(currency: str, row: PaymentRow) -> Shape:
    """A payment of a list."""
    return {
        "receipt": row.receipt,
        "account": row.account,
        "name": row.name or None,
        "date": row.date,
        "method": row.method,
        "reference": row.reference or None,
        "amount": format_amount(row.amount, currency),
        "state": row.state,
    }


def customer(currency: str, row: CustomerRow, days: int) -> Shape:
    """A customer of a list."""
    return {
        "account": row.account, "name": row.name or None, "status": row.status, "kind": row.kind, "plan": row.plan or None,
        "town": row.town or None, "balance": format_amount(row.balance, currency),
        "overdue": format_amount(row.overdue, currency), "days": days, "last_contact": row.last_contact_on,
        "credit": format_amount(row.credit, currency),
    }  # fmt: skip


KINDS: Mapping[str, list[Column]] = {"dues": DUES, "overdue": OVERDUE, "payments": PAYMENTS, "customers": CUSTOMERS}
