"""One search over payments, customers and invoices. Order: behaviours 1; exact hits stand above fuzzy ones."""

from netbill_tui.billing.finding import Hit, Query, near_words, read_query
from netbill_tui.billing.phones import normal_email, normal_phone
from netbill_tui.db import customers as customer_rows
from netbill_tui.db import finding as rows
from netbill_tui.db import invoices as invoice_rows
from netbill_tui.services.session import Session

LIMIT = 100
SCOPES = ("all", "payment", "customer", "invoice")


def find(session: Session, text: str, *, scope: str = "all") -> list[Hit]:
    """What the typed text finds, best first, each thing once.

    Args:
        session: Phones and e-mails are searched when its operator holds CONTACT.
        text: As typed: number, name, phone, e-mail, reference, amount or date.
        scope: One of SCOPES.
    """
    query = read_query(text, session.book.currency, session.date())
    if not query.text:
        return []
    as_of = session.date().isoformat()
    found = rows.by_number(session.db, query.text, as_of)
    found += _by_contact(session, query)
    if len(query.key) >= 2:
        found += rows.by_reference(session.db, query.key, as_of)
    if query.words and not query.text.isdigit():
        found += rows.by_words(session.db, query.words)
    if query.amount:
        found += rows.by_amount(session.db, query.amount, as_of)
    if query.day:
        found += rows.by_day(session.db, query.day, as_of)
    if len(query.text) >= 3 and query.text.isascii():
        found += rows.by_number_prefix(session.db, query.text, as_of)
    if query.text.isdigit():
        found += rows.by_words(session.db, query.words)
    if not found and query.words and not query.digits and not query.email:
        found = _by_typo(session, query.words)
    unique: dict[tuple[str, str], Hit] = {}
    for hit in found:
        if scope in ("all", hit.type):
            unique.setdefault((hit.type, hit.id), hit)
    # A pretended date shows nothing that came later.
    until = session.date().isoformat() if session.is_past else None
    hits = [h for h in unique.values() if until is None or h.date is None or h.date <= until][:LIMIT]
    return hits if until is None else [_as_of(session, h, until) for h in hits]


def _as_of(session: Session, hit: Hit, until: str) -> Hit:
    """The hit with its amount and state of a past date."""
    if hit.type == "customer":
        customer = customer_rows.by_account(session.db, hit.account)
        return hit if customer is None else hit._replace(amount=invoice_rows.balance_as_of(session.db, customer.id, until))
    due = invoice_rows.by_number(session.db, hit.id, until) if hit.type == "invoice" else None
    return hit if due is None else hit._replace(amount=due.open or due.total, state=due.state)


def _by_typo(session: Session, words: tuple[str, ...]) -> list[Hit]:
    """Customers whose name has every word, where each may have one mistyped letter. Asked only when nothing else was found."""
    known = session.name_words(rows.dictionary)
    # A word that is still being typed is the beginning of one, which is no mistake.
    groups = [near_words(word, known) for word in words]
    return rows.by_any_words(session.db, groups) if all(groups) else []


def wants_contacts(session: Session, text: str) -> bool:
    """True when the text may be a phone number or an e-mail address, which only a key can search."""
    query = read_query(text, session.book.currency, session.date())
    return bool(query.email) or len(query.digits) >= 4


def _by_contact(session: Session, query: Query) -> list[Hit]:
    vault = session.vault
    if vault is None or not vault.holds("CONTACT"):
        return []
    if query.email:
        normal = normal_email(query.email)
        return _opened(session, "email", vault.blind_indexes("email", "email.v1", normal), normal, tail=False)
    if len(query.digits) < 4:
        return []
    index = vault.blind_indexes("phone", "phone4.v1", query.digits[-4:])
    wanted = query.digits.lstrip("0") if len(query.digits) > 9 else query.digits
    found = _opened(session, "phone", index, wanted, tail=True)
    if not found and len(query.digits) > 9:
        normal = normal_phone(query.text, session.book.country)
        found = _opened(session, "phone", vault.blind_indexes("phone", "phone.v1", normal), normal, tail=False)
    return found


def _opened(session: Session, field: str, indexes: list[int], wanted: str, *, tail: bool) -> list[Hit]:
    """The contacts of a bucket, opened and compared before any is shown: a bucket holds strangers too."""
    from netbill_tui.security.envelope import Unreadable

    vault = session.vault
    assert vault is not None
    hits = []
    for customer_id, uid, sealed in (c for i in indexes for c in rows.contacts_by_index(session.db, i, tail=tail)):
        try:
            value = vault.open("contact", field, uid, sealed).unwrap()
        except Unreadable:
            continue
        normal = normal_email(value) if field == "email" else normal_phone(value, session.book.country)
        if normal == wanted or (tail and normal.endswith(wanted)):
            why = f"phone ..{normal[-4:]}" if field == "phone" else "e-mail"
            hit = rows.customer(session.db, customer_id, why)
            hits += [hit] if hit else []
    return hits[: rows.LIMIT]
