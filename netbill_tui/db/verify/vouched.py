"""What verify reads of things that follow from posted rows or from the audit, in pages."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from netbill_tui.billing.catalogue.codes import Rules
from netbill_tui.db.core import chain, requests
from netbill_tui.db.core.chain import said
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.paging import every_page
from netbill_tui.db.core.statements import Row, Select, Statement

_PAGE = 2000
_ACTIONS = (
    "session.open", "session.close", "session.end", "session.refused", "operator.unlock", "operator.reset", "operator.disable",
    "operator.role", "keys.rotate", "keys.destroy", "backup.write",
)  # fmt: skip


class Event(NamedTuple):
    """An event of sittings, tries, keys or backups."""

    at_us: int
    actor: str
    sitting: str
    action: str
    object: str
    detail: str


class Sitting(NamedTuple):
    """A sitting as it is kept; `operator` is None where there is no such operator."""

    id: str
    operator: str | None
    kind: str
    host: str
    started_us: int
    ended_us: int | None


class Counted(NamedTuple):
    """The tries of an operator as they are kept; `operator` is None where there is no such operator."""

    operator: str | None
    uid: bytes
    failed: int
    pending: int
    at_us: int
    boot: str
    boot_us: int


class Claimed(NamedTuple):
    """The request id that an audit event posted something under, as the event tells it."""

    seq: int
    object: str
    mark: str


class Named(NamedTuple):
    """A customer or payment, the texts by which it is found, and the words under which it stands."""

    number: str
    texts: tuple[str, ...]
    words: frozenset[str]


class Strays(NamedTuple):
    """How many words stand for customers, and for payments, that there are not."""

    of_customers: int
    of_payments: int


_EVENTS = Select(
    "select at_us, actor, session, action, object, detail from audit_event where action in "
    f"({', '.join(repr(a) for a in _ACTIONS)}) order by seq",
    Event,
)
_SITTINGS = Select(
    "select s.id, o.name, s.kind, s.host, s.started_us, s.ended_us from work_session s left join operator o "
    "on o.id = s.operator_id order by s.started_us, s.id",
    Sitting,
)
_TRIES = Select(
    "select o.name, t.operator_uid, t.failed, t.pending, t.at_us, t.boot, t.boot_us from sign_in_try t "
    "left join operator o on o.uid = t.operator_uid",
    lambda name, uid, *more: Counted(name, bytes(uid), *more),
)
_KEEPING = Statement("select name, value from keeping order by name")
# The request of a payment stands in its own row.
_CLAIMS = Statement(
    f"select seq, object, detail from audit_event where seq > ? and action <> 'payment.record' order by seq limit {_PAGE}"
)
_CLAIMED = Statement("select uid, request_hash, kind, object_id, audit_seq from posting_request where kind <> 'payment'")
_CUSTOMERS = Statement(f"select id, account, name, town, postcode from customer where id > ? order by id limit {_PAGE}")
_WORDS = Statement("select customer_id, word from search_term where customer_id >= ? and customer_id <= ?")
_PAYMENTS = Statement(f"select id, receipt, reference from payment where id > ? order by id limit {_PAGE}")
_REFERENCE_WORDS = Statement(
    "select t.payment_id, t.word from payment p join payment_term t on t.payment_id = p.id where p.id >= ? and p.id <= ?"
)
_STRAYS = Select(
    "select (select count(*) from search_term t where not exists (select 1 from customer c where c.id = t.customer_id)), "
    "(select count(*) from payment_term t where not exists (select 1 from payment p where p.id = t.payment_id))",
    Strays,
)
_PATTERN = Statement("select value from book_setting where name = ?")
_YEARS = {t: Statement(f"select distinct substr(issued_on, 1, 4) from {t}") for t in ("invoice", "credit_note")}  # noqa: S608
_NUMBERED = {t: Statement(f"select 1 from {t} where number = ?") for t in ("invoice", "credit_note")}  # noqa: S608
_LAST = {
    "receipt": Statement("select max(cast(substr(receipt, 3) as bigint)) from payment where receipt like 'R-%'"),
    "run": Statement("select max(cast(substr(number, 5) as bigint)) from billing_run"),
    "write-off": Statement("select max(cast(substr(number, 4) as bigint)) from write_off"),
}


def is_born_vouching(db: Database) -> bool:
    """Whether the book was made by a program that vouches for every kind of record."""
    born = chain.first_of(db, "book.init")
    return born is not None and "kinds" in born.said


def events(db: Database) -> list[Event]:
    """The events of sittings, tries, keys and backups in their order."""
    return _EVENTS.all(db)


def sittings(db: Database) -> list[Sitting]:
    """Every sitting that is kept."""
    return _SITTINGS.all(db)


def tries(db: Database) -> list[Counted]:
    """The counted tries as they are kept."""
    return _TRIES.all(db)


def keeping(db: Database) -> dict[str, str]:
    """How far the book is kept safe."""
    return {str(name): str(value) for name, value in db.rows(_KEEPING)}


def claims(db: Database) -> Iterator[Claimed]:
    """The request ids that events tell of, but those of payments."""
    for page in every_page(db, _CLAIMS):
        for seq, obj, detail in page:
            mark = said(detail).get("claim")
            if mark is not None:
                yield Claimed(int(seq), obj, str(mark))


def claimed(db: Database) -> dict[int, str]:
    """By audit event, the mark of the request id under which something else than a payment was posted."""
    rows = db.rows(_CLAIMED)
    return {int(seq): requests.mark(bytes(u), bytes(h), str(kind), int(what), int(seq)) for u, h, kind, what, seq in rows}


def _by_owner(rows: list[Row]) -> dict[int, set[str]]:
    words: dict[int, set[str]] = defaultdict(set)
    for owner, word in rows:
        words[owner].add(str(word))
    return words


def customers(db: Database) -> Iterator[Named]:
    """Every customer with the words by which they are found."""
    for page in every_page(db, _CUSTOMERS):
        words = _by_owner(db.rows(_WORDS, (page[0][0], page[-1][0])))
        for id_, account, name, town, postcode in page:
            yield Named(str(account), (str(name), str(town), str(postcode)), frozenset(words.get(id_, ())))


def payments(db: Database) -> Iterator[Named]:
    """Every payment with the words by which its reference is found."""
    for page in every_page(db, _PAYMENTS):
        words = _by_owner(db.rows(_REFERENCE_WORDS, (page[0][0], page[-1][0])))
        for id_, receipt, reference in page:
            yield Named(str(receipt), (str(reference),), frozenset(words.get(id_, ())))


def stray_words(db: Database) -> Strays:
    """How many words stand for nobody."""
    return _STRAYS.one(db)


def is_issued(db: Database, series: str, number: int) -> bool:
    """Whether a document has this number of its series, in any pattern that the book ever had and any year of its documents."""
    table, rule = ("invoice", "invoice_number") if series == "invoice" else ("credit_note", "credit_number")
    patterns = {str(row[0]) for row in db.rows(_PATTERN, (rule,))} | {getattr(Rules(), rule)}
    for event in chain.about(db, "book.rule", rule):
        patterns |= {str(event.said.get("before", "")), str(event.said.get("after", ""))}
    years = [int(row[0]) for row in db.rows(_YEARS[table])] or [0]
    names = {p.format(seq=number, year=year) for p in patterns if "{seq" in p for year in years}
    return any(db.row(_NUMBERED[table], (name,)) is not None for name in names)


def last_used(db: Database, series: str) -> int:
    """The highest number of receipts, runs or write-offs that stands in the book."""
    row = db.row(_LAST[series])
    return int((row[0] if row else 0) or 0)
