"""Import of services: from a file of their own, or from columns of a file of customers. Source: issue of billing, real input.

Identity: uuid5 of install id, account, code and first day, so that the same file again adds none. A service that is there is left
as it is: what became of it since stands in its events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from dateutil.relativedelta import relativedelta

from netbill_tui.billing.catalogue import Catalogue, Code
from netbill_tui.billing.cycles import Cycle
from netbill_tui.billing.prices import Own
from netbill_tui.billing.services import Event, Service
from netbill_tui.db import catalogue as catalogue_rows
from netbill_tui.db import customers as customer_rows
from netbill_tui.db import versions
from netbill_tui.db.statements import Statement, in_list
from netbill_tui.db.transaction import Transaction
from netbill_tui.integrations.csv_files import Cells, Rejection
from netbill_tui.integrations.profiles import ServiceColumns
from netbill_tui.services import catalogue, subscriptions
from netbill_tui.services.import_customers import account_of, cleaned
from netbill_tui.services.session import Session
from netbill_tui.services.subscriptions import New

if TYPE_CHECKING:
    from netbill_tui.services.importing import Result

_PLAIN = ("code", "quantity", "cycle", "anchor", "mode", "percent", "parts", "address", "reason")
_DATES = ("start", "end", "billed_through", "price_until")
MAX_TENURE = 1200


@dataclass(frozen=True, slots=True)
class Read:
    """A row that can be taken."""

    account: str
    new: New


def read(session: Session, cells: Cells) -> Read:
    """The service in a row of a file of services, every cell checked."""
    account = account_of(cells)
    fields = {name: cleaned(cells, name, 200) for name in _PLAIN if cells.has(name)}
    for name in _DATES:
        day = cells.date(name) if cells.has(name) else None
        if day is not None:
            fields[name] = day.isoformat()
    if cells.has("price") and cells.text("price").strip():
        fields["price"] = subscriptions.plain_amount(session, cells.amount("price", session.book.currency))
    fields.setdefault("anchor", str(date.fromisoformat(fields["start"]).day) if "start" in fields else "")
    return Read(account, subscriptions.read_new(session, "", fields, catalogue.load(session)))


def from_customer(session: Session, cells: Cells, columns: ServiceColumns) -> New:
    """The service that a row of customers tells of: a bundle at the customer's own price, billed up to the as-of date."""
    as_of = session.date()
    months = cells.raw(columns.tenure).strip() or "0"
    if not months.isascii() or not months.isdigit() or int(months) > MAX_TENURE:
        raise cells.bad_column(columns.tenure, f"{months[:20]!r} is not a number of months")
    start = as_of - relativedelta(months=int(months))
    price = cells.amount_of(columns.price, session.book.currency)
    parts = " ".join(p.code for p in columns.parts if cells.raw(p.column).strip() in p.values)
    if not parts:
        raise cells.bad_column(columns.parts[0].column, "the row takes no part of the bundle")
    service = Service(0, start, Cycle(1), as_of.day)
    events = (
        Event(0, start, "start", columns.bundle, "1", parts),
        Event(0, start, "price", own=Own("fixed", str(price), "imported"), reason="imported"),
    )
    return New(service, events, as_of, "")


def store(tx: Transaction, session: Session, good: list[tuple[Cells, Read]], result: "Result") -> None:
    """Add what is new; refuse a row whose customer is not in the book."""
    have = customer_rows.by_accounts(session.db, list({r.account for _, r in good}))
    known = []
    for cells, one in good:
        if one.account not in have:
            result.rejected.append(Rejection(cells.line, cells.column("account"), f"there is no customer {one.account!r}"))
        else:
            known.append((one.account, one.new))
    added = add(tx, session, known, catalogue.load(session), result.seen)
    for _ in range(added):
        result.count("created")
    for _ in range(len(known) - added):
        result.count("already")


def add(tx: Transaction, session: Session, many: Sequence[tuple[str, New]], book: Catalogue, seen: dict[object, int]) -> int:
    """Store the services that are not there yet, given by account; how many. `seen` counts equal ones of the file."""
    have = customer_rows.by_accounts(session.db, list({a for a, _ in many})) if many else {}
    by_uid: dict[bytes, tuple[int, New]] = {}
    for account, new in many:
        if account in have:
            same = seen.get(_key(account, new), 0)
            seen[_key(account, new)] = same + 1
            by_uid[_uid(session, account, new, same)] = (have[account].id, new)
    if not by_uid:
        return 0
    there = Statement(f"select uid from service where uid in {in_list(len(by_uid))}")
    for (uid,) in session.db.rows(there, list(by_uid)):
        by_uid.pop(bytes(uid), None)
    subscriptions.store_many(tx, session, list(by_uid.values()), book, uids=list(by_uid))
    return len(by_uid)


def _key(account: str, new: New) -> tuple[str, ...]:
    return ("service", account, new.events[0].code, str(new.service.start))


def _uid(session: Session, account: str, new: New, same: int) -> bytes:
    code = new.events[0].code + (f"#{same}" if same else "")
    # A bundle of a customers file has no first day of its own: it follows from the day of the import.
    first = "" if new.events[0].parts and new.billed_through else new.service.start.isoformat()
    return uuid5(UUID(bytes=session.book.install_id), "\x1f".join(("service", account, code, first))).bytes


def ensure_codes(tx: Transaction, session: Session, columns: ServiceColumns) -> Catalogue:
    """The catalogue with the bundle of a profile and its parts, made where they are missing."""
    book = catalogue.load(session)
    if columns.bundle not in book.codes:
        for part in columns.parts:
            if part.code not in book.codes:
                catalogue_rows.store_code(session.db, Code(part.code, part.name, part.category), tx.now_us)
        parts = tuple((p.code, p.weight) for p in columns.parts)
        catalogue_rows.store_code(
            session.db, Code(columns.bundle, columns.name, columns.parts[0].category, "bundle", parts=parts), tx.now_us
        )
        versions.post(tx, versions.CATALOGUE, [1])
        book = catalogue.load(session)
    return book
