"""The services on the account screen: its seventh tab and what is done there."""

from collections.abc import Sequence
from typing import Any

from netbill_tui.commands import BILL_MORE, NEXT_BILL, OPEN, SERVICE_ADD, SERVICE_BACK, SERVICE_EVENT, Command
from netbill_tui.errors import Refused
from netbill_tui.screens.services.subscriptions import add_service, service_columns, service_event, show_next, take_event_back
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.usecases.services import subscriptions
from netbill_tui.usecases.services.subscriptions import ServiceRow
from netbill_tui.widgets.record_grid import RecordGrid

SERVICES = 6
HINT = "+ adds, s changes, pauses or ends, z takes an event back, Enter shows it all, h the next invoice, w charges and discounts"


class ServicesTab(NetbillScreen):
    """What the account screen can do with services."""

    _account: str
    _tab: int
    _grid: RecordGrid[Any]
    _hinted = False

    def footer_first(self) -> Sequence[Command]:
        """On the services what is done with services."""
        return (OPEN, SERVICE_ADD, SERVICE_EVENT, BILL_MORE, NEXT_BILL, SERVICE_BACK) if self._tab == SERVICES else ()

    async def _show_services(self) -> None:
        services = await self.read(subscriptions.of_account, self._account)
        self._grid.set_columns(service_columns(self))
        self._grid.show(services, empty="No service yet. + adds one and shows its first bills.")
        if not self._hinted:
            self._hinted = True
            self.tell(HINT)

    def _service(self) -> ServiceRow:
        record = self._grid.record
        if self._tab != SERVICES or not isinstance(record, ServiceRow):
            raise Refused("Go to the services with 7 and put the cursor on one.")
        return record

    @story
    async def action_add_service(self) -> None:
        """Add a service."""
        if await add_service(self, self._account) is not None:
            self._tab = SERVICES
            self.action_refresh()

    @story
    async def action_service_event(self) -> None:
        """Change, pause, suspend or end the service of the row."""
        if await service_event(self, self._service()):
            self.action_refresh()

    @story
    async def action_service_back(self) -> None:
        """Take an event of the service of the row back."""
        if await take_event_back(self, self._service()):
            self.action_refresh()

    @story
    async def action_bill_more(self) -> None:
        """A one-off charge, a discount, an exemption, terms."""
        from netbill_tui.screens.services.charges import bill_more

        if await bill_more(self, self._account):
            self.action_refresh()

    @story
    async def action_next_bill(self) -> None:
        """What the next invoice will be."""
        await show_next(self, self._account)
