"""Drawn figures of the dashboard, on a terminal that has the room."""

from collections.abc import Callable, Sequence

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.receivables.payments import PaymentRow
from netbill_tui.styles.roles import BAR, PLAIN, QUIET, STRONG
from netbill_tui.usecases.reports.dashboard import DayAmount
from netbill_tui.widgets.lines import Line, fit, fit_right, panel_head

HIGH = 8  # lines of a column
_SCALE = 12


def received_by_day(days: Sequence[DayAmount], money: Callable[[int], str], width: int) -> list[Line]:
    """A column a day, as many days as there is room for, with a scale; the newest day at the right."""
    shown = list(days)[-max((width - _SCALE - 2) // 3, 1) :]
    largest = max((d.amount for d in shown), default=0)
    lines: list[Line] = [panel_head("Received by day")]
    if not largest:
        return [*lines, f"  Nothing came in within these {len(shown)} days."]
    for level in range(HIGH, 0, -1):
        scale = money(largest * level // HIGH) if level in (HIGH, HIGH // 2) else ""
        columns = "".join(f"{_top(d.amount, largest, level)} " for d in shown)
        lines.append([(fit_right(scale, _SCALE) + " ", QUIET), (columns, BAR)])
    marks = "".join(fit(short(d.day)[:2], 3) for d in shown)
    return [*lines, [(" " * (_SCALE + 1), PLAIN), (marks, QUIET)]]


def _top(amount: int, largest: int, level: int) -> str:
    """Two cells of a column in one line: full, half, or nothing."""
    halves = amount * HIGH * 2 // largest if largest > 0 else 0
    return "██" if halves >= level * 2 else "▄▄" if halves == level * 2 - 1 else "  "


def last_posted(payments: Sequence[PaymentRow], money: Callable[[int], str], width: int, rows: int) -> list[Line]:
    """The newest payments, as the list of payments shows them."""
    lines: list[Line] = [panel_head("Last payments")]
    for p in payments[:rows]:
        name = fit(p.name or "(no name)", max(width - 72, 10))
        is_back = p.state in ("returned", "reversed")
        cells = f"  {short(p.date)}  {fit(p.receipt, 10)}  {fit(p.account, 10)}  {name}  {fit(p.method, 7)} "
        lines.append([(cells, QUIET if is_back else PLAIN), (fit_right(money(p.amount), 11), QUIET if is_back else STRONG)])
        if is_back:
            lines[-1] = [(cells, QUIET), (fit_right(money(p.amount), 11), QUIET), (f" {p.state}", QUIET)]
    return lines
