"""All customers, by account, by what is overdue, or by the oldest due."""

from typing import Any

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.customers.accounts import CustomerRow
from netbill_tui.commands import NEW
from netbill_tui.screens.shell.base import story
from netbill_tui.screens.shell.listing import LIST_COMMANDS, ListScreen
from netbill_tui.usecases.lookup import list_sums, lists
from netbill_tui.widgets.record_grid import Col, RecordGrid


class CustomersScreen(ListScreen):
    """The list of customers."""

    LIST = "customers"
    DECLARED = (NEW, *LIST_COMMANDS)
    BUILT_IN = (("All", ""), ("Owing", "st:owing"), ("Overdue", "st:overdue"), ("Credit", "st:credit"))
    TITLE_WORDS = "Customers"

    def columns(self) -> list[Col[Any]]:
        """Who, what they take, what they owe."""
        return [
            Col("Account", 10, lambda c: c.account),
            Col("Customer", 0, lambda c: c.name or "(no name)"),
            Col("Status", 9, lambda c: c.status, priority=2),
            Col("Plan", 16, lambda c: c.plan, priority=1),
            Col("Balance", 11, lambda c: self.money(c.balance), right=True),
            Col("Credit", 10, lambda c: self.money(c.credit), right=True)
            if list_sums.shows_credit(self._chosen)
            else Col("Overdue", 10, lambda c: self.money(c.overdue) if c.overdue else "", right=True),
            Col("Days", 4, self._days, right=True),
            Col("Town", 12, lambda c: c.town, priority=3),
            Col("Contact", 9, lambda c: short(c.last_contact_on) if c.last_contact_on else "-", priority=4),
        ]

    def _days(self, row: CustomerRow) -> str:
        days = lists.oldest_days(self.session, row)
        return str(days) if days else ""

    def empty(self) -> str:
        """What to do where nobody is."""
        if self.session.calendar.is_past:
            return "The list of customers shows today only; F12 goes back."
        return "No customer fits the filter. / changes the filter, 1 shows all, + makes a new one."

    def amount_of(self, record: Any) -> int:
        """The balance, or the credit where the list is about that."""
        return int(record.credit if list_sums.shows_credit(self._chosen) else record.balance)

    async def fill(self) -> None:
        """Read the list, with the columns of what it is about."""
        self.apply_columns()
        await super().fill()

    @story
    async def action_new(self) -> None:
        """Store a new customer."""
        self.session.may_post()
        await self.open_screen("customer-form")

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """Open the account."""
        assert isinstance(event.record, CustomerRow)
        await self.open_screen("customer", event.record.account)
