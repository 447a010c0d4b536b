"""The services on the account screen: its seventh tab and what is done there."""

from typing import Any

from netbill_tui.commands import BILL_MORE, NEXT_BILL, OPEN, SERVICE_ADD, SERVICE_BACK, SERVICE_EVENT
from netbill_tui.errors import Refused
from netbill_tui.screens.services.subscriptions import service_columns
from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.usecases.services import subscriptions
from netbill_tui.usecases.services.subscriptions import ServiceRow
from netbill_tui.widgets.record_grid import RecordGrid

# What is done with services, as the footer of their tab shows it first.
FIRST = (OPEN, SERVICE_ADD, SERVICE_EVENT, BILL_MORE, NEXT_BILL, SERVICE_BACK)
HINT = "+ adds, s changes, pauses or ends, z takes an event back, Enter shows it all, h the next invoice, w charges and discounts"


class AccountServices:
    """The services of the account that a screen shows."""

    def __init__(self, screen: NetbillScreen) -> None:
        self._screen, self._hinted = screen, False

    async def show(self, grid: RecordGrid[Any], account: str) -> None:
        """Show them; the first time what can be done with them."""
        services = await self._screen.read(subscriptions.of_account, account)
        grid.set_columns(service_columns(self._screen))
        grid.show(services, empty="No service yet. + adds one and shows its first bills.")
        if not self._hinted:
            self._hinted = True
            self._screen.tell(HINT)

    @staticmethod
    def of(record: object) -> ServiceRow:
        """The service of a row.

        Raises:
            Refused: It is none.
        """
        if not isinstance(record, ServiceRow):
            raise Refused("Go to the services with 7 and put the cursor on one.")
        return record
