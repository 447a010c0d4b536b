"""Filters of lists as SQL conditions: names and comparisons come from tables here, values are always parameters."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from netbill_tui.billing.lookup.filters import Condition, Filter, Word
from netbill_tui.billing.receivables.payments import reference_tail
from netbill_tui.db.core.statements import in_list

_TOP = "\U0010ffff"
Sql = tuple[str, list[object]]
# Conditions on the customer, the same in every list that joins `customer c`.
CUSTOMER: Mapping[str, str] = {
    "acc": "lower(c.account)",
    "plan": "lower(c.plan)",
    "town": "lower(c.town)",
    "postcode": "lower(c.postcode)",
    "kind": "c.kind",
    "pays": "c.preferred_method",
    "bal": "(select b.balance from customer_total b where b.customer_id = c.id)",
    "since": "c.since",
}
# A service that runs on the day at which the kept sums stand.
RUNS = "t.status <> 'ended' and (t.ends_on is null or t.ends_on > (select rolled_to from kept_state where id = 1))"
_TAKES = "exists (select 1 from service_state t join code k on k.code = t.code where t.customer_id = c.id and {runs}{like})"
_TAG = "exists (select 1 from customer_tag g where g.customer_id = c.id and {})"
# What few rows meet leads to them, where the order of the list would lead through all others: what names a row of the list,
# and of which table an index of the condition tells it.
_RARE: Mapping[tuple[str, str], tuple[str, str, str]] = {
    ("payments", "amount"): ("p.id", "id from payment r", "r.amount"),
    ("dues", "amount"): ("o.invoice_id", "invoice_id from open_item r", "r.open"),
    ("overdue", "amount"): ("t.customer_id", "customer_id from customer_total r", "r.overdue"),
    ("customers", "bal"): ("c.id", "customer_id from customer_total r", "r.balance"),
}
FEW = 2_000
NONE: Mapping[Condition, Sql] = {}
_WORD = "c.id in (select s.customer_id from search_term s where s.word >= ? and s.word < ?)"
_EXACT = "c.id in (select s.customer_id from search_term s where s.word = ?)"


def _escaped(pattern: str) -> str:
    for char in "\\%_":
        pattern = pattern.replace(char, "\\" + char)
    return pattern.replace("*", "%")


def _like(expression: str, values: Sequence[object]) -> Sql:
    parts, params = [], []
    for value in map(str, values):
        if "*" in value:
            parts.append(f"{expression} like ? escape '\\'")
            params.append(_escaped(value))
        else:
            parts.append(f"{expression} = ?")
            params.append(value)
    return f"({' or '.join(parts)})", list(params)


def _reference(values: Sequence[object]) -> Sql:
    """Payments by their reference: the words by which it is found lead to the few that it can be, and these are compared."""
    parts, params = [], []
    for value in map(str, values):
        like, own = _like("lower(p.reference)", [value])
        near, edges = _near(value)
        parts.append(f"({near} and {like})" if near else like)
        params += [*edges, *own]
    return f"({' or '.join(parts)})", params


def _near(value: str) -> Sql:
    """A condition that an index answers and that all of these references meet; empty where there is none."""
    begin, star, end = value.partition("*")
    whole = reference_tail(begin)[::-1]
    if not value.isascii() or len(whole) > 50 or "*" in end:
        return "", []
    if not star and len(whole) >= 2:
        return "p.id in (select w.payment_id from payment_term w where w.word = ?)", [whole]
    if star and len(whole) >= 2:
        return "p.id in (select w.payment_id from payment_term w where w.word >= ? and w.word < ?)", [whole, whole + _TOP]
    tail = reference_tail(end)
    if star and not begin and 3 <= len(tail) <= 50:
        return "(p.reference_tail >= ? and p.reference_tail < ?)", [tail, tail + _TOP]
    return "", []


def _condition(condition: Condition, columns: Mapping[str, str], states: Mapping[str, Sql]) -> Sql:
    name, op, values, _ = condition
    if name == "tag":
        sql, params = _like("g.tag", values)
        return _TAG.format(sql), params
    if name == "ref":
        return _reference(values)
    if name == "plan":
        # What runs is the plan; what was typed or imported as plan counts only where nothing runs.
        named, values_ = _like("lower(k.name)", values)
        coded, more = _like("lower(k.code)", values)
        typed, rest = _like(CUSTOMER["plan"], values)
        takes = _TAKES.format(runs=RUNS, like=f" and ({named} or {coded})")
        return f"({takes} or (not {_TAKES.format(runs=RUNS, like='')} and {typed}))", [*values_, *more, *rest]
    if name == "st" and states:
        parts = [states[str(v)] for v in values]
        return f"({' or '.join(sql for sql, _ in parts)})", [p for _, values_ in parts for p in values_]
    expression = columns.get(name) or CUSTOMER[name]
    if name == "acc" and not any("*" in str(v) for v in values):
        forms = list(dict.fromkeys(f for v in map(str, values) for f in (v, v.upper(), v.lower())))
        return f"c.account in {in_list(len(forms))}", list(forms)
    if op == "like":
        return _like(expression, values)
    if op == "is":
        return f"{expression} in {in_list(len(values))}", list(values)
    if columns.get(f"{name}.age"):
        # Days past due grow while the date that is stored gets smaller.
        op = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
        return f"{columns[f'{name}.age']} {op} ?", list(values)
    if op == "<" and name == "last":
        return f"{expression} >= ?", list(values)
    if op == ">" and name == "last":
        return f"({expression} is null or {expression} < ?)", list(values)
    return f"{expression} {op} ?", list(values)


def _words(word: Word) -> Sql:
    parts, params = [], []
    for word_ in word.words:
        parts.append(_EXACT if word.exact else _WORD)
        params += [word_] if word.exact else [word_, word_ + _TOP]
    return f"({' and '.join(parts)})", list(params)


class Way(NamedTuple):
    """How an index leads to the rows that meet a condition: what counts them, up to FEW and one, and the condition so."""

    counted: Sql
    condition: Sql


def rare(name: str, condition: Condition) -> Way | None:
    """How an index leads to the rows that meet a condition; None where there is none, or where it must not hold."""
    field, op, values, negated = condition
    if negated:
        return None
    if field == "tag":
        key, table, (sql, params) = "c.id", "customer_id from customer_tag r", _like("r.tag", values)
    elif (name, field) in _RARE and op in ("<", "<=", ">", ">=", "="):
        key, table, column = _RARE[name, field]
        sql, params = f"{column} {op} ?", list(values)
    else:
        return None
    rows = f"select r.{table} where {sql}"
    return Way((f"select count(*) from ({rows} limit {FEW + 1}) x", params), (f"{key} in ({rows})", params))


def where(chosen: Filter, columns: Mapping[str, str], states: Mapping[str, Sql], known: Mapping[Condition, Sql] = NONE) -> Sql:
    """The condition of a filter, and its parameters; an empty text for none.

    Args:
        chosen: The filter; numbers of days must have become dates.
        columns: Field of the list: its SQL. `name.age` says that the column is a date where the field counts days.
        states: Value of `st`: its SQL.
        known: Conditions whose SQL is known already.
    """
    parts: list[str] = []
    params: list[object] = []
    for condition in chosen.conditions:
        sql, values_ = known[condition] if condition in known else _condition(condition, columns, states)
        # What is not known is no match, and not no match: `!x` takes it.
        parts.append(f"not coalesce({sql}, false)" if condition.negated else sql)
        params += values_
    for word in chosen.words:
        sql, values_ = _words(word)
        parts.append(f"not {sql}" if word.negated else sql)
        params += values_
    return " and ".join(parts), params
