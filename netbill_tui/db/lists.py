"""The four lists that are filtered and sorted: customers, dues, overdue accounts, payments. One Keyset for each question.

Only an order that an index holds can be chosen: page ten thousand costs what page one costs.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from netbill_tui.billing.customers import CustomerRow
from netbill_tui.db import invoices, overdue, payments
from netbill_tui.db.engine import Database
from netbill_tui.db.filters import CUSTOMER, Sql
from netbill_tui.db.statements import Keyset, Row, Statement


class ListSql(NamedTuple):
    """How a list is read.

    Attributes:
        columns: What its rows are made of, behind the two key columns.
        tables: Its tables, joined.
        where: What always holds.
        params: Names of the parameters of `tables` and `where`; only `as_of` is known.
        fields: Field: SQL; `x.age` where a column holds the date for a number of days.
        sorts: Name: first key column, second key column, and whether rising means falling dates.
        amount: What is summed.
    """

    columns: str
    tables: str
    where: str
    params: tuple[str, ...]
    fields: Mapping[str, str]
    sorts: Mapping[str, tuple[str, str, bool]]
    amount: str


_CUSTOMER_COLUMNS = (
    "c.id, c.account, c.name, c.status, c.kind, c.plan, c.town, t.balance, t.overdue, t.oldest_due, t.last_contact_on"
)
LISTS: Mapping[str, ListSql] = {
    "overdue": ListSql(
        overdue.COLUMNS, overdue.TABLES, "t.overdue > 0 and t.oldest_due > ''", (),
        {"days": "t.oldest_due", "days.age": "t.oldest_due", "due": "t.oldest_due", "amount": "t.overdue", "bal": "t.balance",
         "last": "t.last_contact_on", "promise": "t.promise_on", "next": "t.next_action_on", "contact": "lower(t.last_contact)"},
        {"days": ("t.oldest_due", "t.account", True), "amount": ("t.overdue", "t.account", False)}, "t.overdue",
    ),
    "dues": ListSql(
        invoices.DUE_COLUMNS, invoices.DUE_TABLES, "o.open > 0", (),
        {"days": "o.due_on", "days.age": "o.due_on", "due": "o.due_on", "issued": "o.issued_on", "amount": "o.open",
         "total": "o.total", "inv": "lower(o.number)"},
        {"due": ("o.due_on", "o.invoice_id", False), "days": ("o.due_on", "o.invoice_id", True),
         "amount": ("o.open", "o.invoice_id", False)}, "o.open",
    ),
    "payments": ListSql(
        payments.COLUMNS, payments.TABLES, "p.received_on <= ?", ("as_of", "as_of"),
        {"date": "p.received_on", "last": "p.received_on", "amount": "p.amount", "method": "p.method",
         "ref": "lower(p.reference)", "by": "lower(p.operator)", "receipt": "lower(p.receipt)"},
        {"date": ("p.received_on", "p.id", False), "amount": ("p.amount", "p.id", False)}, "p.amount",
    ),
    "customers": ListSql(
        _CUSTOMER_COLUMNS, "customer c join customer_total t on t.customer_id = c.id", "c.account > ''", (),
        {"bal": "t.balance", "over": "t.overdue", "days": "t.oldest_due", "days.age": "t.oldest_due", "due": "t.oldest_due",
         "last": "t.last_contact_on"},
        {"account": ("c.account", "c.id", False), "days": ("t.oldest_due", "t.account", True),
         "overdue": ("t.overdue", "t.account", False)}, "t.balance",
    ),
}  # fmt: skip
_DISPUTED = "exists (select 1 from open_item d where d.customer_id = c.id and d.disputed = 1)"


def states(name: str, as_of: str) -> dict[str, Sql]:
    """Value of `st` in a list: its SQL with parameters."""
    if name == "overdue":
        return {
            "overdue": ("true", []), "disputed": (_DISPUTED, []), "promised": ("t.promise_on >= ?", [as_of]),
            "broken": ("t.promise_on < ?", [as_of]), "uncalled": ("t.last_contact_on is null", []),
        }  # fmt: skip
    if name == "dues":
        return {
            "open": ("(o.open = o.total and o.disputed = 0)", []), "part": ("(o.open < o.total and o.disputed = 0)", []),
            "disputed": ("o.disputed = 1", []), "overdue": ("o.due_on < ?", [as_of]),
        }  # fmt: skip
    if name == "payments":
        kind = "coalesce(e.kind, 'received') = '{}'"
        return {k: (kind.format(k), []) for k in ("received", "cleared", "returned", "reversed")}
    found: dict[str, Sql] = {s: (f"c.status = '{s}'", []) for s in ("active", "suspended", "closed")}
    return {
        **found, "overdue": ("t.overdue > 0", []), "credit": ("t.credit > 0", []), "owing": ("t.balance > 0", []),
        "disputed": (_DISPUTED, []),
    }  # fmt: skip


@lru_cache(maxsize=64)
def keyset(name: str, condition: str, sort: str, descending: bool) -> Keyset:
    """The pages of a list under a condition in an order."""
    of = LISTS[name]
    first, second, turned = of.sorts[sort]
    falls = " desc" if descending != turned else ""
    # A column that may be NULL is asked for from its lowest value on, so that NULL stands nowhere in the list.
    known = f" and {first} > ''" if first.endswith("oldest_due") else ""
    where = f"{of.where}{known}{' and ' + condition if condition else ''}"
    return Keyset(f"select {first}, {second}, {of.columns} from {of.tables}", where, first + falls, second + falls)


@lru_cache(maxsize=64)
def _sums(name: str, condition: str) -> Statement:
    of = LISTS[name]
    where = f"{of.where}{' and ' + condition if condition else ''}"
    return Statement(f"select count(*), cast(coalesce(sum({of.amount}), 0) as bigint) from {of.tables} where {where}")


def sums(db: Database, name: str, condition: Sql, as_of: str) -> tuple[int, int]:
    """Number of rows and the sum of their amounts."""
    found = db.row(_sums(name, condition[0]), (*fixed(name, as_of), *condition[1]))
    return (int(found[0]), int(found[1])) if found else (0, 0)


def fixed(name: str, as_of: str) -> list[object]:
    """The parameters that stand before those of the condition."""
    return [as_of for _ in LISTS[name].params]


def customer_row(row: Row) -> CustomerRow:
    """A customer of the list, from the columns behind its key."""
    return CustomerRow(*row[2:])


@lru_cache(maxsize=16)
def _accounts(condition: str) -> Statement:
    return Statement(f"select c.account from customer c where {condition}")  # noqa: S608 - values are parameters


def accounts(db: Database, condition: Sql) -> set[str]:
    """The accounts that a condition on the customer alone leaves."""
    return {str(r[0]) for r in db.rows(_accounts(condition[0]), condition[1])}


OF_CUSTOMER = frozenset(CUSTOMER) | {"tag"}
