"""Credit is applied by keys."""

from tests.conftest import Desk
from tests.screens.keys import line, opened, press


async def test_credit_is_applied_by_keys(sqlite_desk: Desk):
    sqlite_desk.customer("C1")
    sqlite_desk.pay("C1", 1500)
    number = sqlite_desk.invoice("C1", 400, due=-3)
    async with opened(sqlite_desk) as pilot:
        await line(pilot, "c C1")
        text = await press(pilot, "w", "a")
        assert "Use 4.00 of the credit of C1 now?" in text
        text = await press(pilot, "y")
        assert "4.00 used; 11.00 of credit is left" in text
    sql = f"select a.amount from allocation a join invoice i on i.id = a.invoice_id where i.number = '{number}'"
    assert sqlite_desk.column(sql) == [400]
