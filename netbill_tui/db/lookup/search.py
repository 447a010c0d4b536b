"""Search: range predicates on ordinary indexes, never LIKE; the same on both engines.

A source is one way to find rows of one kind. Its rows are read up to LIMIT; how many it has is counted up to COUNTED, and
a row that several sources find counts once.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from netbill_tui.billing.lookup.search import COUNTED, Hit
from netbill_tui.billing.receivables.invoices import Due
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.reads import Read
from netbill_tui.db.core.statements import Row, Statement, in_list
from netbill_tui.db.receivables import payments
from netbill_tui.security.secret import Sealed

LIMIT = 50
# Above every character of a word, in both engines' byte order.
_TOP = "\U0010ffff"

_CUSTOMER = (
    "c.account, c.name, c.status, c.since, c.plan, c.town, coalesce(t.balance, 0), c.id from {tables} "
    "left join customer_total t on t.customer_id = c.id"
)
_INVOICE = (
    "i.number, c.account, c.name, i.issued_on, i.total, coalesce(o.open, 0), coalesce(o.disputed, 0), "
    "(select cast(coalesce(sum(n.total), 0) as bigint) from credit_note n where n.invoice_id = i.id) from {tables} "
    "join customer c on c.id = i.customer_id left join open_item o on o.invoice_id = i.id"
)
_PAYMENT = payments.COLUMNS + " from {tables} join customer c on c.id = p.customer_id"
_CREDIT = "n.number, c.account, c.name, n.issued_on, n.total, n.reason from {tables} join customer c on c.id = n.customer_id"
# Kind: what is read, the id of its rows, and the date up to which a past view sees them, which no index is meant to serve.
_KINDS = {
    "payment": (_PAYMENT, "p.id", "coalesce(p.received_on, '')"),
    "customer": (_CUSTOMER, "c.id", "coalesce(c.since, '')"),
    "invoice": (_INVOICE, "i.id", "coalesce(i.issued_on, '')"),
    "credit-note": (_CREDIT, "n.id", "coalesce(n.issued_on, '')"),
}
_RUN = "select number, as_of, net + tax from billing_run where number in "
_CODE = "select code, name from code where code in "
_BY_INDEX = Statement("select customer_id, uid, value from contact where bidx = ? limit 500")
_BY_TAIL = Statement("select customer_id, uid, value from contact where bidx4 = ? limit 500")
_CUSTOMERS = f"select {_CUSTOMER.format(tables='customer c')} where c.id in "
_WORD_RANK = 200


class Source(NamedTuple):
    """One way to find rows of a kind: its tables, what holds of them with its parameters, their order.

    `is_part`: by a part of what they say, so that none of several ways stands before another.
    """

    kind: str
    tables: str
    where: str
    params: tuple[object, ...]
    order: str = ""
    limit: int = LIMIT
    is_part: bool = False


def _range(prefix: str) -> tuple[str, str]:
    return prefix, prefix + _TOP


def _words_where(count: int) -> str:
    """Customers that have a word with each of so many prefixes; the first one drives."""
    joins = "".join(
        f" and exists (select 1 from search_term t{n} where t{n}.customer_id = t0.customer_id "
        f"and t{n}.word >= ? and t{n}.word < ?)"
        for n in range(1, count)
    )
    return f"select distinct t0.customer_id as id from search_term t0 where t0.word >= ? and t0.word < ?{joins}"  # noqa: S608 - no input


def _word_params(words: Sequence[str]) -> list[object]:
    return [edge for word in sorted(words, key=len, reverse=True)[:6] for edge in _range(word)]


def number_prefix(text: str) -> list[Source]:
    """What has an account, invoice, credit note or receipt number that begins so."""
    edges = _range(text.upper())
    return [
        Source("customer", "customer c", "c.account >= ? and c.account < ?", edges, "c.account"),
        Source("invoice", "invoice i", "i.number >= ? and i.number < ?", edges, "i.number"),
        Source("credit-note", "credit_note n", "n.number >= ? and n.number < ?", edges, "n.number"),
        Source("payment", "payment p", "p.receipt >= ? and p.receipt < ?", edges, "p.receipt"),
    ]


def references(key: str) -> list[Source]:
    """Payments whose reference, or a run of letters or digits in it, is this, begins or ends so."""
    by_word = "payment_term w join payment p on p.id = w.payment_id"
    newest = "w.payment_id desc"
    sources = [
        Source("payment", by_word, "w.word = ?", (key,), newest),
        Source("payment", by_word, "w.word > ? and w.word < ?", _range(key), f"w.word desc, {newest}", is_part=True),
    ]
    if len(key) >= 3:
        tail = "p.reference_tail >= ? and p.reference_tail < ?"
        sources.append(Source("payment", "payment p", tail, _range(key[::-1]), "p.reference_tail desc, p.id desc", is_part=True))
    return sources


def words(typed: Sequence[str]) -> Source:
    """Customers every word of whose query begins a word of their name or place."""
    where = f"c.id in ({_words_where(min(len(typed), 6))})"
    return Source("customer", "customer c", where, tuple(_word_params(typed)), limit=_WORD_RANK)


def amount(minor: int, *, past: bool) -> list[Source]:
    """Payments of exactly this amount, invoices with this much open, accounts with this much overdue, documents of this total."""
    overdue = Source(
        "customer", "customer_total v join customer c on c.id = v.customer_id", "v.overdue = ?", (minor,), "v.account"
    )
    return [
        Source("payment", "payment p", "p.amount = ?", (minor,), "p.received_on desc, p.id desc"),
        Source("invoice", "open_item x join invoice i on i.id = x.invoice_id", "x.open = ?", (minor,), "x.invoice_id"),
        *([] if past else [overdue]),
        Source("invoice", "invoice i", "i.total = ?", (minor,), "i.id desc"),
        Source("credit-note", "credit_note n", "n.total = ?", (minor,), "n.id desc"),
    ]


def day(iso: str) -> list[Source]:
    """Payments received on a day, newest first, open invoices that fall due on it, documents issued or billed for it."""
    return [
        Source("payment", "payment p", "p.received_on = ?", (iso,), "p.id desc"),
        Source("invoice", "open_item x join invoice i on i.id = x.invoice_id", "x.due_on = ?", (iso,), "x.invoice_id"),
        Source("invoice", "invoice i", "i.issued_on = ?", (iso,), "i.id desc"),
        Source("invoice", "invoice i", "i.bill_date = ?", (iso,), "i.id desc"),
        Source("credit-note", "credit_note n", "n.issued_on = ?", (iso,), "n.id desc"),
    ]


def together(db: Database, typed: Sequence[str], accounts: Sequence[str], minor: int | None, iso: str | None) -> list[Source]:
    """Payments and invoices that have all of it: a customer with these words or one of these numbers, an amount, a date."""
    who, params, few = "", [], False
    if typed:
        of_words, values = _words_where(min(len(typed), 6)), _word_params(typed)
        begins = _range(accounts[0].upper()) if accounts and len(accounts[0]) >= 4 else ("", "")
        exactly = f"select y.id from customer y where y.account in {in_list(len(accounts))}"
        named = f"{exactly} union select z.id from customer z where z.account >= ? and z.account < ?" if accounts else ""
        known = db.row(_counted((of_words,)), values)
        few = known is not None and int(known[0]) <= COUNTED
        # A rare name leads to its payments; a common one is asked of each payment of that amount or day.
        who = f" and {{one}}.customer_id in ({' union '.join(filter(None, (of_words, named)))})"
        params = [*values, *((*accounts, *begins) if named else ())]
    sources = []
    # What is not meant to drive is hidden from the index.
    plain = "+" if few else ""
    for kind, tables, alias, about in (
        ("payment", "payment p", "p", ((f"{plain}p.amount = ?", minor), (_hidden("p.received_on", few), iso))),
        ("invoice", "invoice i", "i", ((f"{plain}i.total = ?", minor), ("{0} in (i.issued_on, i.due_on, i.bill_date)", iso))),
        (
            "invoice",
            "open_item x join invoice i on i.id = x.invoice_id",
            "x",
            ((f"{plain}x.open = ?", minor), ("{0} in (i.issued_on, i.due_on, i.bill_date)", iso)),
        ),
        ("credit-note", "credit_note n", "n", ((f"{plain}n.total = ?", minor), (_hidden("n.issued_on", few), iso))),
    ):
        held = [(sql.format("cast(? as text)"), value) for sql, value in about if value is not None]
        if alias == "x" and minor is None:
            continue
        where = " and ".join(sql for sql, _ in held) + who.format(one=alias)
        order = f"{alias}.invoice_id desc" if alias == "x" else f"{alias}.id desc"
        sources.append(Source(kind, tables, where, (*(v for _, v in held), *params), order))
    return sources


def _hidden(column: str, hide: bool) -> str:
    return f"coalesce({column}, '') = ?" if hide else f"{column} = ?"


def of_accounts(accounts: Sequence[str]) -> Source:
    """The customers with these numbers."""
    return Source("customer", "customer c", f"c.account in {in_list(len(accounts))}", tuple(accounts), "c.account")


@lru_cache(maxsize=64)
def _rows(kind: str, tables: str, where: str, order: str, limit: int) -> Statement:
    columns, _, seen = _KINDS[kind]
    ordered = f" order by {order}" if order else ""
    return Statement(f"select {columns.format(tables=tables)} where {where} and {seen} <= ?{ordered} limit {limit}")


@lru_cache(maxsize=64)
def _counted(parts: tuple[str, ...]) -> Statement:
    """How many different ids so many selects have, each of them read up to one more than is counted."""
    union = " union ".join(f"select id from ({part} limit {COUNTED + 1}) u{n}" for n, part in enumerate(parts))  # noqa: S608
    return Statement(f"select count(*) from ({union}) counted")  # noqa: S608 - no input


def reading(source: Source, until: str, *, exact: bool = False) -> Read[list[Hit]]:
    """The first rows of a source, as they stand at a date."""
    return Read(*_asked(source, until), lambda rows: [_HITS[source.kind](r, exact=exact) for r in rows])


def read(db: Database, sources: Sequence[Source], until: str) -> list[list[Hit]]:
    """The same of several sources, in one flight."""
    return list(db.together(*(reading(source, until) for source in sources))) if sources else []


def _asked(source: Source, until: str) -> tuple[Statement, tuple[object, ...]]:
    """The statement of a source, with its parameters."""
    as_of = (until,) if source.kind == "payment" else ()
    return _rows(source.kind, source.tables, source.where, source.order, source.limit), (*as_of, *source.params, until)


def reading_count(sources: Sequence[Source], until: str) -> Read[int]:
    """How many different rows of one kind some sources have, up to one more than COUNTED."""
    parts, params = [], []
    for source in sources:
        _, own, seen = _KINDS[source.kind]
        parts.append(f"select distinct {own} as id from {source.tables} where {source.where} and {seen} <= ?")  # noqa: S608 - no input
        params += [*source.params, until]
    return Read(_counted(tuple(parts)), params, lambda rows: min(int(rows[0][0]), COUNTED + 1))


def _payment_hit(columns: Row, *, exact: bool = False) -> Hit:
    row = payments.row(*columns)
    return Hit("payment", row.receipt, row.account, row.name, row.date, row.amount, row.reference, row.state, exact)


def _customer_hit(columns: Row, *, exact: bool = False, why: str = "") -> Hit:
    account, name, status, since, plan, town, balance, id_ = columns
    return Hit("customer", account, account, name, since, balance, why or plan or town, status, exact, id_, bool(why))


def _invoice_hit(columns: Row, *, exact: bool = False) -> Hit:
    number, account, name, issued, total, open_, disputed, credited = columns
    due = Due(0, number, account, name, issued, "", total, open_, 0, bool(disputed), credited)
    return Hit("invoice", number, account, name, issued, open_ or total, "", due.state, exact)


def _credit_hit(columns: Row, *, exact: bool = False) -> Hit:
    number, account, name, issued, total, reason = columns
    return Hit("credit-note", number, account, name, issued, -total, reason, "credit note", exact)


_HITS = {"payment": _payment_hit, "customer": _customer_hit, "invoice": _invoice_hit, "credit-note": _credit_hit}


def by_number(db: Database, accounts: Sequence[str], documents: Sequence[str], until: str) -> list[Hit]:
    """What has exactly one of these numbers: an account, an invoice, a credit note, a receipt or its reversal, a run, a code."""

    def runs(rows: list[Row]) -> list[Hit]:
        return [Hit("run", run, "", "Billing run", on, sum_, "", "", exact=True) for run, on, sum_ in rows if on <= until]

    def codes(rows: list[Row]) -> list[Hit]:
        return [Hit("code", code, "", name, None, 0, "", "", exact=True) for code, name in rows]

    return [
        hit
        for hits in db.together(
            *(reading(source, until, exact=True) for source in numbered(accounts, documents)),
            Read(_named(_RUN, len(documents)), documents, runs),
            Read(_named(_CODE, len(documents)), documents, codes),
        )
        for hit in hits
    ]


_SERIALS = {
    "service": Statement(
        "select s.id, c.account, c.name, s.start_on, 0, coalesce(t.code, ''), coalesce(t.status, '') from service s "
        "join customer c on c.id = s.customer_id left join service_state t on t.service_id = s.id where s.id = ?"
    ),
    "approval": Statement("select id, '', reason, asked_us, amount, object, state from approval where id = ?"),
    "note": Statement(
        "select n.id, c.account, c.name, n.on_date, 0, n.text, n.kind from note n join customer c on c.id = n.customer_id "
        "where n.id = ?"
    ),
}


def by_serial(db: Database, kind: str, number: int) -> list[Hit]:
    """The service, approval and note of a number, or the one that was named; an approval's date is its microsecond."""

    def decoder(what: str) -> Callable[[list[Row]], list[Hit]]:
        return lambda rows: [
            Hit(what, str(id_), account, name, str(on), int(amount), about, state, exact=bool(kind))
            for id_, account, name, on, amount, about, state in rows
        ]

    reads = [Read(statement, (number,), decoder(what)) for what, statement in _SERIALS.items() if kind in ("", what)]
    return [hit for hits in db.together(*reads) for hit in hits] if reads else []


def numbered(accounts: Sequence[str], documents: Sequence[str]) -> list[Source]:
    """What has exactly one of these numbers, of what is counted."""
    marks, values = in_list(len(documents)), tuple(documents)
    reversals = "payment_event x join payment p on p.id = x.payment_id"
    return [
        of_accounts(accounts),
        Source("invoice", "invoice i", f"i.number in {marks}", values),
        Source("credit-note", "credit_note n", f"n.number in {marks}", values),
        Source("payment", "payment p", f"p.receipt in {marks}", values),
        Source("payment", reversals, f"x.document in {marks}", values),
    ]


@lru_cache(maxsize=32)
def _named(select: str, count: int) -> Statement:
    return Statement(select + in_list(count))


# Walks the words in steps of the index, one seek for each: the names of a million customers are some twenty thousand words.
_DICTIONARY = Statement(
    "with recursive w (word) as (select min(word) from search_term union all "
    "select (select min(s.word) from search_term s where s.word > w.word) from w where w.word is not null) "
    "select word from w where word is not null"
)


def any_words(groups: list[list[str]]) -> Source:
    """Customers that have one whole word of each group; the first group drives."""
    counts = [len(group) for group in groups]
    joins = "".join(
        f" and exists (select 1 from search_term t{n} where t{n}.customer_id = t0.customer_id and t{n}.word in {in_list(count)})"
        for n, count in enumerate(counts[1:], 1)
    )
    where = f"c.id in (select t0.customer_id from search_term t0 where t0.word in {in_list(counts[0])}{joins})"  # noqa: S608
    return Source("customer", "customer c", where, tuple(w for group in groups for w in group), "c.name, c.account")


def dictionary(db: Database) -> frozenset[str]:
    """Every word of a name or place, without numbers."""
    return frozenset(str(r[0]) for r in db.rows(_DICTIONARY) if not str(r[0])[:1].isdigit())


class InBucket(NamedTuple):
    """A contact in a bucket of a blind index, still sealed."""

    customer_id: int
    uid: bytes
    value: Sealed


def contacts_by_index(db: Database, index: int, *, tail: bool) -> list[InBucket]:
    """The contacts in one bucket of a blind index."""
    rows = db.rows(_BY_TAIL if tail else _BY_INDEX, (index,))
    return [InBucket(int(customer_id), bytes(uid), Sealed(bytes(value))) for customer_id, uid, value in rows]


def customers(db: Database, why: Mapping[int, str]) -> list[Hit]:
    """Customers found by something that is not shown, in the order given; `why` says what matched of each."""
    known: dict[int, Hit] = {}
    ids = list(why)
    for first in range(0, len(ids), 500):
        part = ids[first : first + 500]
        known |= {row[-1]: _customer_hit(row, why=why[row[-1]]) for row in db.rows(_named(_CUSTOMERS, len(part)), part)}
    return [known[i] for i in ids if i in known]
