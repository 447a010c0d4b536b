"""Import of customers: created, updated where other values stand in the file, or already there."""

from collections.abc import Sequence
from uuid import uuid4

from netbill_tui.billing.customers.accounts import NewCustomer
from netbill_tui.db.core import versions
from netbill_tui.db.core.transaction import Transaction
from netbill_tui.db.customers import accounts, contacts
from netbill_tui.errors import Refused
from netbill_tui.integrations.csv_files import Cells, Rejection
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import registration
from netbill_tui.usecases.customers.checking import PLAIN, Read, known_accounts
from netbill_tui.usecases.customers.differences import Held, change
from netbill_tui.usecases.imports.result import Result


def merged(of_account: Sequence[Read]) -> Read:
    """The rows of one account in one: what a later one says stands, what it does not say stays."""
    row = of_account[0]
    for later in of_account[1:]:
        plain = {a: getattr(later.new, a) for f, a in PLAIN.items() if f in later.spoken_of}
        lists = {"emails": "email", "phones": "phone", "street": "street"}
        plain |= {a: getattr(later.new, a) for a, f in lists.items() if f in later.spoken_of}
        profile = dict(row.new.profile) | {f: v for f, v in later.new.profile if f in later.spoken_of}
        row = Read(row.new._replace(**plain, profile=tuple(profile.items())), row.spoken_of | later.spoken_of)
    return row


def store(tx: Transaction, session: Session, good: list[tuple[Cells, Read]], result: Result) -> None:
    """Create what is new and change what differs; several rows of an account are one, of which the later says more."""
    _, vault = session.sign_in_if_needed()
    have = known_accounts(session, [row.new.account for _, row in good])
    rows_of: dict[str, list[tuple[Cells, Read]]] = {}
    for cells, row in good:
        known = have.get(row.new.account)
        rows_of.setdefault(known.account if known else row.new.account, []).append((cells, row))
    ids = list({c.id for c in have.values()})
    altered = versions.altered(tx, versions.CUSTOMER, ids) | versions.altered(tx, versions.FORMER, ids)
    sealed, reached = accounts.sealed_of(session.db, ids), contacts.of_customers(session.db, ids)
    fresh: dict[str, NewCustomer] = {}
    touched: list[int] = []
    for account, mine in rows_of.items():
        row = merged([read_ for _, read_ in mine])
        customer = have.get(mine[0][1].new.account)
        for _ in mine[1:]:
            result.count("already")
        if customer is None:
            fresh[account] = row.new
            result.count("created")
            continue
        if customer.id in altered:
            why = "another program changed this customer in the book; run netbill verify, and put back what was changed"
            result.rejected.append(Rejection(mine[-1][0].line, mine[-1][0].column("account"), why))
            continue
        try:
            changed = change(tx, vault, session, customer, row, held=Held(sealed[customer.id], reached[customer.id]))
        except Refused as error:
            result.rejected.append(Rejection(mine[-1][0].line, mine[-1][0].column("status"), str(error)))
            continue
        if changed:
            touched.append(customer.id)
            result.changed[account] = sorted(changed)
        result.count("updated" if changed else "already")
    new_rows = (
        [(i, uuid4().bytes, new) for i, new in zip(tx.take("id", len(fresh)), fresh.values(), strict=True)] if fresh else []
    )
    registration.store(tx, vault, new_rows, session.book.country, lambda: uuid4().bytes)
    versions.post(tx, versions.CUSTOMER, touched)
    result.add("customers", len(new_rows))
