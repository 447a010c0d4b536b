"""How long a list is and what it comes to: from kept sums where they answer it, else counted, as far as one likes."""

from netbill_tui.billing.core.money import Tally
from netbill_tui.billing.lookup.filters import NOTHING, Filter
from netbill_tui.billing.receivables.overdue import Overdue
from netbill_tui.db.lookup import list_sums as sum_rows
from netbill_tui.db.receivables import day_sums
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.db.receivables import overdue as overdue_rows
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.lookup import lists


def sums(session: Session, name: str, chosen: Filter = NOTHING, most: int | None = None) -> Tally:
    """The rows of the list and the sum of their amounts; one that was asked for whole is answered from kept sums.

    Of payments those that were taken back count as rows and not in the sum, as on the dashboard; see `taken_back`. A list
    that is longer than `most` and has no kept sums is counted so far only, and its sum is of so many rows.
    """
    if lists.is_past(session, name):
        records = lists.past(session, name, chosen)
        return Tally(len(records), sum(r.overdue if isinstance(r, Overdue) else r.open for r in records))
    current = session.rolled() and session.calendar.is_today
    if not chosen.conditions and not chosen.words and lists.order_of(name, chosen)[0] != "days":
        if name == "overdue":
            return overdue_rows.sums(session.db)
        if name == "dues":
            return invoice_rows.falling_due(session.db, "0000-01-01", "9999-12-31")
    spans = _span(chosen)
    if name == "dues" and spans is not None:
        return invoice_rows.falling_due(session.db, *spans)
    if name == "payments":
        tally = _received(session, chosen, most)
        return tally._replace(amount=tally.amount - taken_back(session, chosen).amount)
    condition = lists.where(session, name, chosen, current=current)
    asks_credit = name == "customers" and shows_credit(chosen)
    return sum_rows.sums(session.db, name, condition, session.date().isoformat(), credit=asks_credit, most=most)


def _received(session: Session, chosen: Filter, most: int | None) -> Tally:
    """The payments of a list and their sum: by the kept money per day where only days and methods are asked for."""
    today = session.date().isoformat()
    asked = _days_and_methods(chosen)
    if asked is None:
        return sum_rows.sums(session.db, "payments", lists.where(session, "payments", chosen), today, most=most)
    first, last, methods = asked
    sums_ = [day_sums.between(session.db, day_sums.RECEIVED, first, min(last, today), m) for m in methods]
    return Tally(sum(t.number for t in sums_), sum(t.amount for t in sums_))


def _days_and_methods(chosen: Filter) -> tuple[str, str, tuple[str | None, ...]] | None:
    """First and last day and the methods, where a filter of payments asks for nothing else; None is any method."""
    first, last = "0000-01-01", "9999-12-31"
    methods: tuple[str | None, ...] = (None,)
    if chosen.words:
        return None
    for condition in chosen.conditions:
        field, op, day = condition.field, condition.op, str(condition.values[0])
        if condition.negated:
            return None
        if field == "method" and op == "is" and methods == (None,):
            methods = tuple(str(v) for v in dict.fromkeys(condition.values))
        elif field == "date" and op in ("<=", ">=", "="):
            first = first if op == "<=" else max(first, day)
            last = last if op == ">=" else min(last, day)
        elif field == "last" and op == "<":
            first = max(first, day)  # received within so many days
        else:
            return None
    return first, last, methods


def shows_credit(chosen: Filter) -> bool:
    """True where a list of customers is about their unallocated credit, which is then what is shown and summed."""
    return any(c.field == "st" and c.values == ("credit",) and not c.negated for c in chosen.conditions)


def taken_back(session: Session, chosen: Filter = NOTHING) -> Tally:
    """The payments of a list that were taken back by the business date."""
    today, asked = session.date().isoformat(), _days_and_methods(chosen)
    if asked is not None and asked[0] == "0000-01-01" and asked[1] >= today:
        sums_ = [day_sums.between(session.db, day_sums.TAKEN_BACK, asked[0], today, m) for m in asked[2]]
        return Tally(sum(t.number for t in sums_), sum(t.amount for t in sums_))
    return sum_rows.taken_back(session.db, lists.where(session, "payments", chosen), today)


def _span(chosen: Filter) -> tuple[str, str] | None:
    """First and last due date where the filter is nothing else; the totals by due date answer that."""
    first, last = "0000-01-01", "9999-12-31"
    if chosen.words:
        return None
    for condition in chosen.conditions:
        if condition.field != "due" or condition.negated or condition.op not in ("<=", ">="):
            return None
        day = str(condition.values[0])
        first, last = (max(first, day), last) if condition.op == ">=" else (first, min(last, day))
    return first, last
