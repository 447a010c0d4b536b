"""How often a screen of a server's book goes to the server and back, each key by itself."""

import pytest

from netbill_tui.db.core.postgres import PostgresBook
from tests.conftest import Desk
from tests.screens.keys import opened, press, type_
from tests.usecases.billing_run.shop import bill, serve, shop

# Keys, and how many flights they take; each stands on the screen that the keys before it opened. On a busy machine what is read
# beside the keys goes by itself more often, so that half as many more and two are let pass; a screen that reads everything twice is
# seen. Ten is the most that a screen may take; the billing run counts what it would bill.
STEPS = (
    ("dashboard", "f3", 3), ("customers", "g c", 5), ("card of a customer", "enter", 10), ("its invoices", "2", 7),
    ("back to the list", "f12", 4), ("back to the dashboard", "f12", 3), ("payments", "g p", 6), ("receipt", "enter", 10),
    ("back", "f12", 5), ("dues", "g u", 5), ("invoice", "enter", 10), ("overdue queue", "g o", 10), ("down", "down", 4),
    ("catalogue", "g k", 6), ("billing run", "g i", 18), ("audit", "g a", 4), ("operators", "g w", 6), ("find", "f2", 0),
)  # fmt: skip


async def test_a_screen_takes_few_flights(postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk = shop(postgres_desk)
    serve(desk)
    desk.customer("C2", "Smith, John")
    bill(desk, "2026-11-01")
    desk.invoice("C2", 7400, due=-40)
    desk.pay("C2", 2500, method="cheque", reference="CHQ 004417")
    sent: list[bytes] = []
    real = PostgresBook._ask

    def ask(self: PostgresBook, statement: bytes) -> object:
        sent.append(statement)
        return real(self, statement)

    monkeypatch.setattr(PostgresBook, "_ask", ask)
    over: list[str] = []
    async with opened(desk) as pilot:
        for what, keys, most in STEPS:
            sent.clear()
            await press(pilot, *keys.split())
            if len(sent) > most * 1.5 + 2:
                over += [f"{what}: {len(sent)}", *(statement[:120].decode() for statement in sent)]
        for letter in "smith":
            sent.clear()
            await type_(pilot, letter)
            assert len(sent) <= 10, [statement[:120] for statement in sent]
    assert not over, "\n".join(over)
