"""A new customer and changed master data, by the same checks and the same writing as an import of one row."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from uuid import uuid4

from netbill_tui.billing.customers.accounts import Customer
from netbill_tui.db.core import unfinished_forms, versions
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts, contacts, former
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.security import rights
from netbill_tui.usecases.core.hooks import STATUS_CHECK, hook
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import answered, claim_of, once, writing
from netbill_tui.usecases.customers import checking, differences, registration
from netbill_tui.usecases.customers.accounts import find_customer
from netbill_tui.usecases.customers.typed import Typed

# Field, its words on the form; the sealed ones of PRIVATE stand last.
FORM = (
    ("name", "Name"), ("kind", "Kind"), ("status", "Status"), ("since", "Since"), ("plan", "Plan"), ("terms_days", "Terms, days"),
    ("method", "Prefers"), ("paperless", "Paperless"),
    ("language", "Language"), ("street", "Street"), ("postcode", "Postcode"), ("town", "Town"),
    ("phone", "Phone"), ("email", "E-mail"),
)  # fmt: skip
SECRET = (
    ("tax_id", "Tax id"),
    ("birth_date", "Birth date"),
    ("bank_account", "Bank account"),
    ("credit_score", "Credit score"),
    ("pin", "PIN"),
)


def check(session: Session, fields: Mapping[str, str]) -> checking.Read:
    """The customer that the fields make, every one checked.

    Raises:
        InvalidInput: The first that cannot be taken, by its words on the form.
    """
    return checking.read(session, Typed(fields, dict((*FORM, *SECRET, ("account", "Account"))), session.today()), typed=True)


def check_new(session: Session, fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of a customer that can be stored, without empty ones. Changes nothing; refuses what `create` refuses."""
    filled = {name: value for name, value in fields.items() if value.strip()}
    if not filled.get("name"):
        raise InvalidInput("Name: a customer needs one; type it as Smith, John.")
    read = check(session, {**filled, "account": filled.get("account", "C0")})
    if filled.get("account") and checking.known_accounts(session, [read.new.account]):
        raise Refused(f"The account {read.new.account} is in use; leave the number empty to get the next one.")
    return filled


def create(
    session: Session, fields: Mapping[str, str], *, draft: bytes | None = None, request_id: bytes | None = None
) -> Customer:
    """Store a new customer; the next free number is the account where none is given.

    Args:
        session: Who stores.
        fields: Fields of an import of customers, as they are typed.
        draft: The half-filled form that this was; it goes in the same transaction, so it is never offered again.
        request_id: Made when the form opened.

    Raises:
        InvalidInput: No name, or a field that cannot be taken.
        Refused: The account number is in use.

    Side effect: one audit event.
    """
    # What is sealed is no part of the hash: it stands in clear, and a telephone number is soon guessed from it.
    sealed = {*accounts.SEALED, *dict(SECRET), "phone", "email"}
    plain = {f: v for f, v in fields.items() if f not in sealed}
    claim = claim_of(request_id, "customer", plain)
    known = answered(session, claim)
    if known is not None:
        return _stored(session, known)
    filled = check_new(session, fields)

    def work(tx: Transaction) -> int:
        read = check(session, {**filled, "account": filled.get("account") or _free_account(session, tx)})
        account = read.new.account
        if accounts.by_account(session.db, account) is not None:
            raise Refused(f"The account {account} is in use; leave the number empty to get the next one.")
        _, vault = session.sign_in_if_needed()
        (customer_id,) = tx.take("id")
        new_rows = [(customer_id, uuid4().bytes, read.new)]
        registration.store(tx, vault, new_rows, session.book.country, lambda: uuid4().bytes)
        if draft is not None:
            unfinished_forms.drop_draft(session.db, draft)
        tx.note("customer.create", account, {"fields": sorted(filled)})
        return int(customer_id)

    return _stored(session, once(session, rights.CUSTOMER, claim, work))


def _stored(session: Session, customer_id: int) -> Customer:
    customer = accounts.by_id(session.db, customer_id)
    assert customer is not None
    return customer


def _free_account(session: Session, tx: Transaction) -> str:
    account = f"C{tx.take('account')[0]}"
    if accounts.by_account(session.db, account) is None:
        return account
    # Somebody brought accounts of this shape from elsewhere: go on behind the highest of them.
    accounts.continue_series(session.db)
    return f"C{tx.take('account')[0]}"


def change(
    session: Session, account: str, fields: Mapping[str, str], *, draft: bytes | None = None, end_services: bool = False
) -> Customer:
    """Change what is known of a customer; an empty field is emptied, one that is not given stays.

    A status brings its services with it: see services/with_account.

    Args:
        session: Who changes.
        account: Whose.
        fields: Fields of an import of customers, as they are typed.
        draft: The half-filled form that this was.
        end_services: Running services end today where the account is closed.

    Raises:
        InvalidInput: A field that cannot be taken, or nothing to change.
        RunningServices: It cannot be closed while services run.

    Side effect: one audit event, which names the fields that differ and no value but the status.
    """
    customer = check_change(session, account, fields, end_services=end_services)
    read = check(session, {**fields, "account": customer.account})
    _, vault = session.sign_in_if_needed()
    cleared = [f for f in fields if not fields[f].strip() and f in (*accounts.SEALED, "email", "phone")]
    with writing(session, rights.CUSTOMER) as tx:
        accounts.lock(session.db, customer.id)
        versions.hold(tx, versions.CUSTOMER, [customer.id])
        now = accounts.by_id(session.db, customer.id)
        assert now is not None
        changed = differences.change(tx, vault, session, now, read, end_services=end_services)
        changed |= _clear(tx, session, now, cleared, changed)
        if draft is not None:
            unfinished_forms.drop_draft(session.db, draft)
        if changed:
            versions.post(tx, versions.CUSTOMER, [customer.id])
            detail: dict[str, object] = {"fields": sorted(changed)}
            tx.note("customer.change", customer.account, detail | ({"status": read.new.status} if "status" in changed else {}))
    after = accounts.by_id(session.db, customer.id)
    assert after is not None
    return after


def _clear(tx: Transaction, session: Session, customer: Customer, fields: Sequence[str], changed: AbstractSet[str]) -> set[str]:
    """Empty sealed cells and contacts; the names of those that held something."""
    cells, kinds = accounts.sealed(session.db, customer.id), {c.kind for c in contacts.of_customer(session.db, customer.id)}
    emptied = {f for f in fields if f in cells or f in kinds}
    if "street" in emptied and not changed & differences.ON_PAPER:
        former.keep(tx, customer, cells.get("street"))
    for name in sorted(emptied):
        if name in accounts.SEALED:
            accounts.set_cell(session.db, customer.id, name, None)
        else:
            contacts.drop(session.db, customer.id, name)
    return emptied


def check_change(session: Session, account: str, fields: Mapping[str, str], *, end_services: bool = False) -> Customer:
    """The customer that can be changed so. Changes nothing; refuses what `change` refuses."""
    customer = find_customer(session, account)
    if "account" in fields:
        raise InvalidInput("An account number never changes; make a new customer instead.")
    if not fields:
        raise InvalidInput("Nothing was changed.")
    if "name" in fields and not fields["name"].strip():
        raise InvalidInput("Name: a customer needs one; type it as Smith, John.")
    for name in ("kind", "status", "terms_days"):
        if name in fields and not fields[name].strip():
            raise InvalidInput(f"{dict(FORM)[name]}: a customer needs one; F12 leaves it as it was.")
    read = check(session, {**fields, "account": customer.account})
    if "status" in fields:
        hook(STATUS_CHECK)(session, customer, read.new.status, end_services=end_services)
    return customer


def fields_of(session: Session, account: str) -> dict[str, str]:
    """What stands in the form of a customer: master data in clear, contact data opened by right, nothing of PRIVATE.

    Side effect: one audit event where contact data was opened.
    """
    from netbill_tui.usecases.customers.profiles import show_contact

    customer = find_customer(session, account)
    contact = show_contact(session, account)
    return {
        "name": customer.name, "kind": customer.kind, "status": customer.status, "since": customer.since or "",
        "plan": customer.plan,
        "terms_days": str(customer.terms_days) if customer.terms_days >= 0 else "none", "method": customer.preferred_method,
        "paperless": "y" if customer.paperless else "n", "language": customer.language,
        "street": next((v for k, v in contact if k == "street"), ""), "postcode": customer.postcode, "town": customer.town,
        "phone": "; ".join(v for k, v in contact if k == "phone"), "email": "; ".join(v for k, v in contact if k == "email"),
    }  # fmt: skip
