"""A provider with a catalogue, services and runs, in a few words."""

import json
from datetime import date

from netbill_tui.usecases.billing_run import issue
from netbill_tui.usecases.catalogue import codes, tax_rates
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.receivables import documents
from netbill_tui.usecases.services import subscriptions
from tests.conftest import Desk

D = date


def shop(desk: Desk, **prices: str) -> Desk:
    """A catalogue with 20 % tax."""
    tax_rates.add_rate(desk.session, "std", {"percent": "20", "name": "VAT 20 %"})
    for code, price in ({"A": "30", "B": "60"} | prices).items():
        codes.store_code(desk.session, {"code": code, "name": f"Plan {code}", "tax_class": "std"})
        codes.add_price(desk.session, code, {"amount": price, "from": "2020-01-01"})
    return desk


def serve(desk: Desk, account: str = "C1", code: str = "A", start: str = "2026-09-01", **more: str) -> int:
    if not desk.column(f"select id from customer where account = '{account}'"):
        desk.customer(account, f"Customer {account}")
    row = subscriptions.add(desk.session, account, {"code": code, "start": start, **more})
    assert row is not None
    return row.service.id


def bill(desk: Desk, day: str, **more) -> issue.Preview:
    return issue.issue(desk.session, D.fromisoformat(day), pause_s=0, **more)


def balance(desk: Desk, account: str = "C1") -> int:
    return accounts.card(desk.session, account).totals.balance


def everything(desk: Desk) -> list[str]:
    """What `invoice --all` gives: the invoices of a book without what the clock decides."""
    from netbill_tui.cli.receivables.invoices import document_data

    made = [{"type": k, **document_data(desk.session, w, comparable=True)} for w, k in documents.every(desk.session)]
    return sorted(json.dumps(one, sort_keys=True) for one in made)
