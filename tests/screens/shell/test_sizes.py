"""The billing screens in every size."""

import pytest

from tests.conftest import Desk
from tests.screens.keys import line, opened, press
from tests.usecases.billing_run.shop import bill, serve


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40)])
async def test_the_billing_screens_stand_at_every_size(shopped: Desk, size: tuple[int, int]):
    serve(shopped, start="2026-11-01")
    bill(shopped, "2026-11-01")
    async with opened(shopped, size=size) as pilot:
        for keys in (("g", "i"), ("2",), ("3",), ("4",), ("f12", "g", "k"), ("enter",), ("f12", "f12")):
            text = await press(pilot, *keys)
            assert all(len(row) <= size[0] for row in text.splitlines())
        await line(pilot, "c C1")
        assert "INV-000001" in await press(pilot, "2", "enter")
