"""The program around its screens: leaving, help, pretended days, messages of others, reads on opening."""

from datetime import date

from textual.widgets import Input

from netbill_tui import commands
from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.usecases.customers import notes
from tests.conftest import Desk
from tests.screens.keys import opened, press, shown, type_
from tests.screens.shell.test_forms import _key
from tests.screens.shell.test_messages import message


async def test_leaving_the_program_is_asked_about(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter", "1", "enter", "4")
        assert "Leave netbill?" in await press(pilot, "ctrl+q")
        assert "Take payment" in await press(pilot, "n")
        text = await press(pilot, "f3")
        assert "Dashboard" in text
        assert "1 waiting" in text
        assert "Take payment" in await press(pilot, "b")
        assert pilot.app.screen.query_one("#amount", Input).value == "4"


async def test_a_long_sentence_is_wrapped_and_an_old_one_goes(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f6")
        await type_(pilot, "C1", "enter")
        text = await type_(pilot, "gold", "enter")
        assert "paypal, online" in text.replace("\n", " ")
        await type_(pilot, "1", "enter")
        assert "is not a payment method" not in shown(pilot)
        await type_(pilot, "1.234", "enter")
        await type_(pilot, "12.50", "enter")
        assert "two ways" not in shown(pilot)


async def test_a_pretended_date_shows_itself_and_posts_nothing(owing: Desk):

    owing.session.calendar.as_of = date(2026, 11, 21)
    owing.session.settings = owing.session.settings._replace(preview=True)
    async with opened(owing) as pilot:
        text = shown(pilot)
        assert "AS OF 21 Nov 26" in text
        assert "0 payments" in text
        assert "nothing is posted" in await press(pilot, "f6")
        assert "nothing is posted" in await press(pilot, "f7", "c")
    assert owing.column("select count(*) from note") == [0]


async def test_every_screen_has_help_a_way_out_and_bindings_from_its_commands(owing: Desk):
    async with opened(owing) as pilot:
        for keys in ((), ("f2",), ("f7",), ("g", "u"), ("g", "p"), ("f6",)):
            await press(pilot, "f3", *keys)
            screen = pilot.app.screen
            for command in (*screen.DECLARED, *commands.EVERYWHERE):  # type: ignore[attr-defined]
                assert hasattr(screen, "action_" + command.action.split("(")[0]), (screen, command.id)
            text = await press(pilot, "f1")
            assert "On this screen" in text
            page = str(pilot.app.screen._page._lines)  # type: ignore[attr-defined]
            assert "Everywhere" in page
            assert "Behind :" in page
            assert "Every command" in await press(pilot, "f1")
            assert pilot.app.screen is not screen
            await press(pilot, "f12")
            assert pilot.app.screen is screen
            assert "F12 Back" in shown(pilot) or "Sign in" in shown(pilot)


async def test_another_operators_payment_appears_after_a_refresh(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "f2")
        assert "balance 45.00" in await type_(pilot, "C1", "enter")
        from netbill_tui.usecases.core.open_book import open_book

        other = open_book(owing.target, clock=owing.session.calendar.clock)
        other.operator, other.vault = owing.session.operator, owing.session.vault
        notes.add(other, "C1", "paid at the other desk")
        other.db.close()
        assert "Notes(1)" in await press(pilot, "f5")


async def test_f12_stays_where_one_is_asked_whether_to_leave_and_a_burst_is_no_answer(owing: Desk):
    async with opened(owing) as pilot:
        assert "F12  stay" in await press(pilot, "q")
        await press(pilot, "f12")
        assert "Dashboard" in shown(pilot)
        for key in ("q", "colon", *"pay"):
            pilot.app.post_message(_key(key))
        await press(pilot)
        assert pilot.app.is_running
        assert not pilot.app.leaving


async def test_control_z_says_what_it_does_not_do(owing: Desk):
    async with opened(owing) as pilot:
        await press(pilot, "ctrl+z")
        assert "^X locks" in message(pilot)


class Counted(NetbillScreen):
    """A screen that counts how often it reads."""

    reads = 0

    def action_refresh(self) -> None:
        self.reads += 1


async def test_an_opened_screen_reads_once_and_again_when_another_was_left(sqlite_desk: Desk):
    async with opened(sqlite_desk) as pilot:
        screen = Counted()
        await pilot.app.push_screen(screen)
        await press(pilot)
        assert screen.reads == 1
        await press(pilot, "f2")
        assert screen.reads == 1
        await press(pilot, "f12")
        assert screen.reads == 2
        await press(pilot, "f1", "f12")
        assert pilot.app.screen is screen
