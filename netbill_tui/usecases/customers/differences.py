"""Writing what of a customer differs, with what its status means for its services."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from netbill_tui.billing.customers.accounts import Customer, NewCustomer
from netbill_tui.billing.customers.phones import international_phone, normal_email
from netbill_tui.db.core import tables, versions
from netbill_tui.db.core.statements import Statement
from netbill_tui.db.core.transaction import Transaction, insert_into
from netbill_tui.db.customers import accounts as rows
from netbill_tui.security.envelope import Unreadable
from netbill_tui.security.secret import Sealed
from netbill_tui.security.vault import Vault
from netbill_tui.usecases.core.hooks import STATUS_FOLLOW, hook
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import registration
from netbill_tui.usecases.customers.checking import PLAIN, Read

_SET_CELL = {f: Statement(f"update customer set {f} = ? where id = ?") for f in rows.SEALED}  # noqa: S608 - fixed names


_DROP_CONTACTS = Statement("delete from contact where customer_id = ? and kind = ?")


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
        changed |= hook(STATUS_FOLLOW)(tx, session, have, new.status, end_services=end_services)
    plain = {attr: getattr(new if f in read_.given else have, attr) for f, attr in PLAIN.items()}
    changed |= {f for f, attr in PLAIN.items() if plain[attr] != getattr(have, attr)}
    cells = rows.sealed(tx.db, have.id)
    given = dict(new.profile) | {"street": new.street}
    sealed = {name for name in rows.SEALED if _differs(vault, have, name, cells, read_, given)}
    if (changed | sealed) & ON_PAPER:
        keep_former(tx, have, cells)
    if changed & PLAIN.keys():
        values = [int(v) if isinstance(v, bool) else v for v in plain.values()]
        tx.db.run(rows.UPDATE, (*values, have.id))
        tx.db.run(rows.DROP_TERMS, (have.id,))
        words = NewCustomer(have.account, plain["name"], town=plain["town"], postcode=plain["postcode"])
        tx.db.run_many(rows.ADD_TERM, registration.term_rows(have.id, words))
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
        made = registration.contact_rows(vault, ids, [uuid4().bytes for _ in ids], have.id, only, country)
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
