"""How often a command goes to a server and back, in a session that is open: at five milliseconds each, a list waits for every one.

The figure beside each is what it takes, so that one more is seen; one less is welcome, and is written here.
"""

import io

import pytest

from netbill_tui.cli.core.inside import run_in
from netbill_tui.settings import Settings
from netbill_tui.usecases.customers import notes, tags
from tests.conftest import Desk
from tests.usecases.billing_run.shop import bill, serve, shop

FLIGHTS = {
    "customer C1": 5, "customer C1 --notes": 7, "dues": 2, "dues C1": 3, "payments": 2, "overdue": 3, "overdue --work": 7,
    "ageing": 1, "customers": 3, "customers --filter tag:vip": 5, "payments --filter ref:chq*": 2, "statement C1": 6,
    "receipt R-10001": 8, "invoice INV-000001": 15, "find C1": 3, "find smith": 3, "find 74.00": 3, "find INV-000001": 2,
    "bill --runs": 1, "bill --parked": 1, "report revenue": 4, "report tax": 1, "service C1": 3, "tag C1": 3, "code": 2, "audit C1": 3,
    "pay C1 5 --method cash --yes": 7, "note C1 called": 10,
}  # fmt: skip


@pytest.mark.parametrize("line", FLIGHTS)
def test_a_command_takes_no_more_flights(postgres_desk: Desk, monkeypatch: pytest.MonkeyPatch, line: str):
    desk = shop(postgres_desk)
    serve(desk)
    desk.customer("C2", "Smith, John")
    bill(desk, "2026-11-01")
    desk.invoice("C2", 7400, due=-40)
    desk.pay("C2", 2500, method="cheque", reference="CHQ 004417")
    tags.tag(desk.session, "C2", "vip")
    notes.add(desk.session, "C1", "Rang twice")
    sent: list[bytes] = []
    real = desk.session.db._ask
    monkeypatch.setattr(desk.session.db, "_ask", lambda statement: sent.append(statement) or real(statement))
    run_in(desk.session, Settings(desk.target, "boss"), line.split(), io.StringIO())
    assert len(sent) <= FLIGHTS[line], "\n".join(one[:160].decode() for one in sent)
