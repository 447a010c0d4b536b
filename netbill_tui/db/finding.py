"""Search: range predicates on ordinary indexes, never LIKE; the same on both engines."""

from functools import lru_cache

from netbill_tui.billing.finding import Hit
from netbill_tui.billing.invoices import Due
from netbill_tui.db import payments
from netbill_tui.db.engine import Database
from netbill_tui.db.statements import Row, Statement, in_list
from netbill_tui.security.secret import Sealed

LIMIT = 50
# Above every character of a word, in both engines' byte order.
_TOP = "\U0010ffff"

_CUSTOMER = (
    "c.account, c.name, c.status, c.since, c.plan, c.town, coalesce(t.balance, 0) from customer c "
    "left join customer_total t on t.customer_id = c.id"
)
_ACCOUNT = Statement(f"select {_CUSTOMER} where c.account = ?")
_ACCOUNT_PREFIX = Statement(f"select {_CUSTOMER} where c.account >= ? and c.account < ? order by c.account limit {LIMIT}")
_INVOICE = (
    "i.number, c.account, c.name, i.issued_on, i.total, coalesce(o.open, 0), coalesce(o.disputed, 0), "
    "(select cast(coalesce(sum(n.total), 0) as bigint) from credit_note n where n.invoice_id = i.id) from invoice i "
    "join customer c on c.id = i.customer_id left join open_item o on o.invoice_id = i.id"
)
_NUMBER = Statement(f"select {_INVOICE} where i.number = ?")
_NUMBER_PREFIX = Statement(f"select {_INVOICE} where i.number >= ? and i.number < ? order by i.number limit {LIMIT}")
_RECEIPT = Statement(f"select {payments.COLUMNS} from {payments.TABLES} where p.receipt = ?")
_RECEIPT_PREFIX = Statement(
    f"select {payments.COLUMNS} from {payments.TABLES} where p.receipt >= ? and p.receipt < ? order by p.receipt limit {LIMIT}"
)
_TERM = Statement(
    f"select {payments.COLUMNS} from payment_term w join payment p on p.id = w.payment_id "
    "join customer c on c.id = p.customer_id "
    f"where w.word >= ? and w.word < ? order by w.word, w.payment_id desc limit {LIMIT}"
)
_TAIL = Statement(
    f"select {payments.COLUMNS} from {payments.TABLES} where p.reference_tail >= ? and p.reference_tail < ? "
    f"order by p.reference_tail, p.id desc limit {LIMIT}"
)
_AMOUNT = Statement(
    f"select {payments.COLUMNS} from {payments.TABLES} where p.amount = ? order by p.received_on desc, p.id desc limit {LIMIT}"
)
_OPEN_AMOUNT = Statement(
    "select i.number, c.account, c.name, i.issued_on, i.total, o.open, o.disputed, 0 from open_item o "
    f"join invoice i on i.id = o.invoice_id join customer c on c.id = o.customer_id where o.open = ? limit {LIMIT}"
)
_DAY = Statement(f"select {payments.COLUMNS} from {payments.TABLES} where p.received_on = ? order by p.id desc limit {LIMIT}")
_BY_INDEX = Statement("select customer_id, uid, value from contact where bidx = ? limit 500")
_BY_TAIL = Statement("select customer_id, uid, value from contact where bidx4 = ? limit 500")
_CUSTOMER_ID = Statement(f"select {_CUSTOMER} where c.id = ?")
_WORD_RANK = 200


@lru_cache(maxsize=8)
def _words(count: int) -> Statement:
    """Customers that have a word with each of so many prefixes; the first one drives."""
    joins = "".join(
        f" and exists (select 1 from search_term t{n} where t{n}.customer_id = t0.customer_id "
        f"and t{n}.word >= ? and t{n}.word < ?)"
        for n in range(1, count)
    )
    return Statement(
        f"select {_CUSTOMER} where c.id in (select t0.customer_id from search_term t0 "  # noqa: S608 - no input
        f"where t0.word >= ? and t0.word < ?{joins} limit {_WORD_RANK})"
    )


def _range(prefix: str) -> tuple[str, str]:
    return prefix, prefix + _TOP


def payment_hit(found: Row, *, exact: bool = False) -> Hit:
    """A payment as a hit."""
    row = payments.row(found)
    return Hit("payment", row.receipt, row.account, row.name, row.date, row.amount, row.reference, row.state, exact)


def _customer_hit(found: Row, *, exact: bool = False, why: str = "") -> Hit:
    account, name, status, since, plan, town, balance = found
    return Hit("customer", account, account, name, since, balance, why or plan or town, status, exact)


def _invoice_hit(found: Row, *, exact: bool = False) -> Hit:
    number, account, name, issued, total, open_, disputed, credited = found
    one = Due(0, number, account, name, issued, "", total, open_, 0, bool(disputed), credited)
    return Hit("invoice", number, account, name, issued, open_ or total, "", one.state, exact)


def by_number(db: Database, text: str, as_of: str) -> list[Hit]:
    """What has exactly this account, invoice or receipt number."""
    hits = []
    for typed in dict.fromkeys((text, text.upper())):
        hits += [_customer_hit(r, exact=True) for r in db.rows(_ACCOUNT, (typed,))]
        hits += [_invoice_hit(r, exact=True) for r in db.rows(_NUMBER, (typed,))]
        hits += [payment_hit(r, exact=True) for r in db.rows(_RECEIPT, (as_of, typed))]
    if text.isascii() and text.isdigit():
        hits += [payment_hit(r, exact=True) for r in db.rows(_RECEIPT, (as_of, f"R-{text}"))]
    return hits


def by_number_prefix(db: Database, text: str, as_of: str) -> list[Hit]:
    """What has an account, invoice or receipt number that begins so."""
    low, high = _range(text.upper())
    hits = [_customer_hit(r) for r in db.rows(_ACCOUNT_PREFIX, (low, high))]
    hits += [_invoice_hit(r) for r in db.rows(_NUMBER_PREFIX, (low, high))]
    return hits + [payment_hit(r) for r in db.rows(_RECEIPT_PREFIX, (as_of, low, high))]


def by_reference(db: Database, key: str, as_of: str) -> list[Hit]:
    """Payments whose reference, or a run of letters or digits in it, begins or ends so."""
    found = db.rows(_TERM, (as_of, *_range(key)))
    if len(key) >= 3:
        found += db.rows(_TAIL, (as_of, *_range(key[::-1])))
    unique = {r[1]: r for r in found}
    return [payment_hit(r) for r in sorted(unique.values(), key=lambda r: (r[0], r[1]), reverse=True)]


def by_words(db: Database, words: tuple[str, ...]) -> list[Hit]:
    """Customers every word of whose query begins a word of their name or place, best matches first."""
    ordered = sorted(words, key=len, reverse=True)[:6]
    params = [edge for word in ordered for edge in _range(word)]
    found = db.rows(_words(len(ordered)), params)
    joined = " ".join(words)
    return [_customer_hit(r) for r in sorted(found, key=lambda r: (not r[1].lower().startswith(joined), r[1], r[0]))][:LIMIT]


# Walks the words in steps of the index, one seek for each: the names of a million customers are some twenty thousand words.
_DICTIONARY = Statement(
    "with recursive w (word) as (select min(word) from search_term union all "
    "select (select min(s.word) from search_term s where s.word > w.word) from w where w.word is not null) "
    "select word from w where word is not null"
)


@lru_cache(maxsize=32)
def _any_words(counts: tuple[int, ...]) -> Statement:
    """Customers that have one word of each group; the first group drives."""
    joins = "".join(
        f" and exists (select 1 from search_term t{n} where t{n}.customer_id = t0.customer_id and t{n}.word in {in_list(count)})"
        for n, count in enumerate(counts[1:], 1)
    )
    return Statement(
        f"select {_CUSTOMER} where c.id in (select t0.customer_id from search_term t0 "  # noqa: S608 - only marks
        f"where t0.word in {in_list(counts[0])}{joins} limit {LIMIT})"
    )


def dictionary(db: Database) -> frozenset[str]:
    """Every word of a name or place, without numbers."""
    return frozenset(str(r[0]) for r in db.rows(_DICTIONARY) if not str(r[0])[:1].isdigit())


def by_any_words(db: Database, groups: list[list[str]]) -> list[Hit]:
    """Customers that have one whole word of each group; what they were found by is told."""
    found = db.rows(_any_words(tuple(len(g) for g in groups)), [word for group in groups for word in group])
    why = "like " + " ".join(group[0] for group in groups)
    return [_customer_hit(r, why=why) for r in sorted(found, key=lambda r: (r[1], r[0]))]


def by_amount(db: Database, amount: int, as_of: str) -> list[Hit]:
    """Payments of exactly this amount and invoices with exactly this much open."""
    hits = [payment_hit(r) for r in db.rows(_AMOUNT, (as_of, amount))]
    return hits + [_invoice_hit(r) for r in db.rows(_OPEN_AMOUNT, (amount,))]


def by_day(db: Database, day: str, as_of: str) -> list[Hit]:
    """Payments received on a day, newest first."""
    return [payment_hit(r) for r in db.rows(_DAY, (as_of, day))]


def contacts_by_index(db: Database, index: int, *, tail: bool) -> list[tuple[int, bytes, Sealed]]:
    """Customer id, record and sealed value of the contacts in one bucket of a blind index."""
    statement = _BY_TAIL if tail else _BY_INDEX
    return [(int(r[0]), bytes(r[1]), Sealed(bytes(r[2]))) for r in db.rows(statement, (index,))]


def customer(db: Database, customer_id: int, why: str) -> Hit | None:
    """A customer found by something that is not shown; `why` says what matched."""
    found = db.row(_CUSTOMER_ID, (customer_id,))
    return _customer_hit(found, why=why) if found else None
