"""Where the screens are, in one table: a screen goes somewhere by name, so that no screen needs another one."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple, cast

from textual.screen import Screen


class Route(NamedTuple):
    """A screen.

    Attributes:
        target: Module below this package, and class.
        key: Behind `g`; empty for a screen of one record, or a form.
        title: What the menu of `g` calls it.
    """

    target: str
    key: str = ""
    title: str = ""


ROUTES = {
    "dashboard": Route("reports.dashboard:DashboardScreen", "d", "dashboard"),
    "overdue": Route("collections.overdue:OverdueScreen", "o", "overdue queue"),
    "customers": Route("customers.accounts:CustomersScreen", "c", "customers"),
    "dues": Route("receivables.dues:DuesScreen", "u", "dues"),
    "payments": Route("receivables.payments:PaymentsScreen", "p", "payments"),
    "billing": Route("billing_run.runs:BillingScreen", "i", "billing run"),
    "collections": Route("collections.night:CollectionsScreen", "x", "collections"),
    "catalogue": Route("catalogue.codes:CatalogueScreen", "k", "catalogue"),
    "operators": Route("access.operators:OperatorsScreen", "w", "operators, sittings, keys, approvals"),
    "audit": Route("audit.trail:AuditScreen", "a", "audit"),
    "find": Route("lookup.search:FindScreen", "f", "find"),
    "help": Route("shell.help:HelpScreen"),
    # One record.
    "customer": Route("customers.account:CustomerScreen"),
    "invoice": Route("receivables.invoices:InvoiceScreen"),
    "credit-note": Route("receivables.invoices:CreditNoteScreen"),
    "receipt": Route("receivables.receipt:ReceiptScreen"),
    "code": Route("catalogue.code:CodeScreen"),
    # Forms.
    "payment-form": Route("receivables.payment_form:TakePaymentScreen"),
    "customer-form": Route("customers.changes:CustomerFormScreen"),
}
BY_KEY = {route.key: name for name, route in ROUTES.items() if route.key}
LISTS = ("overdue", "customers", "dues", "payments")


def screen(name: str, *args: Any, **more: Any) -> Screen[None]:
    """The screen of a name, made from what it takes."""
    module, class_name = ROUTES[name].target.split(":")
    return cast(Screen[None], getattr(import_module(f"netbill_tui.screens.{module}"), class_name)(*args, **more))


def go_choices() -> Sequence[tuple[str, str]]:
    """What `g` offers: keys and words."""
    return [(r.key, r.title) for r in ROUTES.values() if r.key] + [("g", "top of the list"), ("e", "end of the list")]
