"""What is sealed about a customer: shown to who holds the key, after its audit event.

Source: docs/security.md, *Sealed fields*.
"""

import hmac
from typing import NamedTuple

from netbill_tui.billing.core.dates import parse_birth_date
from netbill_tui.billing.customers.accounts import MASK, PROFILE
from netbill_tui.db.core import chain
from netbill_tui.db.customers import accounts, contacts
from netbill_tui.errors import InvalidInput, NotFound, NotPermitted, Refused
from netbill_tui.security import rights
from netbill_tui.security.envelope import Unreadable
from netbill_tui.security.keys import CONTACT, PRIVATE
from netbill_tui.security.vault import FIELDS, UNREADABLE
from netbill_tui.text import clean
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers.accounts import find_customer


def show_contact(session: Session, account: str) -> list[tuple[str, str]]:
    """Street, e-mail and phone of an opened card, to who holds CONTACT; empty for who does not.

    Side effect: one audit event, committed before anything is opened. Source: docs/security.md, *Sealed fields*.
    """
    customer = find_customer(session, account)
    _, vault = session.sign_in_if_needed()
    if session.settings.readonly or not vault.holds(CONTACT):
        return []
    street = accounts.sealed(session.db, customer.id).get("street")
    reached = contacts.of_customer(session.db, customer.id)
    if street is None and not reached:
        return []
    note_opened(session, customer.account, len(reached) + (street is not None))
    cells = [("street", "customer", customer.uid, street)] if street is not None else []
    cells += [(c.kind, "contact", c.uid, c.value) for c in reached]
    shown = []
    for field, table, uid, cell in cells:
        try:
            shown.append((field, vault.open(table, field, uid, cell).unwrap()))
        except Unreadable:
            shown.append((field, UNREADABLE))
    return shown


def note_opened(session: Session, account: str, fields: int) -> None:
    """Leave the audit event of opening contact data; committed before anything is opened.

    Source: docs/security.md, *Sealed fields*.
    """
    with writing(session, rights.LOOK, posts=False) as tx:
        tx.note("contact.show", account, {"fields": fields})


class ProfileField(NamedTuple):
    """A field of a profile: its name, its words, and what is shown of it, empty for one that was not captured."""

    field: str
    words: str
    shown: str


def profile(session: Session, account: str) -> list[ProfileField]:
    """The private fields of a customer, masked."""
    have = accounts.sealed(session.db, find_customer(session, account).id)
    return [ProfileField(field, words, MASK if field in have else "") for field, words in PROFILE]


def reveal(session: Session, account: str, field: str, reason: str) -> str:
    """One PRIVATE field in clear. The caller hides it again after 20 seconds or on leaving.

    Raises:
        NotPermitted: The PIN, which is only compared; or the operator holds no key.
        InvalidInput: There is no reason, or no such field.
        NotFound: The field was never captured.

    Side effect: the audit event is committed before the value is opened. Source: docs/security.md, *Sealed fields*.
    """
    customer = find_customer(session, account)
    reason = clean(reason, "The reason", limit=200)
    if len(reason) < 3:
        raise InvalidInput("A reveal needs a reason; type why, such as: caller asks for a copy.")
    if field == "pin":
        raise NotPermitted("The PIN is never shown; compare what the caller says instead.")
    if ("customer", field) not in FIELDS:
        raise InvalidInput(f"{field!r} is not a profile field; type one of {', '.join(f for f, _ in PROFILE if f != 'pin')}.")
    session.needs(rights.REVEAL)
    _, vault = session.sign_in_if_needed()
    if not vault.holds(PRIVATE):
        raise NotPermitted("You hold no key for private data; ask an administrator.")
    cell = accounts.sealed(session.db, customer.id).get(field)
    if cell is None:
        raise NotFound(f"No {field.replace('_', ' ')} was captured for {customer.account}.")
    with writing(session, rights.REVEAL, posts=False) as tx:
        tx.note("profile.reveal", customer.account, {"field": field, "reason": reason})
    try:
        return vault.open("customer", field, customer.uid, cell).unwrap()
    except Unreadable:
        return UNREADABLE


CALLER_SAYS = {
    "pin": "PIN",
    "birth_date": "birth date",
    "tax_id": "last four of the tax id",
}
_TRIES, _TRY_S = 5, 900


def caller_matches(session: Session, account: str, field: str, said: str) -> bool:
    """Whether what the caller says is what was captured. It is compared here, never shown, whole or in part.

    Args:
        session: Who asks.
        account: Whose card is open.
        field: One of CALLER_SAYS.
        said: The PIN; the birth date as any date is typed; the last four characters of the tax id.

    Raises:
        NotFound: The field was never captured.
        Refused: Five wrong answers for this account within a quarter of an hour.
        InvalidInput: Not a field that is compared, or not a date.

    Side effect: one audit event with the answer, committed before it is given.
    """
    if field not in CALLER_SAYS:
        raise InvalidInput(f"{field!r} cannot be compared; type one of {', '.join(CALLER_SAYS)}.")
    customer = find_customer(session, account)
    said = said.strip()
    if field == "birth_date":
        said = parse_birth_date(said, session.today()).isoformat()
    session.needs(rights.CHECK)
    _, vault = session.sign_in_if_needed()
    cell = accounts.sealed(session.db, customer.id).get(field)
    if cell is None:
        raise NotFound(f"No {dict(PROFILE)[field]} was captured for {customer.account}.")
    try:
        value = vault.open("customer", field, customer.uid, cell).unwrap()
        if field == "tax_id":
            value, said = _tail(value), _tail(said)
        matches = bool(said) and hmac.compare_digest(value.encode(), said.encode())
    except Unreadable:
        matches = False
    with writing(session, rights.CHECK, posts=False) as tx:
        # Counted under the account's lock: two sessions that guess at once get no more tries than one.
        accounts.lock(session.db, customer.id)
        checks = chain.about(session.db, "caller.check", customer.account, session.now_us() - _TRY_S * 1_000_000)
        wrong = sum(not event.said.get("match") for event in checks)
        if wrong >= _TRIES:
            raise Refused(f"{wrong} wrong answers for {customer.account} within a quarter of an hour; try again later.")
        tx.note("caller.check", customer.account, {"field": field, "match": matches})
    return matches


def _tail(tax_id: str) -> str:
    return "".join(c for c in tax_id.upper() if c.isalnum())[-4:]
