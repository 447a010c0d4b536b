"""The work list: who is called today, in which order. Source: docs/rules.md, *7 Overdue queue*."""

from datetime import timedelta

from netbill_tui.billing.core.money import Tally
from netbill_tui.billing.lookup.filters import NOTHING, Filter
from netbill_tui.billing.receivables.overdue import Overdue
from netbill_tui.db.lookup import filters as sql
from netbill_tui.db.lookup import list_sums
from netbill_tui.db.lookup import lists as list_rows
from netbill_tui.usecases.core.paging import FIRST, Key, Page
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.lookup import lists


def _work_steps(session: Session, chosen: Filter) -> list[sql.Sql]:
    """The conditions of the work list, a step each, with those of the filter."""
    today = session.date()
    days = [(today - timedelta(days=n)).isoformat() for n in (30, 60)]
    base = list_rows.both(
        list_rows.work(session.book.minimum_overdue, today.isoformat()), lists.where(session, "overdue", chosen)
    )
    return [list_rows.both(list_rows.step(n, today.isoformat(), *days), base) for n in range(len(list_rows.STEPS))]


def _step_of(row: Overdue) -> int:
    if row.promise_on is not None:
        return 0
    return 1 if row.days > 60 else 2 if row.days > 30 else 3


def work_key(row: Overdue) -> Key:
    """The key of a row of the work list: its step with its sum, and what orders equal sums."""
    return (_step_of(row), row.overdue), row.oldest_due + row.account


def work_page(session: Session, chosen: Filter = NOTHING, which: Page = FIRST) -> list[Overdue]:
    """One page of today's work list: broken promises, over 60 days, over 30, the rest; largest sums first in each.

    Source: docs/rules.md, *7 Overdue queue*. Each step is a keyset of its own, so a page costs the same in the largest book.
    """
    if not (session.calendar.is_today and session.rolled()):
        return _work_of(session, chosen) if which == FIRST else []
    steps = _work_steps(session, chosen)
    backward = which.last or which.before is not None
    begun: Key | None = which.before if which.before is not None else which.after
    first, inner = (len(steps) - 1 if which.last else 0), Page(last=which.last)
    if begun is not None:
        head, tie = begun
        assert isinstance(head, tuple)
        first, amount = head
        inner = Page(before=(amount, tie)) if backward else Page(after=(amount, tie))
    order = range(int(first), -1, -1) if backward else range(int(first), len(steps))
    with session.db.reading() as db:
        return list_rows.stepped(
            db, "overdue", [steps[n] for n in order], ("work", True), session.date().isoformat(), inner, lists.PAGE
        )


def _work_of(session: Session, chosen: Filter) -> list[Overdue]:
    """The work list of another date, whole."""
    from netbill_tui.usecases.receivables import overdue

    accounts = overdue.queue(session, work=True)
    if chosen.conditions or chosen.words:
        chosen_accounts = {r.account for r in lists.past(session, "overdue", chosen)}
        accounts = [r for r in accounts if r.account in chosen_accounts]
    return accounts


def work(session: Session, chosen: Filter = NOTHING, limit: int | None = None) -> list[Overdue]:
    """The work list, or its first rows."""
    most = 2**62 if limit is None else limit
    if not (session.calendar.is_today and session.rolled()):
        return _work_of(session, chosen)[:most]
    accounts: list[Overdue] = []
    which = FIRST
    while len(accounts) < most and (part := work_page(session, chosen, which)):
        accounts += part
        which = Page(after=work_key(part[-1]))
    return accounts[:most]


def work_sums(session: Session, chosen: Filter = NOTHING, most: int | None = None) -> Tally:
    """The accounts of the work list and what they owe past its due date; counted up to `most`."""
    if not (session.calendar.is_today and session.rolled()):
        accounts = _work_of(session, chosen)
        return Tally(len(accounts), sum(r.overdue for r in accounts))
    today = session.date().isoformat()
    condition = list_rows.both(list_rows.work(session.book.minimum_overdue, today), lists.where(session, "overdue", chosen))
    return list_sums.sums(session.db, "overdue", condition, today, most=most)
