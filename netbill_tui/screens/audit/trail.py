"""The audit of the whole book: who did what, when, from which sitting; narrowed down, and exported."""

import asyncio
import io
from collections.abc import Sequence
from typing import Any

from textual.app import ComposeResult

from netbill_tui.billing.core.dates import parse_date
from netbill_tui.commands import EXPORT, FILTER, OPEN
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.screens.shell.details import show_event
from netbill_tui.screens.shell.forms.text import Asked, TextForm
from netbill_tui.text import counted
from netbill_tui.usecases.audit import exports, trail
from netbill_tui.usecases.audit.trail import PAGE, Event, Query
from netbill_tui.widgets.lines import Lines
from netbill_tui.widgets.record_grid import Col, RecordGrid


class AuditScreen(NetbillScreen):
    """Newest first; Enter shows the whole event."""

    TITLE_WORDS = "Audit"
    DECLARED = (OPEN, FILTER, EXPORT)
    HELP_LINES = (
        "Every change leaves one event, and each holds the hash of the one before: netbill verify checks all of them.",
        "The filter has the operator, the beginning of the action (payment. keys. session.), the record and days.",
    )

    def __init__(self) -> None:
        super().__init__()
        self._query = Query()
        self._typed: tuple[str, ...] = ()

    def body(self) -> ComposeResult:
        """What is shown, and the list."""
        self._head = Lines([""])
        yield self._head
        columns: list[Col[Event]] = [
            Col("At", 18, lambda e: self.session.calendar.moment(e.at_us)),
            Col("Who", 12, lambda e: e.actor),
            Col("What", 0, lambda e: trail.in_words(self.session, e), least=46),
            Col("Event", 17, lambda e: e.action, priority=2),
            Col("No", 8, lambda e: str(e.seq), right=True, priority=1),
        ]
        self._grid: RecordGrid[Event] = RecordGrid(columns, lambda e: e.seq, empty="No audit event fits. / changes the filter.")
        yield self._grid

    async def _load(self, which: str, record: Any) -> Sequence[Event]:
        """A page of the list, newest first."""
        if which == "after":
            return await self.read(trail.page, self._query, before=record.seq)
        if which in ("before", "last"):
            events = await self.read(trail.page, self._query, after=record.seq if record else 0)
            return events[::-1]
        return await self.read(trail.page, self._query)

    @story
    async def action_refresh(self) -> None:
        """Read the list again."""
        total = await self.read(trail.count, self._query)
        self._grid.total = total
        await self._grid.reload(self._load, page=PAGE)
        names = ("by", "action", "record", "from", "to")
        typed = "  ".join(f"{n} {v}" for n, v in zip(names, self._typed, strict=False) if v)
        self._head.show([f" {counted(total, 'event')}  {typed or 'of the whole book'}"])

    @story
    async def action_filter(self) -> None:
        """Narrow the list down."""
        asked = [
            Asked("Operator", limit=40),
            Asked("Action begins", limit=40),
            Asked("Record", limit=80),
            Asked("From", limit=20),
            Asked("To", limit=20),
        ]

        async def take(answer: tuple[str, ...]) -> Query:
            today = self.session.date()
            by, action, record, *_ = answer
            typed = self.named(("by", "action", "record", "from", "to"), answer)
            days = [parse_date(typed[d], today) if d in typed else None for d in ("from", "to")]
            return trail.read_query(self.session, record, by, action, *days)

        typed = self._typed
        filled = await self.ask_until(
            lambda filled, problem: TextForm("Which events?", asked, typed=filled or typed, problem=problem), self._remember(take)
        )
        if filled is not None:
            self._query = filled
            self._grid.show([], top=True)
            self.action_refresh()

    def _remember(self, take: Any) -> Any:
        async def both(answer: tuple[str, ...]) -> Query:
            query: Query = await take(answer)
            self._typed = answer
            return query

        return both

    @story
    async def action_export(self) -> None:
        """Write what is listed as CSV into the export folder."""
        names = ("--by", "--action", "", "--from", "--to")
        filters = [(name, value.strip()) for name, value in zip(names, self._typed, strict=False) if value.strip()]
        words = ["audit", *(word for pair in filters for word in pair if word), "--limit", "0"]
        out = io.StringIO()
        await self.netbill.calls.long(self.netbill.run_words, self.session, words, out, "csv")
        path = await asyncio.to_thread(exports.write_numbered, self.session, "audit.csv", out.getvalue())
        self.done(f"Written to {path}; netbill {' '.join(words)} --csv does the same.")

    @story
    async def on_record_grid_opened(self, event: RecordGrid.Opened) -> None:
        """The whole event."""
        assert isinstance(event.record, Event)
        await show_event(self, event.record)

    def row_number(self) -> str:
        """The record that the event is about."""
        return self._grid.record.object if self._grid.record else ""
