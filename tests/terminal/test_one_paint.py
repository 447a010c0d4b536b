"""A screen that opens is painted once; what takes long is painted as it comes."""

import asyncio
import inspect
from pathlib import Path

import pytest
from textual.app import App
from textual.screen import Screen
from textual.widgets import Static

from netbill_tui.terminal.key_gate import KeyGate
from netbill_tui.usecases.demo import book as demo
from tests.terminal.terminal import Terminal


@pytest.fixture(scope="module")
def demo_book(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("paint")
    folder.chmod(0o700)
    path = str(folder / "demo.db")
    demo.make(path, customers=60, months=3).session.db.close()
    return path


@pytest.mark.parametrize(("keys", "title"), [("gc", "Customers"), ("gp", "Payments"), ("\x1bOQ", "Find")])
def test_a_screen_that_opens_sends_its_title_once(demo_book: str, tmp_path: Path, keys: str, title: str):
    one = Terminal(["tui", "--book", demo_book], {"HOME": str(tmp_path), "NETBILL_WRITER": "whole"})
    try:
        one.wait_for("Dashboard")
        one.settle()
        before = len(one.raw)
        one.send(keys)
        one.wait_for(title)
        one.settle()
        sent = one.raw[before:]
        assert sent.count(f"netbill  {title}".encode()) == 1, sent.count(title.encode())
    finally:
        one.close()


class _Slow(Screen[None]):
    def compose(self):
        yield Static("reading ...")

    def on_mount(self) -> None:
        self.app.hold_keys()  # as a story that reads does


class _Program(KeyGate, App[int]):
    def on_key(self) -> None:
        self.push_screen(_Slow())


async def test_what_takes_long_is_shown_before_it_is_there():
    app = _Program()
    async with app.run_test() as pilot:
        await pilot.pause()
        app.post_message(_key())
        for _ in range(500):
            if isinstance(app.screen, _Slow) and app.screen in app._were_shown:
                break
            await asyncio.sleep(0.01)
        assert app.screen in app._were_shown
        assert isinstance(app.screen, _Slow)
        assert app._holds == 1, "it is still read"
        app.release_keys()


def _key():
    from textual import events

    return events.Key("x", "x")


def test_textual_still_shows_what_it_paints_by_the_one_way_that_waits():
    """`_display` is Textual's own; when it takes other things, this says so before a screen stays dark."""
    assert list(inspect.signature(App._display).parameters) == ["self", "screen", "renderable"]
