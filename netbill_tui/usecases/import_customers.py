"""Import of customers: created, updated where other values stand in the file, or already there."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import uuid4

from netbill_tui.billing.customers import KINDS, STATUSES, Customer, NewCustomer
from netbill_tui.billing.payments import METHODS
from netbill_tui.billing.phones import check_email, check_phone, international_phone, is_valid_phone, normal_email
from netbill_tui.db import customers as rows
from netbill_tui.db import tables, versions
from netbill_tui.db.statements import Statement
from netbill_tui.db.transaction import Transaction, insert_into
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.identifiers import iban_is_valid
from netbill_tui.integrations.csv_files import BadCell, Cells, Rejection
from netbill_tui.integrations.values import shown
from netbill_tui.security.envelope import Unreadable
from netbill_tui.security.secret import Sealed
from netbill_tui.security.vault import Vault
from netbill_tui.text import clean
from netbill_tui.usecases import customer_states, new_customers
from netbill_tui.usecases.import_result import Result
from netbill_tui.usecases.session import Session

T = TypeVar("T")
# Field of the file: attribute of the customer, where it is not sealed.
_PLAIN = {
    "name": "name", "kind": "kind", "status": "status", "since": "since", "terms_days": "terms_days", "town": "town",
    "postcode": "postcode", "plan": "plan", "paperless": "paperless", "method": "preferred_method",
}  # fmt: skip
_PROFILE = ("tax_id", "birth_date", "bank_account", "credit_score", "pin")
_SET_CELL = {f: Statement(f"update customer set {f} = ? where id = ?") for f in rows.SEALED}  # noqa: S608 - fixed names
_DROP_CONTACTS = Statement("delete from contact where customer_id = ? and kind = ?")
ACCOUNT = re.compile(r"[\w.:/-]{1,40}\Z")


@dataclass(frozen=True, slots=True)
class Read:
    """A row that can be taken, which fields it speaks about, and cells of it that cannot be taken.

    `whole`: what it says of addresses and numbers is all that there is.
    """

    new: NewCustomer
    given: frozenset[str]
    left: tuple[Rejection, ...] = ()
    whole: bool = False


def account_of(cells: Cells) -> str:
    """The account number of a row."""
    account = cleaned(cells, "account", 40, needed=True)
    if not ACCOUNT.match(account):
        raise cells.bad("account", f"{shown(account)} is not an account number: letters, digits and . : / - _ only")
    return account


def cleaned(cells: Cells, name: str, limit: int, *, needed: bool = False) -> str:
    """A text cell fit to be stored; a refusal names its column."""
    raw = cells.needed(name) if needed else cells.text(name)
    try:
        return clean(raw, "The text", limit=limit)
    except InvalidInput as error:
        raise cells.bad(name, str(error).removesuffix(".")) from None


def _one_of(cells: Cells, name: str, allowed: tuple[str, ...], default: str) -> str:
    found = cells.text(name).lower()
    if found and found not in allowed:
        raise cells.bad(name, f"{shown(found)} is none of {', '.join(allowed)}")
    return found or default


def _terms(cells: Cells) -> int:
    terms = cells.text("terms_days") or "30"
    if terms.lower() in ("none", "-1"):
        return -1  # none were agreed: the run parks the customer and says so
    if not terms.isascii() or not terms.isdigit() or len(terms) > 3 or int(terms) > 365:
        raise cells.bad("terms_days", f"{shown(terms)} is not a number of days from 0 to 365, nor the word none")
    return int(terms)


class _Optional:
    """Reads the cells that a customer can do without: a bad one is left out and told, and the rest of the row is taken."""

    def __init__(self, cells: Cells, *, strict: bool) -> None:
        self.cells, self.strict = cells, strict
        self.left: list[Rejection] = []
        self.bad: set[str] = set()

    def read(self, name: str, work: Callable[[Cells], T], empty: T) -> T:
        """What the work makes of the cell, or what stands for nothing.

        Raises:
            BadCell: The cell cannot be taken, and nothing may be left out.
        """
        try:
            return work(self.cells)
        except BadCell as bad:
            if self.strict:
                raise
            self.left.append(Rejection(self.cells.line, bad.column, str(bad)))
            self.bad.add(name)
            return empty

    def text(self, name: str, limit: int) -> str:
        """A text of at most so many characters."""
        return self.read(name, lambda cells: cleaned(cells, name, limit), "")


def read(session: Session, cells: Cells, *, typed: bool = False) -> Read:
    """The customer in a row, every cell checked.

    Args:
        session: For the day.
        cells: The row.
        typed: It comes from a form: a bad cell is asked again and a blank one empties what is stored. Of a file a bad cell that
            can be done without is left out, and a blank one says nothing.
    """
    one = _Optional(cells, strict=typed)
    since = one.read("since", lambda c: c.date("since"), None)
    new = NewCustomer(
        account_of(cells), cleaned(cells, "name", 300), _one_of(cells, "kind", KINDS, "residential"),
        _one_of(cells, "status", STATUSES, "active"), since.isoformat() if since else None, _terms(cells),
        one.text("town", 80), one.text("postcode", 20), one.text("plan", 120), cells.yes("paperless"),
        _one_of(cells, "method", tuple(METHODS), ""), one.text("street", 200), one.read("email", _emails, ()),
        one.read("phone", _phones, ()), _profile(session, one),
    )  # fmt: skip
    speaks = cells.has if typed else cells.filled
    given = frozenset(f for f in (*_PLAIN, "street", "email", "phone", *_PROFILE) if speaks(f) and f not in one.bad)
    return Read(new, given, tuple(one.left), typed)


def _emails(cells: Cells) -> tuple[str, ...]:
    try:
        return tuple(check_email(clean(v, "The address", limit=254)) for v in re.split(r"[;,/\s]+", cells.text("email")) if v)
    except InvalidInput as error:
        raise cells.bad("email", str(error).removesuffix(".")) from None


def _phones(cells: Cells) -> tuple[str, ...]:
    try:
        many = (v.strip() for v in re.split(r"[;,/|]|\s{3,}", cells.text("phone")))
        return tuple(check_phone(v if is_valid_phone(v) else clean(v, "The number", limit=40)) for v in many if v)
    except InvalidInput as error:
        raise cells.bad("phone", str(error).removesuffix(".")) from None


def _profile(session: Session, one: _Optional) -> tuple[tuple[str, str], ...]:
    made = [(name, one.read(name, partial(_private, session, name), "")) for name in _PROFILE]
    return tuple((name, value) for name, value in made if value)


def _private(session: Session, name: str, cells: Cells) -> str:
    if name == "birth_date":
        day = cells.date(name)
        if day is not None and day > session.today():
            raise cells.bad(name, f"{day} lies ahead")
        return day.isoformat() if day else ""
    if name == "bank_account" and iban_is_valid(cells.text(name)):
        # An IBAN may hold a run of digits that passes for a card number; its own check digits vouch for it.
        return cells.text(name)
    value = cleaned(cells, name, 80)
    if name == "credit_score" and value and not (value.isascii() and value.isdigit() and len(value) <= 6):
        raise cells.bad(name, f"{shown(value)} is not a whole number")
    return value


def merged(rows_: Sequence[Read]) -> Read:
    """The rows of one account in one: what a later one says stands, what it does not say stays."""
    made = rows_[0]
    for later in rows_[1:]:
        plain = {a: getattr(later.new, a) for f, a in _PLAIN.items() if f in later.given}
        lists = {"emails": "email", "phones": "phone", "street": "street"}
        plain |= {a: getattr(later.new, a) for a, f in lists.items() if f in later.given}
        profile = dict(made.new.profile) | {f: v for f, v in later.new.profile if f in later.given}
        made = Read(made.new._replace(**plain, profile=tuple(profile.items())), made.given | later.given)
    return made


def store(tx: Transaction, session: Session, good: list[tuple[Cells, Read]], result: Result) -> None:
    """Create what is new and change what differs; several rows of an account are one, of which the later says more."""
    _, vault = session.sign_in_if_needed()
    have = known_accounts(session, [one.new.account for _, one in good])
    rows_of: dict[str, list[tuple[Cells, Read]]] = {}
    for cells, one in good:
        known = have.get(one.new.account)
        rows_of.setdefault(known.account if known else one.new.account, []).append((cells, one))
    fresh: dict[str, NewCustomer] = {}
    touched: list[int] = []
    for account, mine in rows_of.items():
        one = merged([read_ for _, read_ in mine])
        found = have.get(mine[0][1].new.account)
        for _ in mine[1:]:
            result.count("already")
        if found is None:
            fresh[account] = one.new
            result.count("created")
            continue
        try:
            changed = change(tx, vault, session, found, one)
        except Refused as error:
            result.rejected.append(Rejection(mine[-1][0].line, mine[-1][0].column("status"), str(error)))
            continue
        if changed:
            touched.append(found.id)
            result.changed[account] = sorted(changed)
        result.count("updated" if changed else "already")
    made = [(i, uuid4().bytes, new) for i, new in zip(tx.take("id", len(fresh)), fresh.values(), strict=True)] if fresh else []
    new_customers.store(tx, vault, made, session.book.country, lambda: uuid4().bytes)
    versions.post(tx, versions.CUSTOMER, touched)
    result.add("customers", len(made))


def known_accounts(session: Session, accounts: Sequence[str]) -> dict[str, Customer]:
    """The customers of some account numbers, as they are written or in capitals: as somebody at the desk types them."""
    have = rows.by_accounts(session.db, list(dict.fromkeys(accounts)))
    rest = {a: a.upper() for a in accounts if a not in have and a.upper() != a}
    if rest:
        capitals = rows.by_accounts(session.db, list(dict.fromkeys(rest.values())))
        have |= {a: capitals[up] for a, up in rest.items() if up in capitals}
    return have


def change(
    tx: Transaction, vault: Vault, session: Session, have: Customer, read_: Read, *, end_services: bool = False
) -> set[str]:
    """Bring a customer to what is said of it, with what its status means for its services; the names of what was different.

    The caller posts the version of the record.

    Raises:
        Refused: Its services do not let it be closed.
    """
    new, changed, country = read_.new, set[str](), session.book.country
    if "status" in read_.given:
        changed |= customer_states.follow(tx, session, have, new.status, end_services=end_services)
    plain = {attr: getattr(new if f in read_.given else have, attr) for f, attr in _PLAIN.items()}
    changed |= {f for f, attr in _PLAIN.items() if plain[attr] != getattr(have, attr)}
    cells = rows.sealed(tx.db, have.id)
    given = dict(new.profile) | {"street": new.street}
    sealed = {name for name in rows.SEALED if _differs(vault, have, name, cells, read_, given)}
    if (changed | sealed) & ON_PAPER:
        keep_former(tx, have, cells)
    if changed & _PLAIN.keys():
        values = [int(v) if isinstance(v, bool) else v for v in plain.values()]
        tx.db.run(rows.UPDATE, (*values, have.id))
        tx.db.run(rows.DROP_TERMS, (have.id,))
        words = NewCustomer(have.account, plain["name"], town=plain["town"], postcode=plain["postcode"])
        tx.db.run_many(rows.ADD_TERM, new_customers.term_rows(have.id, words))
    for name in sorted(sealed):
        tx.db.run(_SET_CELL[name], (vault.seal("customer", name, have.uid, given[name]).envelope, have.id))
    return changed | sealed | _update_contacts(tx, vault, have, read_, country)


ON_PAPER = frozenset({"name", "town", "postcode", "street"})


def keep_former(tx: Transaction, customer: Customer, cells: Mapping[str, Sealed]) -> None:
    """Keep what a customer is called and where they live until this change, for documents that were posted before it."""
    street = cells["street"].envelope if "street" in cells else None
    former = (next(tx.ids(1)), customer.id, customer.uid, tx.seq, customer.name, customer.town, customer.postcode, street)
    tx.db.run(insert_into(tables.FormerCustomer), former)
    tx.touch(versions.FORMER, [customer.id])


def _differs(vault: Vault, have: Customer, name: str, cells: Mapping[str, Sealed], read_: Read, given: Mapping[str, str]) -> bool:
    """Whether a sealed cell is another one than what is given."""
    if name not in read_.given or not given.get(name):
        return False
    try:
        return name not in cells or vault.open("customer", name, have.uid, cells[name]).unwrap() != given[name]
    except Unreadable:
        return True  # A damaged cell differs from whatever the file says.


def _update_contacts(tx: Transaction, vault: Vault, have: Customer, read_: Read, country: str) -> set[str]:
    """Store the addresses and numbers that are given, and which of the two kinds differed.

    A file that names one of several leaves the others: it says nothing of them.
    """
    changed = set()
    for kind, values in (("email", read_.new.emails), ("phone", read_.new.phones)):
        if kind not in read_.given or not values:
            continue
        try:
            now = [vault.open("contact", k, u, v).unwrap() for u, k, v in rows.contacts(tx.db, have.id) if k == kind]
        except Unreadable:
            now = []
        wanted = tuple(values) if read_.whole or len(now) < 2 else _joined(now, values, kind, country)
        if sorted(now) == sorted(wanted) or (not read_.whole and _same(now, wanted, kind, country)):
            continue
        tx.db.run(_DROP_CONTACTS, (have.id, kind))
        only = NewCustomer(have.account, emails=wanted if kind == "email" else (), phones=wanted if kind == "phone" else ())
        ids = list(tx.take("id", len(wanted)))
        made = new_customers.contact_rows(vault, ids, [uuid4().bytes for _ in ids], have.id, only, country)
        tx.db.run_many(insert_into(tables.Contact), made)
        changed.add(kind)
    return changed


def _normal(value: str, kind: str, country: str) -> str:
    return normal_email(value) if kind == "email" else international_phone(value, country)


def _same(one: Sequence[str], other: Sequence[str], kind: str, country: str) -> bool:
    return sorted(_normal(v, kind, country) for v in one) == sorted(_normal(v, kind, country) for v in other)


def _joined(now: Sequence[str], values: Sequence[str], kind: str, country: str) -> tuple[str, ...]:
    known = {_normal(v, kind, country) for v in now}
    return (*now, *(v for v in values if _normal(v, kind, country) not in known))
