"""Collections on the screens: keys in, screen and book out."""

from datetime import timedelta

from textual.widgets import Input

from tests.conftest import TODAY, Desk
from tests.screens.keys import opened, press, shown, type_
from tests.usecases.collections.ladders import night_on, with_ladder


def owing(desk: Desk) -> Desk:
    for account, due in (("C1", -40), ("C2", -9)):
        desk.customer(account, f"Customer {account}")
        desk.invoice(account, 3000, due=due)
    return desk


async def test_the_first_night_is_activated_with_its_count_and_the_outbox_shows_what_waits(sqlite_desk: Desk):
    owing(sqlite_desk)
    async with opened(sqlite_desk) as pilot:
        text = await press(pilot, "g", "x")
        assert "NOT ACTIVE" in text
        assert "no message" in text
        await press(pilot, "3", "plus", "r")
        assert "Policy: reminders" in shown(pilot)
        assert "The policy reminders is set" in await press(pilot, "f10")
        text = await press(pilot, "1")
        assert "r2 letter 2 (60.00)" in text
        await press(pilot, "f10")
        assert "Type 2 to do it" in await type_(pilot, "3", "enter")
        text = await type_(pilot, "2", "enter")
        text = await press(pilot, "2")
        assert "C1" in text
        assert "queued" in text
        assert "Dear Customer C1" in await press(pilot, "enter")
        await press(pilot, "escape", "v")
        assert "Taken back" in await type_(pilot, "customer called", "enter")
    assert sqlite_desk.column("select state from outbox order by message_id") == ["withdrawn", "queued"]
    assert sqlite_desk.column("select count(*) from audit_event where action in ('collections.on', 'collect.batch')") == [2]


async def test_another_day_is_only_looked_at(sqlite_desk: Desk):
    owing(sqlite_desk)
    with_ladder(sqlite_desk)
    night_on(sqlite_desk, 0)
    async with opened(sqlite_desk) as pilot:
        await press(pilot, "g", "x", "d")
        text = await type_(pilot, "+5", "enter")
        assert "if nobody pays until then" in text
        assert "final letter 2" in text
        assert "only looked at" in await press(pilot, "f10")
    assert len(sqlite_desk.column("select id from message")) == 2


async def test_one_key_stops_every_sender_and_lets_it_go_on(sqlite_desk: Desk):
    with_ladder(owing(sqlite_desk))
    async with opened(sqlite_desk) as pilot:
        await press(pilot, "g", "x", "s", "y")
        assert "NOTHING IS SENT: boss" in shown(pilot)
        await press(pilot, "s", "y")
        assert "NOTHING IS SENT" not in shown(pilot)
    assert sqlite_desk.column("select action from audit_event where action like 'senders%' order by seq") == [
        "senders.off", "senders.on",
    ]  # fmt: skip


async def test_an_account_is_held_and_released_and_its_story_told(sqlite_desk: Desk):
    with_ladder(owing(sqlite_desk))
    night_on(sqlite_desk, 0)
    async with opened(sqlite_desk) as pilot:
        await press(pilot, "f7", "2", "home", "enter", "c", "h", "enter", "enter")
        assert "C1 is held until" in await type_(pilot, "waits for the technician", "enter")
        text = await press(pilot, "C")
        assert "hold until" in text
        assert "r2         letter  sent" in text
        await press(pilot, "escape", "c", "h")
        assert "is released" in await type_(pilot, "was there", "enter")
    assert sqlite_desk.column("select kind from collection_event order by id") == ["hold", "release"]


async def test_a_fee_is_waived_a_debt_given_up_and_an_arrangement_made_on_the_card(sqlite_desk: Desk):
    desk = sqlite_desk
    desk.customer()
    old, _ = desk.invoice("C1", 7600, due=-100), desk.invoice("C1", 3000, due=-1)
    with_ladder(desk, fees={})
    night_on(desk, 0)
    async with opened(desk) as pilot:
        await press(pilot, "f7", "2", "home", "enter", "c", "f")
        assert "Waived: 5.00" in await type_(pilot, "our mistake", "enter")
        await press(pilot, "c", "o")
        assert old in shown(pilot)
        await press(pilot, "enter", "enter")
        await type_(pilot, "moved away", "enter")
        assert f"WO-000001: 76.00 of {old} is written off" in await press(pilot, "enter")
        await press(pilot, "c", "a")
        assert "30.00 is overdue" in shown(pilot)
        await type_(pilot, "10.00 +7, 20.00 +20", "enter")
        assert "Arranged with C1: 30.00 in 2 instalments" in await press(pilot, "enter")
    assert desk.column("select kind from promise") == ["arrangement"]
    assert desk.column("select overdue from customer_total") == [3000]
    assert TODAY.isoformat() == desk.column("select on_date from late_fee_waiver")[0]


async def test_a_payment_that_is_entered_late_says_which_fee_it_would_have_spared(sqlite_desk: Desk):
    desk = sqlite_desk
    desk.customer()
    desk.invoice("C1", 8320, due=-11)
    with_ladder(desk, fees={})
    night_on(desk, 0)
    async with opened(desk) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "4", "enter", "ctrl+u")
        await type_(pilot, "83.20", "enter")
        pilot.app.screen.query_one("#reference", Input).value = "RF1"
        pilot.app.screen.query_one("#received", Input).value = "-1"
        assert "c f on the account waives 5.00 of late fees" in " ".join((await press(pilot, "f10")).split())
    assert desk.column("select received_on from payment") == [(TODAY - timedelta(days=1)).isoformat()]


async def test_every_overdue_row_says_which_step_went_and_which_comes_when(sqlite_desk: Desk):
    desk = sqlite_desk
    for n, due in ((1, -11), (2, -4), (3, -1)):
        desk.customer(f"C{n}", f"Customer {n}")
        desk.invoice(f"C{n}", 8320, due=due)
    with_ladder(desk)
    night_on(desk, 0)
    async with opened(desk, size=(120, 40)) as pilot:
        text = await press(pilot, "f7", "2")
        assert "Next step" in text
        for n, says in ((1, "r2 > final 27 Nov"), (2, "r1 > r2 25 Nov"), (3, "r1 25 Nov")):
            assert any(f"Customer {n}" in row and says in row for row in text.splitlines()), (says, text)
        assert "in transit" in await press(pilot, "end")


async def test_the_dashboard_says_what_of_the_outbox_waits_and_opens_it(sqlite_desk: Desk):
    desk = sqlite_desk
    desk.customer()
    desk.invoice("C1", 8320, due=-11)
    with_ladder(desk)
    night_on(desk, 0, deliver=False)
    async with opened(desk) as pilot:
        text = await press(pilot, "r")
        assert "Outbox: 1 to print" in text
        await press(pilot, "end")
        assert "r2" in await press(pilot, "enter")


async def test_the_dashboard_is_silent_where_nothing_waits(sqlite_desk: Desk):
    desk = sqlite_desk
    desk.customer()
    desk.invoice("C1", 8320, due=-11)
    with_ladder(desk)
    night_on(desk, 0)
    async with opened(desk) as pilot:
        assert "Outbox" not in await press(pilot, "r")
