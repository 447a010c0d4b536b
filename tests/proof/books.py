"""Books for the proofs, opened by a key file so that a process starts posting at once."""

import uuid
from dataclasses import replace
from pathlib import Path

from netbill_tui.billing.customers.accounts import NewCustomer
from netbill_tui.billing.receivables.payments import PaymentRequest
from netbill_tui.usecases.access import sign_in as signing_in
from netbill_tui.usecases.books.create import MadeBook, NewBook, make_book
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers import registration
from netbill_tui.usecases.receivables import payments
from netbill_tui.usecases.verify.book import verify

NEW = NewBook("Proof Net", "EUR", "UTC", "GB", "demo", None)
PASSWORD = "gravel-otter-lantern-92"


def make(target: str, *, customers: int = 1, demo: bool = True, password: str | None = None, profile: bool = False) -> MadeBook:
    made = make_book(target, replace(NEW, demo=demo, password=password))
    people(made.session, customers, profile=profile)
    if demo and not target.startswith("postgres"):
        key = Path(f"{target}.demo-key")
        key.write_bytes(made.bundle)
        key.chmod(0o600)
    return made


def people(session: Session, count: int, *, profile: bool = False, first: int = 1) -> None:
    """Customers C1, C2, ...; with `profile` every sealed field has a value of its own."""
    for at in range(first, first + count, 500):
        many = range(at, min(at + 500, first + count))
        with writing(session, "import") as tx:
            _, vault = session.sign_in_if_needed()
            rows = [
                (i, uuid.uuid4().bytes, person(n, profile=profile)) for i, n in zip(tx.take("id", len(many)), many, strict=True)
            ]
            registration.store(tx, vault, rows, session.book.country, lambda: uuid.uuid4().bytes)
            tx.note("proof.people", f"from C{at}", {}, bulk=True)


def person(number: int, *, profile: bool) -> NewCustomer:
    if not profile:
        return NewCustomer(f"C{number}", f"Name {number}")
    sealed = canaries(number)
    return NewCustomer(
        f"C{number}", f"Name {number}", street=sealed["street"], emails=(sealed["email"],), phones=(sealed["phone"],),
        profile=tuple((f, sealed[f]) for f in ("tax_id", "birth_date", "bank_account", "credit_score", "pin")),
    )  # fmt: skip


def canaries(number: int) -> dict[str, str]:
    """What is sealed of a customer: found nowhere by chance."""
    return {
        "street": f"{number} Canary-Walk-{number:05d}-Qx", "email": f"canary{number:05d}qx@sealed.example",
        "phone": f"+44 20 7{number:05d}93", "tax_id": f"TAXQX{number:07d}", "birth_date": f"19{10 + number % 89:02d}-0{1 + number % 9}-1{number % 9}",
        "bank_account": f"ACCTQX{number:09d}", "credit_score": str(700000 + number), "pin": f"pin-qx-{number:06d}",
    }  # fmt: skip


def sign_in(target: str) -> Session:
    session = open_book(target)
    if target.startswith("postgres"):
        session.book = session.book._replace(demo=True)
        signing_in.sign_in_with_bundle(session, "demo", Path(KEYS[target]))
    else:
        signing_in.sign_in_with_bundle(session, "demo", Path(f"{target}.demo-key"))
    return session


# A server's book has no place for a key file beside it.
KEYS: dict[str, str] = {}


def post(session: Session, request: bytes, cents: int = 100, account: str = "C1") -> str:
    return payments.record(session, PaymentRequest(request, account, cents, "cash", confirmed="proof")).row.receipt


def broken(session: Session) -> list[str]:
    return [f"{c.name}: {c.broken[0]}" for c in verify(session) if c.broken]
