"""The program on a desk's book: keys in, the screen as text out. Every wait is for a condition."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot
from textual.widgets import Input

from netbill_tui.app import NetbillApp
from netbill_tui.cli.core.declared import NAMES
from netbill_tui.cli.core.inside import run_in
from netbill_tui.settings import Settings
from tests.conftest import Desk

_KEYS = {
    " ": "space", "'": "apostrophe", ".": "full_stop", "-": "minus", "+": "plus", "/": "slash", "@": "at", ":": "colon",
    ">": "greater_than_sign", "<": "less_than_sign", "*": "asterisk", "!": "exclamation_mark", '"': "quotation_mark",
    "=": "equals_sign", ",": "comma", "#": "number_sign", "(": "left_parenthesis", ")": "right_parenthesis",
}  # fmt: skip

# What screens do beside the keys and soon end: what runs for long (a billing run, a rotation) a test waits for by itself.
_BESIDE = frozenset(
    {"search", "count", "draft", "views", "side", "phone", "last", "day", "estimate", "preference", "refused"}
)  # fmt: skip


async def settle(pilot: Pilot) -> None:
    """Wait until no key is queued, no story holds the gate and no search runs: the program waits for the operator."""
    calm = 0
    for _ in range(2000):
        await pilot.pause()
        app = pilot.app
        busy = (
            app._holds or app.keys_waiting or app._pumping or any(w.group in _BESIDE and not w.is_finished for w in app.workers)
        )
        calm = 0 if busy else calm + 1
        if calm == 3:
            return
    raise AssertionError("the program never came to rest")


def shown(pilot: Pilot) -> str:
    """The screen as text."""
    width, height = pilot.app.size
    return "\n".join("".join(s.text for s in strip) for strip in pilot.app.screen._compositor.render_strips())[
        : (width + 1) * height * 4
    ]


@asynccontextmanager
async def opened(desk: Desk, size: tuple[int, int] = (80, 24), **more: object) -> AsyncIterator[Pilot]:
    desk.session.db.close()
    settings = Settings(desk.target, "boss", **more)  # type: ignore[arg-type]
    app = NetbillApp(desk.session, settings, lambda s, w, o, f: run_in(s, settings, w, o, form=f), tuple(sorted(NAMES)))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot
        desk.session.db.connect()


async def press(pilot: Pilot, *keys: str) -> str:
    for key in keys:
        await pilot.press(key)
    await settle(pilot)
    return shown(pilot)


async def type_(pilot: Pilot, text: str, *more: str) -> str:
    return await press(pilot, *(_KEYS.get(c, c) for c in text), *more)


def value(pilot: Pilot, field: str) -> str:
    return pilot.app.screen.query_one(f"#{field}", Input).value


async def line(pilot: Pilot, text: str) -> str:
    await press(pilot, "colon")
    return await type_(pilot, text, "enter")
