"""What verify reads of operators, request ids, approvals and number series."""

from collections.abc import Iterator
from typing import NamedTuple

from netbill_tui.db.core.chain import Told, said
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.paging import every_page
from netbill_tui.db.core.statements import Select, Statement

_OPERATORS = Select(
    "select seq, at_us, actor, object, detail from audit_event where action = 'book.init' or action like 'operator.%' "
    "order by seq",
    Told,
)
_REQUESTS = Statement(
    "select r.uid, r.request_hash, e.detail, e.object from posting_request r "
    "left join audit_event e on e.seq = r.audit_seq where r.uid > ? order by r.uid limit 2000"
)
_UNCLAIMED = Select(
    "select p.receipt, e.detail from payment p join audit_event e on e.seq = p.audit_seq and e.action = 'payment.record' where "
    "not exists (select 1 from posting_request r where r.uid = p.uid and r.object_id = p.id "
    "and r.kind = 'payment' and r.audit_seq = p.audit_seq) order by p.id",
    lambda receipt, detail: (receipt, said(detail)),
)
_APPROVALS = Select(
    "select at_us, actor, action, object, detail from audit_event where action like 'approval.%' order by seq",
    lambda at_us, actor, action, obj, detail: Answer(at_us, actor, action, obj, detail),
)
_SERIES = Statement("select name, next from number_series")
_HIGHEST = Select(
    "select (select max(n) from (select max(id) as n from entry union all select max(id) from payment union all select max(id) "
    "from invoice union all select max(id) from invoice_line union all select max(id) from customer union all select max(id) "
    "from allocation union all select max(id) from billed union all select max(id) from service_event union all select max(id) "
    "from note union all select max(id) from record_version union all select max(id) from operator "
    "union all select max(id) from giving union all select max(id) from message union all select max(id) from late_fee) x), "
    "(select max(cast(substr(receipt, 3) as bigint)) from payment), "
    "(select max(cast(substr(number, 5) as bigint)) from billing_run)",
    lambda *used: Highest(*(int(number or 0) for number in used)),
)


class Request(NamedTuple):
    """A request id with the event that it names; `detail` is None where there is no such event."""

    uid: bytes
    hash: bytes
    detail: str | None
    object: str | None


class Answer(NamedTuple):
    """An audit event of asking for an approval, or of answering."""

    at_us: int
    actor: str
    action: str
    object: str
    detail: str


class Highest(NamedTuple):
    """The highest id, receipt and run in use."""

    id: int
    receipt: int
    run: int


def operator_events(db: Database) -> list[Told]:
    """The events that tell of operators, oldest first."""
    return _OPERATORS.all(db)


def requests(db: Database) -> Iterator[Request]:
    """Every request id with its event."""
    for page in every_page(db, _REQUESTS, b""):
        for uid, digest, detail, obj in page:
            yield Request(bytes(uid), bytes(digest), detail, obj)


def unclaimed(db: Database, most: int) -> list[str]:
    """The first receipts whose event tells of a request id that is gone, or names another payment."""
    return [receipt for receipt, detail in _UNCLAIMED.all(db) if "request" in detail][:most]


def approval_events(db: Database) -> list[Answer]:
    """The events that tell of approvals, oldest first."""
    return _APPROVALS.all(db)


def series(db: Database) -> dict[str, int]:
    """Where each number series stands."""
    return {str(name): int(value) for name, value in db.rows(_SERIES)}


def highest(db: Database) -> Highest:
    """The highest numbers in use of those series that say so themselves."""
    return _HIGHEST.one(db)
