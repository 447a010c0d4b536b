"""What an operator chose for a list: its order, its columns and their widths."""

import json
from functools import partial
from typing import Any

from netbill_tui.errors import NetbillError
from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.usecases.lookup import lists, views
from netbill_tui.widgets.record_grid import Col


class ListChoices:
    """Kept for each operator and list, and offered the next time."""

    def __init__(self, screen: NetbillScreen, name: str) -> None:
        self._screen, self._of = screen, name

    def order(self) -> tuple[str, bool] | None:
        """The order that was chosen last, and whether it falls; None for the list's own."""
        preference = self._screen.netbill.desk.preference(f"order.{self._of}")
        sort = preference.get("sort")
        if isinstance(sort, str) and sort in lists.LISTINGS[self._of].sorts:
            return sort, bool(preference.get("falls"))
        return None

    def remember_order(self, order: tuple[str, bool]) -> None:
        """Keep an order."""
        self._remember(f"order.{self._of}", {"sort": order[0], "falls": order[1]})

    def columns(self, every: list[Col[Any]]) -> list[Col[Any]]:
        """Those of a list's columns that are shown, in their widths; all where none would be."""
        preference = self._screen.netbill.desk.preference(f"columns.{self._of}")
        hidden, widths = preference.get("hidden", []), preference.get("widths", {})
        shown = []
        for column in every:
            width = widths.get(column.heading) if isinstance(widths, dict) else None
            if not (isinstance(hidden, list) and column.heading in hidden):
                shown.append(column.sized(width) if isinstance(width, int) and 2 <= width <= 80 else column)
        return shown or every

    async def ask_columns(self, every: list[Col[Any]]) -> bool:
        """Let the operator choose columns and widths; False where he leaves."""
        from netbill_tui.screens.shell.forms.columns import ColumnsForm, ColumnWidth

        preference = self._screen.netbill.desk.preference(f"columns.{self._of}")
        chosen = await self._screen.ask(ColumnsForm([ColumnWidth(c.heading, c.width) for c in every if c.heading], preference))
        if chosen is not None:
            self._remember(f"columns.{self._of}", chosen)
        return chosen is not None

    def _remember(self, name: str, value: dict[str, object]) -> None:
        text, session = json.dumps(value), self._screen.session
        self._screen.netbill.desk.preferences[name] = text
        if session.settings.can_post:
            self._screen.beside(partial(self._prefer, name, text), "preference")

    async def _prefer(self, name: str, text: str) -> None:
        try:
            await self._screen.write(views.prefer, name, text)
        except NetbillError:
            self._screen.tell("The choice holds for this sitting; the book was too busy to keep it.")
