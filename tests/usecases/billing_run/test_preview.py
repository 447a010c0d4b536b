"""What a preview marks as an exception, and which run it compares with."""

from datetime import date

import pytest

from netbill_tui.usecases.billing_run import undo
from netbill_tui.usecases.billing_run.preview import preview
from netbill_tui.usecases.catalogue import codes
from tests.conftest import Desk
from tests.usecases.billing_run.shop import bill, serve, shop


@pytest.mark.parametrize(("price", "told"), [("39", []), ("39.01", ["changed"]), ("21", []), ("20.99", ["changed"])])
def test_a_change_is_an_exception_from_more_than_thirty_percent_on(desk: Desk, price: str, told: list[str]):
    shop(desk)
    serve(desk, start="2026-10-01")
    bill(desk, "2026-10-01")
    codes.add_price(desk.session, "A", {"amount": price, "from": "2026-11-01"})
    made = preview(desk.session, date(2026, 11, 1))
    assert [e.kind for e in made.exceptions] == told


def test_the_last_run_of_a_preview_is_one_that_stands(sqlite_desk: Desk):
    d = shop(sqlite_desk)
    serve(d)
    assert preview(d.session, date(2026, 9, 1)).last is None
    bill(d, "2026-09-01")
    bill(d, "2026-09-02")
    found = preview(d.session, date(2026, 10, 1)).last
    assert found is not None
    assert found.invoices == 1
    undo.undo(d.session, found.number, "wrong prices")
    assert preview(d.session, date(2026, 10, 1)).last is None
