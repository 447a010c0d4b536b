"""Signing in on a screen."""

from netbill_tui.app import NetbillApp
from netbill_tui.settings import Settings
from tests.screens.keys import press, settle, shown, type_


async def test_sign_in_takes_the_right_password_only(tmp_path):
    from netbill_tui.usecases.books.create import NewBook, make_book
    from netbill_tui.usecases.core.open_book import open_book
    from tests.conftest import CLOCK

    tmp_path.chmod(0o700)
    made = make_book(str(tmp_path / "s.db"), NewBook("Acme", "EUR", "UTC", "", "mira", "gravel-otter-lantern"), clock=CLOCK)
    made.session.db.close()
    session = open_book(str(tmp_path / "s.db"), clock=CLOCK)
    session.db.close()
    app = NetbillApp(session, Settings(str(tmp_path / "s.db"), "mira"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "Sign in" in shown(pilot)
        assert "Sign in first" in await press(pilot, "f2")
        text = await type_(pilot, "wrong-password", "enter")
        assert "type both again" in text
        text = await type_(pilot, "gravel-otter-lantern", "enter")
        assert "Dashboard" in text
        assert "gravel" not in text
