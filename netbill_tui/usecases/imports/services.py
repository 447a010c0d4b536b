"""Import of services: from a file of their own, or from columns of a file of customers. Source: issue of billing, real input.

Identity: uuid5 of install id, account, code and first day, so that the same file again adds none. A service that is there is left
as it is: what became of it since stands in its events.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID, uuid5

from dateutil.relativedelta import relativedelta

from netbill_tui.billing.catalogue.codes import Catalogue, Code
from netbill_tui.billing.catalogue.prices import LIST, PriceOverride
from netbill_tui.billing.core.cycles import Cycle
from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.billing.services.subscriptions import Event, Service
from netbill_tui.db.catalogue import codes as catalogue_rows
from netbill_tui.db.core import versions
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.services import agreements
from netbill_tui.db.services import subscriptions as service_rows
from netbill_tui.db.services.subscriptions import ServiceRow
from netbill_tui.errors import InvalidInput, NotPermitted
from netbill_tui.integrations.csv_files import BadCell, Cells, Rejection
from netbill_tui.integrations.profiles import ServiceColumns
from netbill_tui.usecases.access import limits
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers.checking import account_of, cleaned, known_accounts
from netbill_tui.usecases.imports.result import Result
from netbill_tui.usecases.services import giving, orders, subscriptions
from netbill_tui.usecases.services.orders import New

_PLAIN = ("code", "quantity", "cycle", "anchor", "mode", "percent", "parts", "address", "reason")
_DATES = ("start", "end", "billed_through", "price_until")
MAX_TENURE = 1200


@dataclass(frozen=True, slots=True)
class Read:
    """A row that can be taken."""

    account: str
    new: New


@dataclass(frozen=True, slots=True)
class Around:
    """What a batch of rows is read against: the catalogue, and of the accounts that are there their anchors."""

    catalogue: Catalogue
    customers: Mapping[str, Customer]
    anchors: Mapping[int, int]


def around(session: Session, batch: Sequence[Cells]) -> Around:
    """What the rows are read against, in a few statements for all of them."""
    accounts = []
    for cells in batch:
        with suppress(BadCell, InvalidInput):  # it is refused where the row is read
            accounts.append(account_of(cells))
    customers = known_accounts(session, accounts)
    ids = list({c.id for c in customers.values()})
    terms, rows = agreements.terms_of_many(session.db, ids), service_rows.of_customers(session.db, ids)
    anchors = {i: orders.anchor_of(terms.get(i, agreements.BillingTerms()), rows[i]) for i in ids}
    return Around(codes.load(session), customers, anchors)


def read(session: Session, cells: Cells, near: Around) -> Read:
    """The service in a row of a file of services, every cell checked."""
    account = account_of(cells)
    cells.needed("start")
    known = near.customers.get(account)
    fields = {name: cleaned(cells, name, 200) for name in _PLAIN if cells.has(name)}
    for name in _DATES:
        day = cells.date(name) if cells.has(name) else None
        if day is not None:
            fields[name] = day.isoformat()
    if cells.has("price") and cells.text("price").strip():
        fields["price"] = orders.plain_amount(session, cells.amount("price", session.book.currency))
    # The anchor of an account that is there is found as for a service that is sold at the desk.
    anchor = near.anchors[known.id] if known else 0
    return Read(account, orders.read_new(session, "", fields, near.catalogue, anchor_of_account=anchor))


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
        Event(0, start, "price", override=PriceOverride("fixed", str(price), "imported"), reason="imported"),
    )
    return New(service, events, as_of, "")


def store(tx: Transaction, session: Session, good: list[tuple[Cells, Read]], result: Result) -> None:
    """Add what is new; refuse a row whose customer is not in the book."""
    have = known_accounts(session, list({r.account for _, r in good}))
    known: list[tuple[Cells, str, New]] = []
    for cells, row in good:
        customer = have.get(row.account)
        if customer is None:
            why = f"there is no account {row.account}; import the customers first"
            result.rejected.append(Rejection(cells.line, cells.column("account"), why))
        elif customer.status == "closed":
            why = f"the account {customer.account} is closed; open it first"
            result.rejected.append(Rejection(cells.line, cells.column("account"), why))
        else:
            known.append((cells, customer.account, row.new))
    added, other = add(tx, session, [(a, n) for _, a, n in known], codes.load(session), result.seen)
    for at, (cells, account, _) in enumerate(known):
        if at in other:
            why = f"the service of {account} {other[at]}"
            result.rejected.append(Rejection(cells.line, cells.column("code"), why))
    for _ in range(added):
        result.count("created")
    for _ in range(len(known) - added - len(other)):
        result.count("already")


def add(
    tx: Transaction,
    session: Session,
    many: Sequence[tuple[str, New]],
    catalogue: Catalogue,
    seen: dict[object, int],
    *,
    bundled: bool = False,
) -> tuple[int, dict[int, str]]:
    """Store the services that are not there yet, given by account.

    Args:
        tx: The transaction.
        session: Whose book.
        many: Account and service.
        catalogue: The catalogue.
        seen: Counts equal ones of the file.
        bundled: They were told by a file of customers and have no first day of their own: it follows from the day of the import.

    Returns:
        How many were stored; and by its place why a service was not: it is there already with something else, or over the limit.
    """
    have = known_accounts(session, list({a for a, _ in many})) if many else {}
    by_uid: dict[bytes, tuple[int, New]] = {}
    places: dict[bytes, int] = {}
    other: dict[int, str] = {}
    sold = service_rows.of_customers(session.db, list({c.id for c in have.values()}))
    first_days = {new.service.start for _, new in many}
    began = [] if bundled else [r.service.id for rows in sold.values() for r in rows if r.service.start in first_days]
    events = service_rows.events(session.db, began)
    for at, (account, new) in enumerate(many):
        customer = have.get(account)
        if customer is None:
            continue
        same = seen.get(_key(account, new), 0)
        seen[_key(account, new)] = same + 1
        uid = _uid(session, account, new, same, bundled=bundled)
        # What was sold at the desk, or came by another file, is the same service too.
        alike = [r for r in sold[customer.id] if not bundled and _alike(r, new, events)]
        if same < len(alike):
            differs = _difference(alike[same], new, events[alike[same].service.id])
            if differs and not bundled:
                other[at] = f"is in the book with another {differs}; change it there"
            continue
        by_uid[uid], places[uid] = (customer.id, new), at
    if not by_uid:
        return 0, other
    for uid in service_rows.there(session.db, list(by_uid)):
        by_uid.pop(uid, None)
    if not bundled:
        names = {customer.id: account for account, customer in have.items()}
        for uid, why in _over_limit(tx, session, [(uid, names[i], new) for uid, (i, new) in by_uid.items()]):
            other[places[uid]] = why
            by_uid.pop(uid)
    orders.store_many(tx, session, list(by_uid.values()), catalogue, uids=list(by_uid))
    return len(by_uid), other


def _over_limit(tx: Transaction, session: Session, many: Sequence[tuple[bytes, str, New]]) -> list[tuple[bytes, str]]:
    """The services whose own price is over the limit of who imports, each with why; the others are counted, as at the desk."""
    operator, _ = session.sign_in_if_needed()
    refused: list[tuple[bytes, str]] = []
    for uid, account, new in many if operator.limit is not None else ():
        worth = giving.of_new(session, account, new)
        try:
            subscriptions.refuse_over_limit(session, worth, account)
        except NotPermitted as error:
            refused.append((uid, f"is over your limit: {str(error).removesuffix('.')}"))
        else:
            limits.gave(tx, session, "own price", account, worth)
    return refused


def _alike(row: ServiceRow, new: New, events: Mapping[int, Sequence[Event]]) -> bool:
    """Whether a service of the book is the one of a row: it began on the same day with the same code."""
    return row.service.start == new.service.start and events[row.service.id][0].code == new.events[0].code


def _difference(row: ServiceRow, new: New, events: Sequence[Event]) -> str:
    """What of a service that is there began otherwise than a row says; empty where nothing did."""
    began = events[0]
    first = next((e.override for e in events if e.kind == "price" and e.on == began.on), LIST)
    override = next((e.override for e in new.events if e.kind == "price"), LIST)
    if began.quantity != new.events[0].quantity:
        return "quantity"
    if (first.kind, first.value) != (override.kind, override.value):
        return "price"
    if row.service.cycle != new.service.cycle or row.service.mode != new.service.mode:
        return "cycle or mode"
    ends = next((e.on for e in new.events if e.kind == "end"), None)
    return "end" if ends is not None and row.ends_on != ends.isoformat() else ""


def _key(account: str, new: New) -> tuple[str, ...]:
    return ("service", account, new.events[0].code, str(new.service.start))


def _uid(session: Session, account: str, new: New, same: int, *, bundled: bool) -> bytes:
    code = new.events[0].code + (f"#{same}" if same else "")
    first = "" if bundled else new.service.start.isoformat()
    return uuid5(UUID(bytes=session.book.install_id), "\x1f".join(("service", account, code, first))).bytes


def ensure_codes(tx: Transaction, session: Session, columns: ServiceColumns) -> Catalogue:
    """The catalogue with the bundle of a profile and its parts, made where they are missing."""
    catalogue = codes.load(session)
    if columns.bundle not in catalogue.codes:
        versions.hold(tx, versions.CATALOGUE, [1])
        for part in columns.parts:
            if part.code not in catalogue.codes:
                catalogue_rows.store_code(session.db, Code(part.code, part.name, part.category), tx.now_us)
        parts = tuple((p.code, p.weight) for p in columns.parts)
        catalogue_rows.store_code(
            session.db, Code(columns.bundle, columns.name, columns.parts[0].category, "bundle", parts=parts), tx.now_us
        )
        versions.post(tx, versions.CATALOGUE, [1])
        catalogue = codes.load(session)
    return catalogue
