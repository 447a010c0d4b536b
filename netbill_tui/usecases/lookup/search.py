"""One search over payments, customers and invoices. Order: docs/rules.md, *1 Find*; exact hits stand above fuzzy ones."""

from collections import Counter

from netbill_tui.billing.customers.phones import international_phone, normal_email, normal_phone
from netbill_tui.billing.lookup.search import (
    WITHOUT_AMOUNT,
    Found,
    Hit,
    Query,
    account_numbers,
    near_words,
    read_query,
    serial_number,
)
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.lookup import lists as list_rows
from netbill_tui.db.lookup import search as search_rows
from netbill_tui.db.lookup.search import Source
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.text import query_words
from netbill_tui.usecases.catalogue.numbers import numbers_meant
from netbill_tui.usecases.core.session import Session

__all__ = ["WITHOUT_AMOUNT"]
LIMIT = 100
SCOPES = ("all", "payment", "customer", "invoice")
# A credit note is looked for where invoices are.
_KIND_OF = {"credit-note": "invoice"}


def find(session: Session, text: str, *, scope: str = "all") -> list[Hit]:
    """The first LIMIT of what the typed text finds, best first, each thing once. See `search`."""
    return search(session, text, scope=scope).hits


def search(session: Session, text: str, *, scope: str = "all") -> Found:
    """What the typed text finds, best first, each thing once, and how much that is in all.

    Args:
        session: Phones and e-mails are searched when its operator holds CONTACT.
        text: As typed: number, name, phone, e-mail, reference, amount, date, or a name or number with an amount, a date or both.
        scope: One of SCOPES.
    """
    query = read_query(text, session.book.currency, session.date())
    if not query.text:
        return Found([], 0)
    until = session.date().isoformat()
    numbers = (account_numbers(query.text), numbers_meant(session, query.text))
    exact = search_rows.by_number(session.db, *numbers, until)
    contacts = _by_contact(session, query)
    before, after = _sources(session, query)
    if contacts:
        after = [search_rows.of_accounts([h.account for h in contacts]), *after]
    sources = [s for s in (*before, *after) if scope in ("all", _KIND_OF.get(s.kind, s.kind))]
    asked = list(dict.fromkeys(sources))
    rows = search_rows.read(session.db, asked, until)
    read = {source: _ranked(source, hits, query) for source, hits in zip(asked, rows, strict=True)}
    serials = _by_serial(session, query.text) if scope == "all" else []
    found_hits = [*exact, *(h for h in serials if h.exact), *_ordered(before, read), *contacts, *_ordered(after, read)]
    found_hits += serials  # a number alone is more often an amount, or of a document
    if not found_hits and query.words and not query.digits and not query.email and scope in ("all", "customer"):
        read, found_hits = _by_typo(session, query.words, until)
    unique: dict[tuple[str, str], Hit] = {}
    for hit in found_hits:
        # A pretended date shows nothing that came later.
        if scope in ("all", _KIND_OF.get(hit.type, hit.type)) and (hit.date is None or hit.date <= until):
            unique.setdefault((hit.type, hit.id), hit)
    hits = _planned(session, list(unique.values())[:LIMIT])
    if session.calendar.is_past:
        hits = [_as_of(session, h, until) for h in hits]
    is_whole = len(unique) <= LIMIT and all(len(read[s]) < min(s.limit, search_rows.LIMIT) for s in read)
    counts = Counter(h.type for h in unique.values())
    if not is_whole:
        counts = _counts(session, [*search_rows.numbered(*numbers), *read], counts, until)
    return Found(hits, counts.total(), counts)


def _by_serial(session: Session, text: str) -> list[Hit]:
    """The service, approval or note of this number, as messages and lists name them."""
    kind, number = serial_number(text)
    hits = search_rows.by_serial(session.db, kind, number) if number else []
    return [h._replace(date=session.calendar.day_of(int(h.date or 0)).isoformat()) if h.type == "approval" else h for h in hits]


def _sources(session: Session, query: Query) -> tuple[list[Source], list[Source]]:
    """Where it is looked for, in the order of what is shown: what stands before people found by phone or mail, and behind."""
    before: list[Source] = []
    if query.amount is not None and query.printed and not query.rest and query.day is None:
        before += search_rows.amount(query.amount, past=session.calendar.is_past)
    elif query.day is not None and query.amount is None and not query.rest:
        before += search_rows.day(query.day)
    readings = [(query.beside, query.rest, query.amount)]
    if query.amount is not None and not query.printed:
        # A whole number may be an account, or of a name.
        readings.append((query.all_but_day, tuple(query_words(query.all_but_day)), None))
    for typed, found_words, amount in readings:
        if sum(part is not None and part != () for part in (amount, query.day, found_words)) > 1:
            accounts = account_numbers(typed) if typed and " " not in typed else []
            before += search_rows.together(session.db, found_words, accounts, amount, query.day)
    after: list[Source] = []
    if len(query.key) >= 2:
        after += search_rows.references(query.key)
    by_words = [search_rows.words(query.words)] if query.words else []
    is_number = query.text.isdigit()
    if not is_number:
        after += by_words
    if len(query.text) >= 3 and query.text.isascii():
        after += search_rows.number_prefix(query.text)
    if is_number:
        after += by_words
        after += search_rows.amount(query.amount, past=session.calendar.is_past) if query.amount else []
    return before, after


def _ranked(source: Source, hits: list[Hit], query: Query) -> list[Hit]:
    """The hits of a source, where names are compared the best of them first."""
    if source.kind != "customer" or source.limit == search_rows.LIMIT:
        return hits
    joined = " ".join(query.words)
    return sorted(hits, key=lambda h: (not h.name.lower().startswith(joined), h.name, h.account))[: search_rows.LIMIT]


def _counts(session: Session, sources: list[Source], shown: Counter[str], until: str) -> Counter[str]:
    """How many there are in all, by kind: what its sources have, or what is known where that is more."""
    own = {kind: [s for s in sources if s.kind == kind] for kind in shown}
    counted = [kind for kind, of_kind in own.items() if of_kind]
    counts = session.db.together(*(search_rows.reading_count(own[kind], until) for kind in counted)) if counted else ()
    return shown | Counter(dict(zip(counted, counts, strict=True)))


def _ordered(sources: list[Source], read: dict[Source, list[Hit]]) -> list[Hit]:
    """The hits of the sources in their order; payments by part of their reference newest first."""
    hits: list[Hit] = []
    parts = [h for s in sources if s.is_part for h in read.get(s, [])]
    for source in sources:
        hits += read.get(source, []) if not source.is_part else []
        if source.is_part and parts:
            hits += sorted(parts, key=lambda h: (h.date or "", len(h.id), h.id), reverse=True)
            parts = []
    return hits


def _planned(session: Session, hits: list[Hit]) -> list[Hit]:
    """Customers with what they take, as their cards say it; what was typed as plan stands where no service runs."""
    plans = list_rows.plans_of(session.db, [h.customer_id for h in hits if h.customer_id and not h.is_why])
    return [h._replace(reference=plans[h.customer_id]) if h.customer_id in plans and not h.is_why else h for h in hits]


def _as_of(session: Session, hit: Hit, until: str) -> Hit:
    """The hit with its amount and state of a past date."""
    if hit.type == "customer":
        customer = customer_rows.by_account(session.db, hit.account)
        return hit if customer is None else hit._replace(amount=invoice_rows.balance_as_of(session.db, customer.id, until))
    due = invoice_rows.by_number(session.db, hit.id, until) if hit.type == "invoice" else None
    return hit if due is None else hit._replace(amount=due.open or due.total, state=due.state)


def _by_typo(session: Session, words: tuple[str, ...], until: str) -> tuple[dict[Source, list[Hit]], list[Hit]]:
    """Customers whose name has every word, where each may have one mistyped letter; what they were found by is told.

    Asked only when nothing else was found.
    """
    known = session.name_words(search_rows.dictionary)
    # A word that is still being typed is the beginning of one, which is no mistake.
    groups = [near_words(word, known) for word in words]
    if not all(groups):
        return {}, []
    why = "like " + " ".join(group[0] for group in groups)
    source = search_rows.any_words(groups)
    (rows,) = search_rows.read(session.db, [source], until)
    hits = [h._replace(reference=why, is_why=True) for h in rows]
    return {source: hits}, hits


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
        return _opened(session, "email", vault.blind_indexes("email", "email.v1", normal), (normal,), tail=False)
    if len(query.digits) < 4:
        return []
    index = vault.blind_indexes("phone", "phone4.v1", query.digits[-4:])
    digits = query.digits.lstrip("0") if len(query.digits) > 9 else query.digits
    hits = _opened(session, "phone", index, (digits,), tail=True)
    if not hits and len(query.digits) > 9:
        newer, older = international_phone(query.text, session.book.country), normal_phone(query.text, session.book.country)
        indexes = vault.blind_indexes("phone", "phone.v2", newer) + vault.blind_indexes("phone", "phone.v1", older)
        hits = _opened(session, "phone", indexes, (newer, older), tail=False)
    return hits


def _phone_forms(value: str, country: str) -> list[str]:
    return [international_phone(value, country), normal_phone(value, country)]


def _opened(session: Session, field: str, indexes: list[int], values: tuple[str, ...], *, tail: bool) -> list[Hit]:
    """The contacts of a bucket, opened and compared before any is shown: a bucket holds strangers too."""
    from netbill_tui.security.envelope import Unreadable

    vault = session.vault
    assert vault is not None
    whys: dict[int, str] = {}
    for contact in (c for i in indexes for c in search_rows.contacts_by_index(session.db, i, tail=tail)):
        try:
            value = vault.open("contact", field, contact.uid, contact.value).unwrap()
        except Unreadable:
            continue
        forms = [normal_email(value)] if field == "email" else _phone_forms(value, session.book.country)
        if any(f in values or (tail and f.endswith(values)) for f in forms):
            why = f"phone ..{forms[0][-4:]}" if field == "phone" else "e-mail"
            whys.setdefault(contact.customer_id, why)
    return search_rows.customers(session.db, whys)
