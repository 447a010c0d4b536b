"""Import of customers: created, updated where other values stand in the file, or already there."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from netbill_tui.billing.customers import KINDS, STATUSES, Customer, NewCustomer
from netbill_tui.billing.payments import METHODS
from netbill_tui.billing.phones import check_email, check_phone, iban_is_valid
from netbill_tui.db import customers as rows
from netbill_tui.db import tables, versions
from netbill_tui.db.statements import Statement
from netbill_tui.db.transaction import Transaction, insert_into
from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.csv_files import Cells
from netbill_tui.security.envelope import Unreadable
from netbill_tui.security.vault import Vault
from netbill_tui.services import new_customers
from netbill_tui.services.session import Session
from netbill_tui.text import clean

if TYPE_CHECKING:
    from netbill_tui.services.importing import Result

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
    """A row that can be taken, and which fields the file speaks about."""

    new: NewCustomer
    given: frozenset[str]


def account_of(cells: Cells) -> str:
    """The account number of a row."""
    account = cleaned(cells, "account", 40, needed=True)
    if not ACCOUNT.match(account):
        raise cells.bad("account", f"{account!r} is not an account number: letters, digits and . : / - _ only")
    return account


def cleaned(cells: Cells, name: str, limit: int, *, needed: bool = False) -> str:
    """A text cell fit to be stored; a refusal names its column."""
    raw = cells.needed(name) if needed else cells.text(name)
    try:
        return clean(raw, "It", limit=limit)
    except InvalidInput as error:
        raise cells.bad(name, str(error)) from None


def _one_of(cells: Cells, name: str, allowed: tuple[str, ...], default: str) -> str:
    found = cells.text(name).lower()
    if found and found not in allowed:
        raise cells.bad(name, f"{found[:40]!r} is none of {', '.join(allowed)}")
    return found or default


def read(session: Session, cells: Cells) -> Read:  # noqa: ARG001 - every kind is read alike
    """The customer in a row, every cell checked."""
    since = cells.date("since")
    terms = cells.text("terms_days") or "30"
    if terms.lower() == "none":
        terms = "-1"  # none were agreed: the run parks the customer and says so
    elif not terms.isascii() or not terms.isdigit() or len(terms) > 3 or int(terms) > 365:
        raise cells.bad("terms_days", f"{terms[:40]!r} is not a number of days from 0 to 365")
    new = NewCustomer(
        account_of(cells), cleaned(cells, "name", 300), _one_of(cells, "kind", KINDS, "residential"),
        _one_of(cells, "status", STATUSES, "active"), since.isoformat() if since else None, int(terms),
        cleaned(cells, "town", 80), cleaned(cells, "postcode", 20), cleaned(cells, "plan", 120), cells.yes("paperless"),
        _one_of(cells, "method", tuple(METHODS), ""), cleaned(cells, "street", 200), _emails(cells), _phones(cells),
        _profile(cells),
    )  # fmt: skip
    given = frozenset(f for f in (*_PLAIN, "street", "email", "phone", *_PROFILE) if cells.has(f))
    return Read(new, given)


def _emails(cells: Cells) -> tuple[str, ...]:
    try:
        return tuple(check_email(clean(v, "It", limit=254)) for v in re.split(r"[;\s]+", cells.text("email")) if v)
    except InvalidInput as error:
        raise cells.bad("email", str(error)) from None


def _phones(cells: Cells) -> tuple[str, ...]:
    try:
        return tuple(check_phone(clean(v.strip(), "It", limit=40)) for v in cells.text("phone").split(";") if v.strip())
    except InvalidInput as error:
        raise cells.bad("phone", str(error)) from None


def _profile(cells: Cells) -> tuple[tuple[str, str], ...]:
    made = []
    for name in _PROFILE:
        if name == "birth_date":
            day = cells.date(name)
            value = day.isoformat() if day else ""
        elif name == "bank_account" and iban_is_valid(cells.text(name)):
            # An IBAN may hold a run of digits that passes for a card number; its own check digits vouch for it.
            value = cells.text(name)
        else:
            value = cleaned(cells, name, 80)
        if name == "credit_score" and value and not (value.isascii() and value.isdigit() and len(value) <= 6):
            raise cells.bad(name, f"{value[:40]!r} is not a whole number")
        if value:
            made.append((name, value))
    return tuple(made)


def store(tx: Transaction, session: Session, good: list[tuple[Cells, Read]], result: "Result") -> None:
    """Create what is new and change what differs; the last row of an account in a batch wins."""
    _, vault = session.sign_in_if_needed()
    # The last row of an account wins, so that the same file again finds what it left.
    last = {one.new.account: at for at, (_, one) in enumerate(good)}
    have = rows.by_accounts(session.db, list(last))
    fresh: dict[str, NewCustomer] = {}
    touched: list[int] = []
    for at, (_, one) in enumerate(good):
        account = one.new.account
        if at != last[account]:
            result.count("already")
        elif account in have:
            changed = _update(tx, vault, have[account], one, session.book.country)
            if changed:
                touched.append(have[account].id)
                have |= rows.by_accounts(session.db, [account])
            result.count("updated" if changed else "already")
        else:
            fresh[account] = one.new
            result.count("created")
    made = [(i, uuid4().bytes, new) for i, new in zip(tx.take("id", len(fresh)), fresh.values(), strict=True)] if fresh else []
    new_customers.store(tx, vault, made, session.book.country, lambda: uuid4().bytes)
    versions.post(tx, versions.CUSTOMER, touched)
    result.add("customers", len(made))


def _update(tx: Transaction, vault: Vault, have: Customer, read_: Read, country: str) -> bool:
    """Bring a customer to what the file says of it; True when anything was different."""
    new, changed = read_.new, False
    plain = {attr: getattr(new if f in read_.given else have, attr) for f, attr in _PLAIN.items()}
    if any(plain[a] != getattr(have, a) for a in _PLAIN.values()):
        values = [int(v) if isinstance(v, bool) else v for v in plain.values()]
        tx.db.run(rows.UPDATE, (*values, have.id))
        tx.db.run(rows.DROP_TERMS, (have.id,))
        words = NewCustomer(have.account, plain["name"], town=plain["town"], postcode=plain["postcode"])
        tx.db.run_many(rows.ADD_TERM, new_customers.term_rows(have.id, words))
        changed = True
    given = dict(new.profile) | {"street": new.street}
    cells = rows.sealed(tx.db, have.id)
    for name in rows.SEALED:
        if name not in read_.given or not given.get(name):
            continue
        try:
            same = name in cells and vault.open("customer", name, have.uid, cells[name]).unwrap() == given[name]
        except Unreadable:
            same = False
        if not same:
            tx.db.run(_SET_CELL[name], (vault.seal("customer", name, have.uid, given[name]).envelope, have.id))
            changed = True
    return _update_contacts(tx, vault, have, read_, country) or changed


def _update_contacts(tx: Transaction, vault: Vault, have: Customer, read_: Read, country: str) -> bool:
    changed = False
    for kind, values in (("email", read_.new.emails), ("phone", read_.new.phones)):
        if kind not in read_.given or not values:
            continue
        try:
            now = [vault.open("contact", k, u, v).unwrap() for u, k, v in rows.contacts(tx.db, have.id) if k == kind]
        except Unreadable:
            now = []  # A damaged cell differs from whatever the file says.
        if sorted(now) == sorted(values):
            continue
        tx.db.run(_DROP_CONTACTS, (have.id, kind))
        only = NewCustomer(have.account, emails=values if kind == "email" else (), phones=values if kind == "phone" else ())
        ids = list(tx.take("id", len(values)))
        made = new_customers.contact_rows(vault, ids, [uuid4().bytes for _ in ids], have.id, only, country)
        tx.db.run_many(insert_into(tables.Contact), made)
        changed = True
    return changed
