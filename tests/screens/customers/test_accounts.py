"""New and changed customers by keys."""

from tests.conftest import Desk
from tests.screens.keys import opened, press, shown, type_, value
from tests.usecases.customers.people import CANARIES


async def test_a_new_customer_is_stored_and_opened_and_then_changed(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "plus", "enter")
        await type_(pilot, "Ivanova, Olga", "enter")
        await press(pilot, "f4")
        await type_(pilot, "business", "enter")
        text = await press(pilot, "f10")
        assert "C10001 Ivanova, Olga was stored" in text
        assert "BUSINESS" in text.upper()
        await press(pilot, "d")
        assert value(pilot, "name") == "Ivanova, Olga"
        for _ in range(20):
            await press(pilot, "backspace")
        assert "Name" in await press(pilot, "f10")
        await type_(pilot, "Ivanova, Inna")
        assert "name changed" in await press(pilot, "f10")
        assert "Ivanova, Inna" in shown(pilot)
    assert owing.column("select name from customer where account = 'C10001'") == ["Ivanova, Inna"]


async def test_private_fields_are_typed_and_never_shown(owing: Desk):  # noqa: F811
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        await type_(pilot, "C1", "enter")
        text = await press(pilot, "d")
        assert value(pilot, "tax_id") == ""
        assert CANARIES["tax_id"] not in text
        assert value(pilot, "street") == "Canary Row 77"
