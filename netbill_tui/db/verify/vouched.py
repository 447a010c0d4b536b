"""What verify reads of things that follow from posted rows or from the audit, in pages."""

import json
from collections.abc import Iterator

from netbill_tui.billing.catalogue.codes import Rules
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.paging import every_page
from netbill_tui.db.core.statements import Row, Statement

_PAGE = 2000
_ACTIONS = (
    "session.open", "session.close", "session.end", "session.refused", "operator.unlock", "operator.reset", "operator.disable",
    "operator.role", "keys.rotate", "keys.destroy", "backup.write",
)  # fmt: skip
_EVENTS = Statement(
    "select seq, at_us, actor, session, action, object, detail from audit_event where action in "
    f"({', '.join(repr(a) for a in _ACTIONS)}) order by seq"
)
_BORN = Statement("select detail from audit_event where action = 'book.init' order by seq limit 1")
_SITTINGS = Statement("select s.id, o.name, s.kind, s.host, s.started_us, s.ended_us from work_session s left join operator o "
                      "on o.id = s.operator_id order by s.started_us, s.id")  # fmt: skip
_TRIES = Statement(
    "select o.name, t.operator_uid, t.failed, t.pending, t.at_us, t.boot, t.boot_us from sign_in_try t "
    "left join operator o on o.uid = t.operator_uid"
)
_KEEPING = Statement("select name, value from keeping order by name")
_CLAIMS = Statement("select seq, object, detail from audit_event where detail like '%\"claim\":%' order by seq")
_CLAIMED = Statement("select uid, request_hash, kind, object_id, audit_seq from posting_request where kind <> 'payment'")
_CUSTOMERS = Statement(f"select id, account, name, town, postcode from customer where id > ? order by id limit {_PAGE}")
_WORDS = Statement("select customer_id, word from search_term where customer_id >= ? and customer_id <= ?")
_PAYMENTS = Statement(f"select id, receipt, reference from payment where id > ? order by id limit {_PAGE}")
_REFERENCE_WORDS = Statement(
    "select t.payment_id, t.word from payment p join payment_term t on t.payment_id = p.id where p.id >= ? and p.id <= ?"
)
_STRAYS = Statement(
    "select (select count(*) from search_term t where not exists (select 1 from customer c where c.id = t.customer_id)), "
    "(select count(*) from payment_term t where not exists (select 1 from payment p where p.id = t.payment_id))"
)
_PATTERN = Statement("select value from book_setting where name = ?")
_PATTERNS = Statement("select detail from audit_event where action = 'book.rule' and object = ?")
_YEARS = {t: Statement(f"select distinct substr(issued_on, 1, 4) from {t}") for t in ("invoice", "credit_note")}  # noqa: S608
_NUMBERED = {t: Statement(f"select 1 from {t} where number = ?") for t in ("invoice", "credit_note")}  # noqa: S608
_LAST = {
    "receipt": Statement("select max(cast(substr(receipt, 3) as bigint)) from payment where receipt like 'R-%'"),
    "run": Statement("select max(cast(substr(number, 5) as bigint)) from billing_run"),
}


def is_born_vouching(db: Database) -> bool:
    """Whether the book was made by a program that vouches for every kind of record."""
    found = db.row(_BORN)
    return found is not None and '"kinds"' in str(found[0])


def events(db: Database) -> list[Row]:
    """The events of sittings, tries, keys and backups in their order: seq, time, actor, session, action, object, detail."""
    return db.rows(_EVENTS)


def sittings(db: Database) -> list[Row]:
    """Id, operator, kind, host, begin and end of every sitting that is kept."""
    return db.rows(_SITTINGS)


def tries(db: Database) -> list[Row]:
    """Operator or None, their uid, and the counted tries as they are kept."""
    return db.rows(_TRIES)


def keeping(db: Database) -> dict[str, str]:
    """How far the book is kept safe."""
    return {str(name): str(value) for name, value in db.rows(_KEEPING)}


def claims(db: Database) -> list[Row]:
    """The events that tell of a request id: seq, object, detail."""
    return db.rows(_CLAIMS)


def claimed(db: Database) -> list[Row]:
    """The request ids under which something else than a payment was posted."""
    return db.rows(_CLAIMED)


def named(db: Database) -> Iterator[tuple[list[Row], list[Row]]]:
    """Customers page by page, with the words by which they are found."""
    for page in every_page(db, _CUSTOMERS):
        yield page, db.rows(_WORDS, (page[0][0], page[-1][0]))


def referenced(db: Database) -> Iterator[tuple[list[Row], list[Row]]]:
    """Payments page by page, with the words by which their references are found."""
    for page in every_page(db, _PAYMENTS):
        yield page, db.rows(_REFERENCE_WORDS, (page[0][0], page[-1][0]))


def stray_words(db: Database) -> tuple[int, int]:
    """How many words stand for customers, and for payments, that there are not."""
    found = db.row(_STRAYS)
    return (int(found[0]), int(found[1])) if found else (0, 0)


def is_issued(db: Database, series: str, number: int) -> bool:
    """Whether a document has this number of its series, in any pattern that the book ever had and any year of its documents."""
    table, rule = ("invoice", "invoice_number") if series == "invoice" else ("credit_note", "credit_number")
    patterns = {str(row[0]) for row in db.rows(_PATTERN, (rule,))} | {getattr(Rules(), rule)}
    for (detail,) in db.rows(_PATTERNS, (rule,)):
        found = json.loads(detail)
        patterns |= {str(found.get("before", "")), str(found.get("after", ""))}
    years = [int(row[0]) for row in db.rows(_YEARS[table])] or [0]
    names = {p.format(seq=number, year=year) for p in patterns if "{seq" in p for year in years}
    return any(db.row(_NUMBERED[table], (name,)) is not None for name in names)


def last_used(db: Database, series: str) -> int:
    """The highest number of receipts or runs that stands in the book."""
    found = db.row(_LAST[series])
    return int((found[0] if found else 0) or 0)
