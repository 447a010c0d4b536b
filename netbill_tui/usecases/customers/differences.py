"""Writing what of a customer differs, with what its status means for its services."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import uuid4

from netbill_tui.billing.customers.accounts import Customer, NewCustomer
from netbill_tui.billing.customers.phones import international_phone, normal_email
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts, contacts, former
from netbill_tui.security.envelope import Unreadable
from netbill_tui.security.secret import Sealed
from netbill_tui.security.vault import Vault
from netbill_tui.usecases.core.hooks import STATUS_FOLLOW, hook
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import registration
from netbill_tui.usecases.customers.checking import PLAIN, Read


class Held(NamedTuple):
    """The sealed cells and contacts of a customer, where they were read with those of others."""

    cells: Mapping[str, Sealed]
    contacts: Sequence[contacts.Contact]


def change(
    tx: Transaction,
    vault: Vault,
    session: Session,
    have: Customer,
    read_: Read,
    *,
    end_services: bool = False,
    held: Held | None = None,
) -> set[str]:
    """Bring a customer to what is said of it, with what its status means for its services; the names of what was different.

    The caller posts the version of the record.

    Raises:
        Refused: Its services do not let it be closed.
    """
    new, changed, country = read_.new, set[str](), session.book.country
    if "status" in read_.spoken_of:
        changed |= hook(STATUS_FOLLOW)(tx, session, have, new.status, end_services=end_services)
    plain = {attr: getattr(new if f in read_.spoken_of else have, attr) for f, attr in PLAIN.items()}
    changed |= {f for f, attr in PLAIN.items() if plain[attr] != getattr(have, attr)}
    cells = accounts.sealed(tx.db, have.id) if held is None else held.cells
    plain_text = dict(new.profile) | {"street": new.street}
    sealed = {name for name in accounts.SEALED if _differs(vault, have, name, cells, read_, plain_text)}
    if (changed | sealed) & ON_PAPER:
        former.keep(tx, have, cells.get("street"))
    if changed & PLAIN.keys():
        after = have._replace(**plain)
        accounts.update(tx.db, after, registration.term_rows(have.id, after))
    if "language" in changed:
        accounts.set_language(tx, have.id, plain["language"])
    for name in sorted(sealed):
        accounts.set_cell(tx.db, have.id, name, vault.seal("customer", name, have.uid, plain_text[name]))
    return changed | sealed | _update_contacts(tx, vault, have, read_, country, held)


ON_PAPER = frozenset({"name", "town", "postcode", "street"})


def _differs(
    vault: Vault, have: Customer, name: str, cells: Mapping[str, Sealed], read_: Read, plain_text: Mapping[str, str]
) -> bool:
    """Whether a sealed cell is another one than what is given."""
    if name not in read_.spoken_of or not plain_text.get(name):
        return False
    try:
        return name not in cells or vault.open("customer", name, have.uid, cells[name]).unwrap() != plain_text[name]
    except Unreadable:
        return True  # A damaged cell differs from whatever the file says.


def _update_contacts(tx: Transaction, vault: Vault, have: Customer, read_: Read, country: str, before: Held | None) -> set[str]:
    """Store the addresses and numbers that are given, and which of the two kinds differed.

    A file that names one of several leaves the others: it says nothing of them.
    """
    changed = set()
    for kind, values in (("email", read_.new.emails), ("phone", read_.new.phones)):
        if kind not in read_.spoken_of or not values:
            continue
        try:
            every = contacts.of_customer(tx.db, have.id) if before is None else before.contacts
            held = [c for c in every if c.kind == kind]
            now = [vault.open("contact", kind, c.uid, c.value).unwrap() for c in held]
        except Unreadable:
            now = []
        values_now = tuple(values) if read_.whole or len(now) < 2 else _joined(now, values, kind, country)
        if sorted(now) == sorted(values_now) or (not read_.whole and _same(now, values_now, kind, country)):
            continue
        contacts.drop(tx.db, have.id, kind)
        only = NewCustomer(
            have.account, emails=values_now if kind == "email" else (), phones=values_now if kind == "phone" else ()
        )
        ids = list(tx.take("id", len(values_now)))
        contacts.add(tx.db, registration.contact_rows(vault, ids, [uuid4().bytes for _ in ids], have.id, only, country))
        changed.add(kind)
    return changed


def _normal(value: str, kind: str, country: str) -> str:
    return normal_email(value) if kind == "email" else international_phone(value, country)


def _same(first: Sequence[str], second: Sequence[str], kind: str, country: str) -> bool:
    return sorted(_normal(v, kind, country) for v in first) == sorted(_normal(v, kind, country) for v in second)


def _joined(now: Sequence[str], values: Sequence[str], kind: str, country: str) -> tuple[str, ...]:
    known = {_normal(v, kind, country) for v in now}
    return (*now, *(v for v in values if _normal(v, kind, country) not in known))
