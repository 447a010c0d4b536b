"""What is done to a list: its order and place, marks, columns, the same action on all that are marked, export."""

import asyncio
import io
import json
import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from textual.widgets import Input

from netbill_tui.errors import InvalidInput, NetbillError, Refused
from netbill_tui.screens.shell.base import story
from netbill_tui.screens.shell.bulk import note_all, tag_all
from netbill_tui.screens.shell.columns import PAGE, loader_of
from netbill_tui.screens.shell.listing import ListBase
from netbill_tui.usecases.audit import exports
from netbill_tui.usecases.lookup import lists, views

# So many rows at most are marked by one key: a preview of more could not be looked through.
MOST_MARKED = 5000
_FORMS = {"csv": "csv", "json": "json", "text": "txt"}


class ListScreen(ListBase):
    """A list with everything that works on all of them."""

    # Order and place.

    def action_sort(self) -> None:
        """The next order."""
        sorts = lists.LISTINGS[self.LIST].sorts
        name, _ = lists.order_of(self.LIST, self._chosen)
        following = sorts[(sorts.index(name) + 1) % len(sorts)]
        falls = following != "account" and following != "due"
        self._set_order((following, falls))

    def action_turn(self) -> None:
        """The same order the other way round."""
        name, falls = lists.order_of(self.LIST, self._chosen)
        self._set_order((name, not falls))

    def _set_order(self, order: tuple[str, bool]) -> None:
        if "sort:" in self._typed:
            self._typed = " ".join(t for t in self._typed.split() if not t.startswith("sort:"))
            self.query_one("#filter", Input).value = self._typed
        self._order = order
        self.draw_frame()
        self._remember(f"order.{self.LIST}", {"sort": order[0], "falls": order[1]})
        self.action_refresh()
        self.tell(f"In the order of {order[0]}, {'largest or latest' if order[1] else 'smallest or earliest'} first.")

    def _remember(self, name: str, value: dict[str, object]) -> None:
        text = json.dumps(value)
        self.netbill.desk.preferences[name] = text
        if not self.session.preview and not self.session.readonly:
            self.beside(partial(self._prefer, name, text), "preference")

    async def _prefer(self, name: str, text: str) -> None:
        try:
            await self.write(views.prefer, name, text)
        except NetbillError:
            self.tell("The choice holds for this sitting; the book was too busy to keep it.")

    @story
    async def action_position(self) -> None:
        """Go to a place in the order."""
        from netbill_tui.screens.shell.forms.text import Asked, TextForm

        sort, _ = lists.order_of(self.LIST, self._chosen)
        answer = await self.ask(TextForm(f"Go to which {sort}?", (Asked(sort.capitalize(), limit=40),)))
        if answer is None:
            return
        which = await self.read(lists.position, self.LIST, self._chosen, answer[0])
        rows = await self.page(which)
        if not rows:
            raise Refused(f"Nothing in this list comes behind {answer[0]}; End goes to the last row.")
        self._grid.show_from(rows, loader_of(self.page, self.key), page=PAGE)
        self._draw_sum()

    # Marks.

    async def action_mark(self) -> None:
        """Mark the row and go to the next."""
        self._grid.mark()
        await self._grid.action_move(1)
        self._draw_sum()

    def action_mark_to(self) -> None:
        """Mark all from the last marked row to this one."""
        if not self._grid.mark_to():
            self.refuse(
                "The last marked row is too far away, or there is none; Space marks one, / narrows the list, * marks all."
            )
        self._draw_sum()

    @story
    async def action_mark_all(self) -> None:
        """Mark every row of the filtered list."""
        rows = await self.read(self.everything, MOST_MARKED + 1)
        if len(rows) > MOST_MARKED:
            raise Refused(f"The list has more than {MOST_MARKED:,} rows; narrow it down before you mark all.")
        self._grid.mark_rows(rows)
        self._draw_sum()

    def everything(self, session: Any, limit: int) -> list[Any]:
        """The rows of the whole list, on the reader's thread."""
        return lists.every(session, self.LIST, self._chosen, limit)

    def action_unmark(self) -> None:
        """Unmark all."""
        self._grid.unmark()
        self._draw_sum()

    def chosen_accounts(self) -> list[str]:
        """The accounts of the marked rows, each once, or that of the row under the cursor."""
        rows: Sequence[Any] = list(self._grid.marked.values()) or ([self._grid.record] if self._grid.record else [])
        return list(dict.fromkeys(r.account for r in rows))

    # Actions on the row, or on all that are marked.

    @story
    async def action_note(self) -> None:
        """Write a note on the account under the cursor, or the same on all that are marked."""
        self.session.may_post()
        await note_all(self, self.chosen_accounts(), marked=bool(self._grid.marked))

    @story
    async def action_tag(self) -> None:
        """Put a tag on the account under the cursor, or on all that are marked."""
        self.session.may_post()
        await tag_all(self, self.chosen_accounts(), marked=bool(self._grid.marked))

    # Columns.

    @story
    async def action_columns(self) -> None:
        """Show, hide, widen and narrow columns."""
        from netbill_tui.screens.shell.forms.columns import ColumnsForm

        preference = self.netbill.desk.preference(f"columns.{self.LIST}")
        chosen = await self.ask(ColumnsForm([(c.heading, c.width) for c in self.columns() if c.heading], preference))
        if chosen is not None:
            self._remember(f"columns.{self.LIST}", chosen)
            self.apply_columns()
            self.tell("Kept for the next time.")

    # Export.

    @story
    async def action_export(self) -> None:
        """Ask for a format, write the file, and show the command that does it."""
        from netbill_tui.screens.shell.forms.choice import ChoiceForm

        command = shlex.join(self.command_words())
        choices = (("c", "CSV, for a spreadsheet"), ("j", "JSON"), ("t", "text"), ("s", "only show the command"))
        key = await self.ask(ChoiceForm(f"Export this list: {command}", choices))
        if key == "s":
            self.tell(f"{command} --csv")
        elif key is not None:
            await self.export({"c": "csv", "j": "json", "t": "text"}[key], "")

    async def export(self, form: str, path: str) -> None:
        """Write the list by the command that prints it.

        Args:
            form: csv, json or text.
            path: Name in the export folder; empty for one of the list and the day.

        Raises:
            InvalidInput: An unknown format, or a file that cannot be written.
        """
        if form not in _FORMS:
            raise InvalidInput(f"{form[:20]!r} is no format; type csv, json or text.")
        if path and (Path(path).name != path or path.startswith(".")):
            raise InvalidInput("Exports go to your export folder; type a plain name such as big.csv.")
        out = io.StringIO()
        words = [*self.command_words()[1:], *([] if form == "text" else [f"--{form}"])]
        # It leaves its audit event before the file: what left the book is known even where the disk then fails.
        await self.write(lambda session: self.netbill.run_words(session, words, out, "plain"))
        name = path or f"{self.LIST}-{self.session.date().isoformat()}.{_FORMS[form]}"
        try:
            written = await asyncio.to_thread(exports.write_numbered, self.session, name, out.getvalue())
        except OSError as error:
            raise InvalidInput(f"The file cannot be written: {error.strerror}; nothing is overwritten.") from None
        self.tell(f"Written to {written}: {shlex.join(['netbill', *words])}")
