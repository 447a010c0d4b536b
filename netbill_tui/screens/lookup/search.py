"""One box over payments, customers and invoices. The lower block answers "did you get my money?" without another key."""

from collections.abc import Callable
from functools import partial

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.customers.accounts import Card
from netbill_tui.billing.lookup.search import WITHOUT_AMOUNT, Found, Hit
from netbill_tui.billing.receivables.payments import Payment
from netbill_tui.commands import BACK, SCOPE
from netbill_tui.errors import NetbillError, SessionEnded
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.screens.shell.columns import state_chip
from netbill_tui.screens.shell.hits import open_hit
from netbill_tui.screens.shell.lanes import Replaced
from netbill_tui.styles.roles import HEAD, LATE, PLAIN, STRONG
from netbill_tui.text import counted, query_words
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.lookup import search
from netbill_tui.usecases.receivables import payments
from netbill_tui.widgets.fields import Field
from netbill_tui.widgets.grouped_grid import GroupedGrid
from netbill_tui.widgets.lines import Line, Lines, Part, bar_of
from netbill_tui.widgets.record_grid import Col, RecordGrid

_PLURAL = {"all": "everything", "payment": "payments", "customer": "customers", "invoice": "invoices"}


class FindScreen(NetbillScreen):
    """Results while typing; an exact number opens with Enter, whatever else was found."""

    TITLE_WORDS = "Find"
    DECLARED = (SCOPE, BACK)
    AUTO_FOCUS = "#query"
    KEYS = (
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("pageup", "move(-10)", show=False),
    )

    def __init__(self, text: str = "", *, take: Callable[[str], object] | None = None) -> None:
        """Open the search.

        Args:
            text: What is searched for at once.
            take: Gets the account of the chosen hit, instead of its being opened.
        """
        super().__init__()
        self._scope = 2 if take else 0
        self._asked = ""
        self._begun = text
        self._take = take

    def body(self) -> ComposeResult:
        """The box, the hits, the answer."""
        self._field = Field("Find", "query", value=self._begun, limit=120, prompt=True)
        self._field.add_class("search")
        yield self._field
        self._grid: GroupedGrid[Hit] = GroupedGrid(
            [
                Col("Date", 9, lambda h: short(h.date) if h.date else ""),
                Col("Number", 12, lambda h: "" if h.type == _HEADING else h.id),
                Col("Account", 10, lambda h: h.account, priority=1),
                Col("Customer", 0, lambda h: h.name or "(no name)"),
                Col("Reference", 16, lambda h: h.reference, priority=2),
                Col(
                    "Amount",
                    12,
                    lambda h: "" if h.type in (*WITHOUT_AMOUNT, _HEADING) else self.money(h.amount),
                    right=True,
                    role=_strong,
                ),
                Col("State", 10, lambda h: "" if h.type == "payment" else h.state, mark=_chip, priority=3),
            ],
            lambda h: (h.type, h.id),
            empty="Type a number, name, phone, e-mail, reference, amount or date.",
            heading=_heading,
            is_exact=lambda h: h.exact,
        )
        self._grid.can_focus = False
        yield self._grid
        self._answer = Lines([""] * 5)
        self._answer.add_class("beside")
        yield self._answer

    def action_refresh(self) -> None:
        """Search again."""
        self._asked = ""
        self._show_scope(None)
        text = self.query_one("#query", Input).value
        if text.strip():
            self._search(text)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while the operator types; a newer search replaces the one before, and what was refused is over."""
        event.stop()
        self.tell("")
        self._search(event.value)

    def _search(self, text: str) -> None:
        self.beside(partial(self._find, text), "search", newest=True)

    async def _find(self, text: str) -> bool:
        """Read and show the hits; False when a newer search took over."""
        try:
            result = await self.search(search.search, text, scope=search.SCOPES[self._scope])
        except Replaced:
            return False
        except SessionEnded:
            raise
        except NetbillError as error:
            self.refuse(str(error))
            return False
        self._asked = text
        empty = f"Nothing matches. Tab searches {_PLURAL[search.SCOPES[(self._scope + 1) % 4]]}." if text.strip() else None
        self._grid.words = tuple(query_words(text))
        self._grid.show(_rows_of(result), empty=empty, top=True)
        self._show_scope(result)
        return True

    def _show_scope(self, result: Found | None) -> None:
        scope = _PLURAL[search.SCOPES[self._scope]]
        self._field.remark(f"{result.summary()}   {scope}" if result else scope)

    def action_scope(self) -> None:
        """Search something else with the same words."""
        self._scope = (self._scope + 1) % len(search.SCOPES)
        self._show_scope(None)
        if self.query_one("#query", Input).value.strip():
            self._search(self.query_one("#query", Input).value)

    async def action_move(self, by: int) -> None:
        """Move in the hits while the box keeps the focus."""
        await self._grid.action_move(by)

    @story
    async def on_record_grid_moved(self, event: RecordGrid.Moved) -> None:
        """Answer the phone question about the hit under the cursor."""
        hit = event.record
        if not isinstance(hit, Hit):
            self._answer.show([""] * 5)
        elif hit.type == "payment":
            self._answer.show(self._about_payment(await self.search(payments.find_payment, hit.id)))
        elif hit.account:
            self._answer.show(self._about_account(await self.search(accounts.card, hit.account), hit))
        else:
            self._answer.show([f" {hit.id}  {hit.name}", " Enter opens it.", *[""] * 3])

    def _about_payment(self, payment: Payment) -> list[Line]:
        row, width = payment.row, self.size.width
        applied = ", ".join(f"{s.invoice} {self.money(s.amount)}" for s in payment.allocated) or "nothing"
        state = state_chip(row.state) or (row.state, PLAIN)
        when = f" on {short(payment.event_date)}: {payment.event_reason}" if payment.event_date else ""
        return [
            bar_of(f" {row.receipt}  {row.account}  {row.name}", width, (f"taken by {payment.operator} ", HEAD)),
            f" {self.money(row.amount)} {row.method} {row.reference}   received {short(row.date)}",
            [(" State     ", PLAIN), state, (when, PLAIN)],
            f" Applied   {applied}   on account {self.money(payment.unapplied)}",
            f" Balance   {self.money(payment.balance)} now",
        ]

    def _about_account(self, card: Card, hit: Hit) -> list[Line]:
        customer, last = card.customer, card.last_payment
        paid = (
            f"{short(last.received_on)}  {self.money(last.amount)} {last.method} {last.reference}  {last.receipt}{last.mark}"
            if last
            else "never"
        )
        return [
            bar_of(f" {customer.account}  {customer.name or '(no name)'}", self.size.width, (f"{customer.status} ", HEAD)),
            self._owed(card),
            f" Last paid {paid}",
            f" {customer.plan or 'no plan'}   {customer.town}" + (f"   found by {hit.reference}" if hit.is_why else ""),
            f" {card.fault}" if card.fault else "",
        ]

    def _owed(self, card: Card) -> Line:
        totals = card.totals
        owed: list[Part] = [(" Balance   ", PLAIN), (self.money(totals.balance), STRONG)]
        if totals.overdue:
            owed += [("   overdue ", PLAIN), (f"{self.money(totals.overdue)}, {counted(card.oldest_days, 'day')}", LATE)]
        return owed

    @story
    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Open the one exact hit, else the hit under the cursor."""
        event.stop()
        text = event.value
        if text != self._asked and not await self._find(text):
            return
        exact = [h for h in self._grid.records if h.exact]
        hit = exact[0] if len(exact) == 1 else self._grid.record
        if hit is None:
            self.refuse(f"Nothing matches {text.strip()!r}." if text.strip() else "Type what to find.")
            return
        await self._open(hit)

    async def _open(self, hit: Hit) -> None:
        if self._take is not None:
            if not hit.account:
                self.refuse(f"{hit.id} belongs to no account; choose another row.")
                return
            self.app.pop_screen()
            # The story of this screen ends with it; what follows is the taker's own.
            self._take(hit.account)
            return
        await open_hit(self, hit)

    def account(self) -> str | None:
        """Whose hit the cursor is on."""
        return (self._grid.record.account or None) if self._grid.record else None


def _rows_of(result: Found) -> list[Hit]:
    """The hits with a heading before each kind; hits of one kind need none."""
    groups = result.groups(_MOST)
    if len(groups) < 2:
        return result.hits
    rows: list[Hit] = []
    for group in groups:
        more = "   Tab searches them alone" if group.total > len(group.hits) and group.type in search.SCOPES else ""
        rows += [Hit(_HEADING, group.type, "", f"{_GROUPS[group.type]} {group.summary()}{more}", None, 0, "", ""), *group.hits]
    return rows


_HEADING, _MOST = "heading", 8
_GROUPS = {
    "payment": "Payments", "customer": "Customers", "invoice": "Invoices", "credit-note": "Credit notes", "run": "Billing runs",
    "code": "Codes", "service": "Services", "approval": "Approvals", "note": "Notes",
}  # fmt: skip


def _heading(hit: Hit) -> str:
    return hit.name if hit.type == _HEADING else ""


def _chip(hit: Hit) -> Part | None:
    return state_chip(hit.state) if hit.type == "payment" else None


def _strong(_: Hit) -> str:
    return STRONG
