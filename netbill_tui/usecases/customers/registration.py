"""Storing new customers with their sealed fields, contacts and search words: for imports and the demo."""

from collections.abc import Sequence

from netbill_tui.billing.customers.accounts import Customer, NewCustomer
from netbill_tui.billing.customers.phones import international_phone, normal_email
from netbill_tui.db.core import versions
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts, contacts
from netbill_tui.db.customers.contacts import INDEX_NAMES
from netbill_tui.db.lookup import lists as list_rows
from netbill_tui.db.receivables import balances
from netbill_tui.security.secret import Sealed
from netbill_tui.security.vault import Vault
from netbill_tui.text import search_words
from netbill_tui.usecases.core.session import Session

Row = tuple[object, ...]


def _cell(sealed: Sealed | None) -> bytes | None:
    return sealed.envelope if sealed is not None else None


def customer_row(vault: Vault, customer_id: int, uid: bytes, new: NewCustomer, now_us: int) -> Row:
    """The row of a new customer; what was given of the profile is sealed to it."""
    plain_text = dict(new.profile) | ({"street": new.street} if new.street else {})
    cells = [_cell(vault.seal("customer", f, uid, plain_text[f])) if plain_text.get(f) else None for f in accounts.SEALED]
    return (
        customer_id, uid, new.account, new.name, new.kind, new.status, new.since, new.terms_days, new.town, new.postcode,
        new.plan, int(new.paperless), new.preferred_method, *cells, now_us,
    )  # fmt: skip


def contact_rows(
    vault: Vault, ids: Sequence[int], uids: Sequence[bytes], customer_id: int, new: NewCustomer, country: str
) -> list[Row]:
    """The contacts of a customer, sealed, with their blind indexes."""
    contacts_: list[Row] = []
    values = [("email", v) for v in new.emails] + [("phone", v) for v in new.phones]
    for contact_id, uid, (kind, value) in zip(ids, uids, values, strict=True):
        normal = normal_email(value) if kind == "email" else international_phone(value, country)
        index = vault.blind_index(kind, INDEX_NAMES[kind], normal)
        tail = vault.blind_index("phone", "phone4.v1", normal[-4:]) if kind == "phone" and len(normal) >= 4 else None
        sealed = vault.seal("contact", kind, uid, value)
        contacts_.append((contact_id, uid, customer_id, kind, sealed.envelope, index, tail))
    return contacts_


def term_rows(customer_id: int, known: Customer | NewCustomer) -> list[tuple[str, int]]:
    """The words by which a customer is found: name, town and postcode."""
    words = search_words(known.name) + search_words(known.town) + search_words(known.postcode)
    return [(word, customer_id) for word in dict.fromkeys(words)]


def store(
    tx: Transaction, vault: Vault, customers: Sequence[tuple[int, bytes, NewCustomer]], country: str, new_uid: object
) -> None:
    """Insert customers with all that hangs on them.

    Args:
        tx: The transaction.
        vault: Seals the profile.
        customers: Row id, record uuid and what is known.
        country: Of the book, for phone numbers.
        new_uid: A function that gives 16 fresh bytes for each contact.
    """
    assert callable(new_uid)
    db = tx.db
    people = [customer_row(vault, i, uid, new, tx.now_us) for i, uid, new in customers]
    accounts.add(db, people, [term for i, _, new in customers for term in term_rows(i, new)])
    reached: list[Row] = []
    for customer_id, _, new in customers:
        number = len(new.emails) + len(new.phones)
        if number:
            ids = list(tx.take("id", number))
            reached += contact_rows(vault, ids, [new_uid() for _ in ids], customer_id, new, country)
    contacts.add(db, reached)
    balances.add_customer(db, [(i, new.account) for i, _, new in customers])
    for customer_id, _, new in customers:
        if new.language:
            accounts.set_language(tx, customer_id, new.language)
    versions.post(tx, versions.CUSTOMER, [i for i, _, _ in customers])


def plans(session: Session) -> list[str]:
    """The plans that customers have, most used first."""
    return list_rows.plans(session.db)
