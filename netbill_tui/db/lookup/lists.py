"""The four lists that are filtered and sorted: customers, dues, overdue accounts, payments. One Keyset for each question.

Only an order that an index holds can be chosen: page ten thousand costs what page one costs.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from netbill_tui.billing.customers.accounts import CustomerRow
from netbill_tui.billing.lookup.filters import Condition
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.paging import Page, read_page
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Keyset, Row, Select, Statement, in_list
from netbill_tui.db.lookup import filters
from netbill_tui.db.lookup.filters import RUNS, Sql
from netbill_tui.db.receivables import invoices, overdue, payments
from netbill_tui.patterns import Pattern


class ListSql(NamedTuple):
    """How a list is read.

    Attributes:
        columns: What its rows are made of, behind the two key columns.
        tables: Its tables, joined.
        where: What holds of every row of a page.
        alone: The one table that is summed, where nothing is asked of the others, and what holds of every row that is.
        params: How many parameters `columns` and `where` have, all of them the as-of date; `joined`: of these in `columns`.
        fields: Field: SQL; `x.age` where a column holds the date for a number of days.
        sorts: Name: first key column, second key column, and whether rising means falling dates. An account number
            rises whichever way the first column goes; a row id goes with it.
        amount: What is summed.
    """

    columns: str
    tables: str
    where: str
    alone: str
    where_alone: str
    params: int
    joined: int
    fields: Mapping[str, str]
    sorts: Mapping[str, tuple[str, str, bool]]
    amount: str


_CUSTOMER_COLUMNS = (
    "c.id, c.account, c.name, c.status, c.kind, c.plan, c.town, t.balance, t.overdue, t.oldest_due, t.last_contact_on, t.credit"
)
# No index is meant to be used for this: it holds for every row unless a past date is asked for, and then there is a bound too.
BY_THEN = "coalesce(p.received_on, '') <= ?"
LISTS: Mapping[str, ListSql] = {
    "overdue": ListSql(
        overdue.COLUMNS, overdue.TABLES, "1 = 1", "customer_total t", "t.overdue > 0", 0, 0,
        {"days": "t.oldest_due", "days.age": "t.oldest_due", "due": "t.oldest_due", "amount": "t.overdue", "bal": "t.balance",
         "last": "t.last_contact_on", "promise": "t.promise_on", "next": "t.next_action_on", "contact": "lower(t.last_contact)"},
        {"days": ("t.oldest_due", "t.account", True), "amount": ("t.overdue", "t.account", False),
         "work": ("t.overdue", "(t.oldest_due||t.account)", False)}, "t.overdue",
    ),
    "dues": ListSql(
        invoices.DUE_COLUMNS, invoices.DUE_TABLES, "o.open > 0", "open_item o", "o.open > 0", 0, 0,
        {"days": "o.due_on", "days.age": "o.due_on", "due": "o.due_on", "issued": "o.issued_on", "amount": "o.open",
         "total": "o.total", "inv": "lower(o.number)"},
        {"due": ("o.due_on", "o.invoice_id", False), "days": ("o.due_on", "o.invoice_id", True),
         "amount": ("o.open", "o.invoice_id", False)}, "o.open",
    ),
    "payments": ListSql(
        payments.COLUMNS, payments.TABLES, BY_THEN, "payment p", BY_THEN, 2, 1,
        {"date": "p.received_on", "last": "p.received_on", "amount": "p.amount", "method": "p.method",
         "ref": "lower(p.reference)", "by": "lower(p.operator)", "receipt": "lower(p.receipt)"},
        {"date": ("p.received_on", "p.id", False), "amount": ("p.amount", "p.id", False)}, "p.amount",
    ),
    "customers": ListSql(
        _CUSTOMER_COLUMNS,
        "customer c join customer_total t on t.customer_id = c.id", "1 = 1", "customer_total t", "t.customer_id > 0",
        0, 0,
        {"bal": "t.balance", "over": "t.overdue", "days": "t.oldest_due", "days.age": "t.oldest_due", "due": "t.oldest_due",
         "last": "t.last_contact_on"},
        {"account": ("c.account", "c.id", False), "days": ("t.oldest_due", "t.account", True),
         "overdue": ("t.overdue", "t.account", False)}, "t.balance",
    ),
}  # fmt: skip
_ISO = Pattern(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_DISPUTED = "c.id in (select d.customer_id from open_item d where d.disputed = 1)"


# What a customer owes past its due date on a day at which the kept sums do not stand.
_FRESH_OVERDUE = "(select coalesce(sum(f.open), 0) from open_item f where f.customer_id = c.id and f.due_on < {day})"


def fields_of(name: str, as_of: str, *, current: bool) -> Mapping[str, str]:
    """Field of a list: its SQL; where the kept sums stand at another day, what is overdue is counted from what is open."""
    fields = LISTS[name].fields
    if current or name != "customers":
        return fields
    if not _ISO.match(as_of):
        raise ValueError(f"{as_of!r} is no date")  # it stands in the statement
    return {**fields, "over": _FRESH_OVERDUE.format(day=f"'{as_of}'")}


def states(name: str, as_of: str, *, current: bool = True) -> dict[str, Sql]:
    """Value of `st` in a list: its SQL with parameters."""
    if name == "overdue":
        return {
            "overdue": ("true", []),
            "disputed": (_DISPUTED, []),
            "promised": ("t.promise_on >= ?", [as_of]),
            "broken": ("t.promise_on < ?", [as_of]),
            "uncalled": ("t.last_contact_on is null", []),
        }
    if name == "dues":
        return {
            "open": ("(o.open = o.total and o.disputed = 0)", []),
            "part": ("(o.open < o.total and o.disputed = 0)", []),
            "disputed": ("o.disputed = 1", []),
            "overdue": ("o.due_on < ?", [as_of]),
        }
    if name == "payments":
        kind = "p.id in (select e.payment_id from payment_event e where e.kind = '{}' and e.on_date <= ?)"
        taken_back_: dict[str, Sql] = {k: (kind.format(k), [as_of]) for k in ("cleared", "returned", "reversed")}
        none = "not exists (select 1 from payment_event e where e.payment_id = p.id and e.on_date <= ?)"
        return {"received": (none, [as_of]), **taken_back_}
    conditions: dict[str, Sql] = {s: (f"c.status = '{s}'", []) for s in ("active", "suspended", "closed")}
    overdue_sql: Sql = ("t.overdue > 0", []) if current else (f"{_FRESH_OVERDUE.format(day='?')} > 0", [as_of])
    return {
        **conditions,
        "overdue": overdue_sql,
        "credit": ("t.credit > 0", []),
        "owing": ("t.balance > 0", []),
        "disputed": (_DISPUTED, []),
    }


# What is work today, of all that is overdue (docs/rules.md, *7 Overdue queue*), and the steps in which it is worked through.
_ACTIVE = (
    # Who owes nothing in sum is no work: credit that stands covers what is overdue.
    "t.balance > 0 and t.overdue >= ? and (t.promise_on is null or t.promise_on < ?) "
    "and (t.next_action_on is null or t.next_action_on <= ?) and t.disputed < t.overdue "
    "and not exists (select 1 from collection_mark k where k.customer_id = t.customer_id and k.kind = 'handed-over')"
)
_UNPROMISED = "t.promise_on is null and"
# Never by the index of the due date: the sums come in their order from the index of the sums, and a page is all that is read.
_DUE = "coalesce(t.oldest_due, '')"
STEPS = (
    "t.promise_on < ?",
    f"{_UNPROMISED} {_DUE} < ?",
    f"{_UNPROMISED} {_DUE} >= ? and {_DUE} < ?",
    f"{_UNPROMISED} {_DUE} >= ?",
)


def work(minimum: int, today: str) -> Sql:
    """The condition of the work list; the kept sums stand at today."""
    return _ACTIVE, [minimum, today, today]


def step(number: int, today: str, day_30: str, day_60: str) -> Sql:
    """The condition of one step: broken promises, over 60 days, over 30, the rest."""
    return STEPS[number], [[today], [day_60], [day_60, day_30], [day_30]][number]  # type: ignore[return-value]


def both(first: Sql, second: Sql) -> Sql:
    """Two conditions, of which each must hold."""
    return " and ".join(c for c in (first[0], second[0]) if c), [*first[1], *second[1]]


class Bounds(NamedTuple):
    """Between which values of its first column a list lies: an operator and a value each, or None."""

    low: tuple[str, object] | None = None
    high: tuple[str, object] | None = None


# What always holds of a first column: NULL and zero stand nowhere in these lists.
_ALWAYS: Mapping[tuple[str, str], tuple[str, object]] = {
    ("overdue", "days"): (">", ""),
    ("overdue", "amount"): (">", 0),
    ("overdue", "work"): (">", 0),
    ("customers", "days"): (">", ""),
}
_REST: Mapping[tuple[str, str], str] = {("overdue", "days"): "t.overdue > 0"}


def page(db: Database, name: str, condition: Sql, bounds: Bounds, order: tuple[str, bool], as_of: str, which: Page) -> list[Any]:
    """One page of a list, as records: Overdue, Due, PaymentRow or CustomerRow.

    An index is entered at one value only, and of two comparisons of its column SQLite takes whichever comes first. So the
    bound that the page's own key implies is left out: else page ten thousand would be looked for from the beginning on.
    """
    asked = _asked(name, condition, bounds, order, as_of, which)
    return _records(db, name, read_page(db, *asked), as_of)


def stepped(
    db: Database, name: str, conditions: Sequence[Sql], order: tuple[str, bool], as_of: str, which: Page, most: int
) -> list[Any]:
    """A page of a list that goes through steps, each in the same order: so many records from the first steps on.

    Args:
        db: The book.
        name: The list.
        conditions: Of the steps, in the order in which they are gone through.
        order: Of the records of a step.
        as_of: Today.
        which: The page of the first step; the others are begun, or ended where it goes backward.
        most: Records of a page.
    """
    backward = which.last or which.before is not None
    pages = [_asked(name, c, Bounds(), order, as_of, Page(last=backward) if n else which) for n, c in enumerate(conditions)]
    parts: list[list[Row]] = []
    if db.kind == "postgres" and which.after is None and which.before is None:
        # A step more to read costs a server less than to be asked once more.
        begun = [Read(a.keyset.last if a.which.last else a.keyset.first, a.params, list) for a in pages]
        parts = [rows[::-1] if a.which.last else rows for a, rows in zip(pages, db.together(*begun), strict=True)]
    else:
        for asked in pages:
            parts.append(read_page(db, *asked))
            if sum(map(len, parts)) >= most:
                break
    rows = [row for part in (reversed(parts) if backward else parts) for row in part]
    return _records(db, name, rows[-most:] if backward else rows[:most], as_of)


class _Asked(NamedTuple):
    """A page, as `read_page` reads it."""

    keyset: Keyset
    params: tuple[object, ...]
    which: Page


def _asked(name: str, condition: Sql, bounds: Bounds, order: tuple[str, bool], as_of: str, which: Page) -> _Asked:
    sort, descending = order
    low, high = _tighter(bounds.low, _ALWAYS.get((name, sort))), bounds.high
    falls = descending != LISTS[name].sorts[sort][2]
    key, forward = (which.after, True) if which.after is not None else (which.before, False)
    if key is not None:
        from_low = forward != falls
        ahead = low if from_low else high
        if ahead is not None and not _within(key[0], ahead):
            # The key lies outside of what was asked for: the list begins, or ends, at its bound.
            which = Page(last=not forward)
        elif from_low:
            low = None
        else:
            high = None
    keyset = _keyset(name, condition[0], sort, descending, low[0] if low else "", high[0] if high else "")
    values = [b[1] for b in (low, high) if b is not None]
    return _Asked(keyset, (*fixed(name, as_of), *condition[1], *values), which)


def _records(db: Database, name: str, rows: list[Row], as_of: str) -> list[Any]:
    """The rows of a page behind their two key columns, as records."""
    columns = [row[2:] for row in rows]
    if name == "overdue":
        return overdue.queued(db, columns, as_of)
    if name == "dues":
        return [invoices.due(as_of, *row) for row in columns]
    return [(payments.row if name == "payments" else CustomerRow)(*row) for row in columns]


def _tighter(first: tuple[str, object] | None, second: tuple[str, object] | None) -> tuple[str, object] | None:
    """The higher of two lower bounds."""
    if first is None or second is None:
        return first if second is None else second
    asked, always = _comparable(first[1]), _comparable(second[1])
    return second if asked < always or (asked == always and second[0] == ">") else first


def _within(value: object, bound: tuple[str, object]) -> bool:
    """Whether a value of a key satisfies a bound."""
    mine, edge = _comparable(value), _comparable(bound[1])
    return {">": mine > edge, ">=": mine >= edge, "<": mine < edge, "<=": mine <= edge}[bound[0]]


def _comparable(value: object) -> tuple[int, str]:
    return (value, "") if isinstance(value, int) else (0, str(value))


@lru_cache(maxsize=128)
def _keyset(name: str, condition: str, sort: str, descending: bool, low: str, high: str) -> Keyset:
    """The pages of a list under a condition, between bounds, in an order."""
    of = LISTS[name]
    first, second, turned = of.sorts[sort]
    falls = " desc" if descending != turned else ""
    between = [f"{first} {op} ?" for op in (low, high) if op]
    parts = [of.where, _REST.get((name, sort), ""), condition, *between]
    tie = "" if second.endswith(("account", "account)")) else falls
    where = " and ".join(p for p in parts if p)
    return Keyset(f"select {first}, {second}, {of.columns} from {of.tables}", where, first + falls, second + tie)


def page_size(name: str, sort: str) -> int:
    """How many rows a page of a list has."""
    return _keyset(name, "", sort, False, "", "").size


@lru_cache(maxsize=8)
def _plans(count: int) -> Statement:
    return Statement(
        "select t.customer_id, k.name from service_state t join code k on k.code = t.code where t.customer_id in "  # noqa: S608
        f"{in_list(count)} and {RUNS} order by t.customer_id, t.service_id"
    )


def reading_plans(ids: Sequence[int]) -> Read[dict[int, str]]:
    """What each of at most some hundred customers takes: the names of the codes of the services that run, the oldest first."""

    def decode(rows: list[Row]) -> dict[int, str]:
        by_customer: dict[int, list[str]] = {}
        for customer_id, name in rows:
            by_customer.setdefault(int(customer_id), []).append(str(name))
        return {i: " + ".join(dict.fromkeys(names)) for i, names in by_customer.items()}

    return Read(_plans(len(ids)), ids, decode)


def plans_of(db: Database, ids: list[int]) -> dict[int, str]:
    """The same of any number of them."""
    plans: dict[int, str] = {}
    for first in range(0, len(ids), 500):
        plans |= db.together(reading_plans(ids[first : first + 500]))[0]
    return plans


def fixed(name: str, as_of: str) -> list[object]:
    """The parameters that stand before those of the condition."""
    return [as_of] * LISTS[name].params


def overdue_of(db: Database, ids: list[int], as_of: str) -> dict[int, int]:
    """What some customers owe past its due date, from their open items."""
    if not ids:
        return {}
    statement = Statement(
        f"select customer_id, cast(sum(open) as bigint) from open_item where customer_id in {in_list(len(ids))} and due_on < ? "
        "group by customer_id"
    )
    return {int(r[0]): int(r[1]) for r in db.rows(statement, (*ids, as_of))}


def rare(db: Database, name: str, conditions: Sequence[Condition]) -> dict[Condition, Sql]:
    """Of some conditions those that few rows meet, each as what leads to these rows."""
    few: dict[Condition, Sql] = {}
    for condition in conditions:
        way = filters.rare(name, condition)
        if way is not None and int(Select(way.counted[0], int).one(db, way.counted[1])) <= filters.FEW:
            few[condition] = way.condition
    return few


@lru_cache(maxsize=16)
def _accounts(condition: str) -> Statement:
    return Statement(f"select c.account from customer c where {condition}")  # noqa: S608 - values are parameters


def accounts(db: Database, condition: Sql) -> set[str]:
    """The accounts that a condition on the customer alone leaves."""
    return {str(r[0]) for r in db.rows(_accounts(condition[0]), condition[1])}


# Of the newest accounts: every plan that is sold is among them, and a million rows need not be counted for a pick list.
_PLANS = Statement(
    "select plan, count(*) from (select plan from customer where plan <> '' order by id desc limit 5000) p "
    "group by plan order by 2 desc, 1 limit 100"
)


def plans(db: Database) -> list[str]:
    """The plans of the newest customers, most used first."""
    return [str(r[0]) for r in db.rows(_PLANS)]
