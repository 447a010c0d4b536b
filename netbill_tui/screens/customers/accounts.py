"""All customers, by account, by what is overdue, or by the oldest due."""

from typing import Any

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.customers.accounts import CustomerRow
from netbill_tui.commands import NEW
from netbill_tui.screens.shell.base import story
from netbill_tui.screens.shell.columns import LONG
from netbill_tui.screens.shell.listing import LIST_COMMANDS, ListScreen
from netbill_tui.styles.roles import CREDIT, LATE, PLAIN, STRONG, WAIT
from netbill_tui.usecases.lookup import list_sums, lists
from netbill_tui.widgets.lines import Part, chip
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
            Col("Account", 10, lambda c: c.account, sort="account"),
            Col("Customer", 0, lambda c: c.name or "(no name)"),
            Col("Status", 11, lambda c: c.status if c.status == "active" else "", mark=_status, priority=2),
            Col("Plan", 22, lambda c: c.plan, priority=1),
            Col("Balance", 14, self._balance, right=True, role=lambda c: CREDIT if c.balance < 0 else PLAIN),
            Col("Credit", 10, lambda c: self.money(c.credit), right=True)
            if list_sums.shows_credit(self._chosen)
            else Col(
                "Overdue", 12, lambda c: self.money(c.overdue) if c.overdue else "", right=True, role=_strong, sort="overdue"
            ),
            Col("Days", 5, self._days, right=True, role=self._days_role, sort="days"),
            Col("Town", 16, lambda c: c.town, priority=3),
            Col("Contact", 9, lambda c: short(c.last_contact_on) if c.last_contact_on else "", priority=4),
        ]

    def _balance(self, row: CustomerRow) -> str:
        return f"{self.money(-row.balance)}cr" if row.balance < 0 else self.money(row.balance)

    def _days_role(self, row: CustomerRow) -> str:
        return LATE if lists.oldest_days(self.session, row) > LONG else PLAIN

    def _overdue(self, row: CustomerRow) -> str:
        return self.money(row.overdue) if row.overdue else ""

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


def _status(row: CustomerRow) -> Part | None:
    return None if row.status == "active" else chip(row.status.upper(), WAIT)


def _strong(_: CustomerRow) -> str:
    return STRONG
