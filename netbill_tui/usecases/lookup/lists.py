"""Lists that are filtered, sorted, paged, summed and exported alike: customers, dues, overdue accounts, payments."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from netbill_tui.billing.customers.accounts import KINDS, CustomerRow
from netbill_tui.billing.lookup import filters
from netbill_tui.billing.lookup.filters import AGE, AMOUNT, CHOICE, DATE, NOTHING, NUMBER, TEXT, Condition, Field, Filter
from netbill_tui.billing.receivables.ageing import days_past_due
from netbill_tui.billing.receivables.invoices import Due
from netbill_tui.billing.receivables.overdue import Overdue
from netbill_tui.billing.receivables.payments import METHODS, PaymentRow
from netbill_tui.cards import card_number_in
from netbill_tui.db.lookup import filters as sql
from netbill_tui.db.lookup import lists
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.core.paging import FIRST, Key, Page
from netbill_tui.usecases.core.session import Session

PAGE = 100
NO_DUE = "9999-99-99"  # stands behind every due date, for who has none
_METHODS = tuple(METHODS)
_CUSTOMER = {
    "acc": Field(TEXT, "account number"),
    "plan": Field(TEXT, "plan"),
    "town": Field(TEXT, "town"),
    "postcode": Field(TEXT, "postcode"),
    "tag": Field(TEXT, "tag of the account"),
    "kind": Field(CHOICE, "kind", KINDS),
    "pays": Field(CHOICE, "method that the customer prefers", _METHODS),
    "bal": Field(AMOUNT, "balance of the account"),
    "since": Field(DATE, "customer since"),
}
_OPEN = {"days": Field(NUMBER, "days past due"), "due": Field(DATE, "due date")}


class Listing(NamedTuple):
    """A list by name.

    Attributes:
        name: As on the command line.
        fields: What its filter knows.
        sorts: What it can be sorted by; the first is its own order, a `-` before it falls.
        getters: Field: its value in a record, for dates that only posted rows can answer.
    """

    name: str
    fields: Mapping[str, Field]
    sorts: tuple[str, ...]
    order: tuple[str, bool]
    getters: Mapping[str, Callable[[Any], str | int | None]]


LISTINGS: Mapping[str, Listing] = {
    "overdue": Listing(
        "overdue",
        {"st": Field(CHOICE, "state", ("overdue", "disputed", "promised", "broken", "uncalled")), **_OPEN,
         "amount": Field(AMOUNT, "what is overdue"), "last": Field(AGE, "last contact"),
         "promise": Field(DATE, "promised for"), "next": Field(DATE, "next action"),
         "contact": Field(TEXT, "outcome of the last call"), **_CUSTOMER},
        ("days", "amount"), ("days", True),
        {"days": lambda r: r.days, "due": lambda r: r.oldest_due, "amount": lambda r: r.overdue,
         "last": lambda r: r.last_contact_on, "promise": lambda r: r.promise_on, "next": lambda r: r.next_action_on,
         "contact": lambda r: r.last_contact},
    ),
    "dues": Listing(
        "dues",
        {"st": Field(CHOICE, "state", ("open", "part", "disputed", "overdue")), **_OPEN, "issued": Field(DATE, "issued"),
         "amount": Field(AMOUNT, "open amount"), "total": Field(AMOUNT, "total of the invoice"),
         "inv": Field(TEXT, "invoice number"),
         **_CUSTOMER},
        ("due", "days", "amount"), ("due", False),
        {"days": lambda r: r.days, "due": lambda r: r.due, "issued": lambda r: r.issued, "amount": lambda r: r.open,
         "total": lambda r: r.total, "inv": lambda r: r.number,
         "st": lambda r: "part" if r.state == "part paid" else r.state},
    ),
    "payments": Listing(
        "payments",
        {"st": Field(CHOICE, "state", ("received", "cleared", "returned", "reversed")), "date": Field(DATE, "received on"),
         "last": Field(AGE, "received within"), "amount": Field(AMOUNT, "amount"), "method": Field(CHOICE, "method", _METHODS),
         "ref": Field(TEXT, "reference"), "by": Field(TEXT, "operator"), "receipt": Field(TEXT, "receipt number"), **_CUSTOMER},
        ("date", "amount"), ("date", True), {},
    ),
    "customers": Listing(
        "customers",
        {"st": Field(CHOICE, "state", ("active", "suspended", "closed", "overdue", "owing", "credit", "disputed")), **_OPEN,
         "over": Field(AMOUNT, "what is overdue"), "last": Field(AGE, "last contact"), **_CUSTOMER},
        ("account", "days", "overdue"), ("account", False), {},
    ),
}  # fmt: skip


def read_filter(session: Session, name: str, text: str) -> Filter:
    """The filter of a list, as it was typed.

    Raises:
        InvalidInput: It cannot be read; the sentence names the nearest word.
    """
    of = LISTINGS[name]
    if card_number_in(text):
        # A filter is kept in views and in the audit of exports.
        raise InvalidInput("The filter holds what looks like a card number; look for the last four digits only.")
    return filters.parse(text, of.fields, of.sorts, currency=session.book.currency, today=session.date())


def order_of(name: str, chosen: Filter) -> tuple[str, bool]:
    """What the list is sorted by, and whether it falls."""
    return chosen.sort or LISTINGS[name].order


def page(session: Session, name: str, chosen: Filter = NOTHING, which: Page = FIRST) -> list[Any]:
    """One page of a list. A past date gives dues and overdue accounts whole, as one page."""
    if is_past(session, name):
        return past(session, name, chosen) if which == FIRST else []
    as_of = session.date().isoformat()
    # Before the read begins: inside it nothing can be brought to today.
    current = session.rolled() and session.calendar.is_today
    sort, falls = order_of(name, chosen)
    if name == "customers" and sort == "overdue" and not current:
        return _by_fresh_overdue(session, chosen, falls=falls) if which == FIRST else []
    if name == "customers" and sort == "days":
        return _by_days(session, chosen, which, falls=falls, current=current)
    rest, bounds = _bounds(session, name, chosen, sort)
    condition = where(session, name, rest, current=current)
    with session.db.reading() as db:
        return _completed(session, name, lists.page(db, name, condition, bounds, (sort, falls), as_of, which), current=current)


def _by_days(session: Session, chosen: Filter, which: Page, *, falls: bool, current: bool) -> list[Any]:
    """A page of the customers by the days of their oldest due: who owes something by its date, who owes nothing by account.

    Who owes nothing has no day: they stand behind the oldest, or before the youngest. They come in the order of the accounts,
    so no index of the days must be used for them.
    """
    rest, bounds = _bounds(session, "customers", chosen, "days")
    owing = where(session, "customers", rest, current=current)
    free = lists.both(where(session, "customers", chosen, current=current), ("coalesce(t.oldest_due, '') = ''", []))
    as_of = session.date().isoformat()
    backward = which.last or which.before is not None
    key = which.before if which.before is not None else which.after
    steps = [True, False] if falls else [False, True]
    if backward:
        steps.reverse()
    if key is not None and (key[0] != NO_DUE) != steps[0]:
        steps = steps[1:]
    size = lists.page_size("customers", "days")
    customers: list[Any] = []
    with session.db.reading() as db:
        for at, owes in enumerate(steps):
            inner = which if key is not None and at == 0 else Page(last=backward)
            if owes:
                part = lists.page(db, "customers", owing, bounds, ("days", falls), as_of, inner)
            else:
                part = lists.page(db, "customers", free, lists.Bounds(), ("account", False), as_of, _by_account(inner))
            customers = [*part, *customers] if backward else [*customers, *part]
            if len(customers) >= size:
                break
        cut = customers[-size:] if backward else customers[:size]
        return _completed(session, "customers", cut, current=current)


def _by_account(which: Page) -> Page:
    """The page of those who owe nothing: its key is the account, behind whatever stands there."""
    edge = (-1, 2**62)
    after = None if which.after is None else (which.after[1], edge[1])
    before = None if which.before is None else (which.before[1], edge[0])
    return Page(after, before, which.last)


def _by_fresh_overdue(session: Session, chosen: Filter, *, falls: bool) -> list[Any]:
    """The customers by what is overdue on a day at which the kept sums do not stand: whole, as one page."""
    customers = every(session, "customers", chosen._replace(sort=("account", False)))
    return sorted(customers, key=lambda r: (-r.overdue if falls else r.overdue, r.account))


def is_past(session: Session, name: str) -> bool:
    """True where the list is answered from what was open on its date, and not from the kept sums.

    Raises:
        InvalidInput: The list has no past.
    """
    if session.calendar.is_past and name == "customers":
        raise InvalidInput("The list of customers shows today only; leave --as-of out.")
    # A date ahead is answered from what is open now, but the overdue balances stand at today, and only where they could
    # be brought there.
    if name == "dues":
        return session.calendar.is_past
    return name == "overdue" and not (session.calendar.is_today and session.rolled())


def _completed(session: Session, name: str, records: list[Any], *, current: bool = True) -> list[Any]:
    """The records of a page; customers with what they take now."""
    if name != "customers":
        return records
    plans = lists.plans_of(session.db, [r.id for r in records])
    customers = [r._replace(plan=plans.get(r.id, r.plan)) for r in records]
    if current:
        return customers
    # The kept sums stand at another day: what is overdue is counted from what is open.
    fresh = lists.overdue_of(session.db, [r.id for r in customers], session.date().isoformat())
    return [r._replace(overdue=fresh.get(r.id, 0)) for r in customers]


def _bounds(session: Session, name: str, chosen: Filter, sort: str) -> tuple[Filter, lists.Bounds]:
    """What the filter says of the column that the list is sorted by, apart from the rest of it."""
    fields, first = lists.LISTS[name].fields, lists.LISTS[name].sorts[sort][0]
    low: tuple[str, object] | None = None
    high: tuple[str, object] | None = None
    if name == "payments" and sort == "date" and session.calendar.is_past:
        high = ("<=", session.date().isoformat())
    rest = []
    for condition in chosen.conditions:
        op, value = condition.op, condition.values[0]
        if fields.get(f"{condition.field}.age"):
            op = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
            value = filters.day_of(session.date(), -int(value)).isoformat()
        elif condition.field == "last":
            op = ">=" if op == "<" else ""
        usable = fields.get(condition.field) == first and not condition.negated
        if usable and op in (">", ">=") and low is None:
            low = (op, value)
        elif usable and op in ("<", "<=") and high is None:
            high = (op, value)
        else:
            rest.append(condition)
    return chosen._replace(conditions=tuple(rest)), lists.Bounds(low, high)


def where(session: Session, name: str, chosen: Filter, *, current: bool = True) -> sql.Sql:
    """The condition in SQL; numbers of days become the dates that are stored."""
    as_of = session.date()
    conditions = []
    for condition in chosen.conditions:
        if condition.field == "days":
            days = int(condition.values[0])
            condition = condition._replace(values=(filters.day_of(as_of, -days).isoformat(),))
        conditions.append(condition)
    fields = lists.fields_of(name, as_of.isoformat(), current=current)
    states = lists.states(name, as_of.isoformat(), current=current)
    known = lists.rare(session.db, name, conditions)
    return sql.where(chosen._replace(conditions=tuple(conditions)), fields, states, known)


def key_of(name: str, chosen: Filter, record: Any) -> Key:
    """The key of a record in the list's order, for the page behind or before it."""
    sort, _ = order_of(name, chosen)
    if isinstance(record, Overdue):
        return (record.overdue if sort == "amount" else record.oldest_due, record.account)
    if isinstance(record, Due):
        return (record.open if sort == "amount" else record.due, record.id)
    if isinstance(record, PaymentRow):
        return (record.amount if sort == "amount" else record.date, record.id)
    assert isinstance(record, CustomerRow)
    if sort == "account":
        return (record.account, record.id)
    return (record.overdue if sort == "overdue" else record.oldest_due or NO_DUE, record.account)


def position(session: Session, name: str, chosen: Filter, typed: str) -> Page:
    """The page that begins at what was typed, in the list's own order: an account, a date, days or an amount.

    Raises:
        InvalidInput: It is no value of what the list is sorted by.
    """
    sort, falls = order_of(name, chosen)
    value: object
    if sort == "account":
        return Page(after=(typed.strip().upper(), 2**62 if falls else -1))
    kind = {"days": NUMBER, "amount": AMOUNT, "overdue": AMOUNT}.get(sort, DATE)
    condition = filters.parse(
        f'{sort}="{typed}"', {sort: Field(kind, "")}, (), currency=session.book.currency, today=session.date()
    ).conditions[0]
    value = condition.values[0]
    if sort == "days":
        value = filters.day_of(session.date(), -int(value)).isoformat()
    turned = lists.LISTS[name].sorts[sort][2]
    second = lists.LISTS[name].sorts[sort][1]
    lowest: object = "" if second.endswith("account") else -1
    # An account rises whichever way its list goes; a row id goes with it.
    falling = falls != turned and not second.endswith("account")
    return Page(after=(value, 2**62 if falling else lowest))


def every(session: Session, name: str, chosen: Filter = NOTHING, limit: int | None = None) -> list[Any]:
    """The whole list, or its first rows."""
    most = 2**62 if limit is None else limit
    for _ in range(3):
        begun = session.date()
        if is_past(session, name):
            return past(session, name, chosen)[:most]
        records: list[Any] = []
        which = FIRST
        while len(records) < most and (part := page(session, name, chosen, which)):
            records += part
            if len(part) > PAGE:
                break  # It was here whole.
            which = Page(after=key_of(name, chosen, part[-1]))
        # A list that was turned across midnight is read again: its order is another one.
        if session.date() == begun:
            break
    return records[:most]


def past(session: Session, name: str, chosen: Filter) -> list[Any]:
    """A list as of another date: what was open then, by the records themselves; the customer's own fields as they are now."""
    from netbill_tui.usecases.receivables import dues, overdue

    records: list[Any] = dues.page(session) if name == "dues" else overdue.whole(session)
    getters = LISTINGS[name].getters
    mine = [c for c in chosen.conditions if c.field in getters or c.field == "st"]
    theirs = tuple(c for c in chosen.conditions if c not in mine)
    for condition in theirs:
        if condition.field == "bal":
            raise InvalidInput("A balance of a past date cannot be filtered; leave bal out.")
    if theirs or chosen.words:
        accounts = lists.accounts(session.db, sql.where(chosen._replace(conditions=theirs), {}, {}))
        records = [r for r in records if r.account in accounts]
    records = [r for r in records if all(_holds(session, name, c, r) for c in mine)]
    sort, falls = order_of(name, chosen)
    turned = lists.LISTS[name].sorts[sort][2]
    falling = falls != turned
    records.sort(key=lambda r: _text_key(key_of(name, chosen, r)[1]), reverse=falling and name != "overdue")
    records.sort(key=lambda r: _text_key(key_of(name, chosen, r)[0]), reverse=falling)
    return records


def _text_key(part: object) -> tuple[int, str]:
    """A part of a key as something that can be compared: a number by its size, a text by its letters."""
    return (part, "") if isinstance(part, int) else (0, str(part))


def _holds(session: Session, name: str, condition: Condition, record: Any) -> bool:
    if condition.field == "st" and name == "overdue":
        today = session.date().isoformat()
        states = {
            "overdue": True,
            "disputed": record.disputed > 0,
            "promised": (record.promise_on or "") >= today,
            "broken": "" < (record.promise_on or "") < today,
            "uncalled": record.last_contact_on is None,
        }
        return any(states[str(v)] for v in condition.values) != condition.negated
    if condition.field == "st" and "overdue" in condition.values:
        return (record.days > 0 or LISTINGS[name].getters["st"](record) in condition.values) != condition.negated
    return filters.holds(condition, LISTINGS[name].getters[condition.field](record))


def oldest_days(session: Session, row: CustomerRow) -> int:
    """Days past due of the oldest open invoice of a customer in the list; 0 when nothing is."""
    return max(days_past_due(row.oldest_due, session.date().isoformat()), 0) if row.oldest_due else 0
