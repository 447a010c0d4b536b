"""Pages of text: notes and events in full, how much lies below, the help."""

import re

import pytest

from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.customers import notes
from netbill_tui.widgets.lines import Lines
from netbill_tui.widgets.record_grid import RecordGrid
from tests.conftest import Desk
from tests.screens.keys import line, opened, press, type_

# What opens.


async def test_enter_opens_a_note_and_an_event_in_full(owing: Desk):
    words = (
        "Customer says the line was down since Monday, wants a technician on Thursday after four, and a credit for the week. " * 3
    )
    notes.add(owing.session, "C1", words.strip())
    async with opened(owing) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "5")
        text = re.sub(r"[|\s]+", " ", await press(pilot, "enter"))
        assert text.count("a credit for the week.") == 3
        await press(pilot, "f12", "6")
        assert "Audit event" in await press(pilot, "enter")
        assert isinstance(pilot.app.screen_stack[-2].query_one(RecordGrid).record, trail.Event)


async def test_a_note_is_read_whole_and_as_it_was_written_on_a_small_screen(owing: Desk):
    notes.add(owing.session, "C1", " ".join(f"word{n} of 2026-11-29 and more" for n in range(40)) + " end-of-note")
    async with opened(owing, size=(60, 16)) as pilot:
        await line(pilot, "c C1")
        await press(pilot, "5")
        text = await press(pilot, "enter")
        assert "Up and Down scroll" in text
        assert "more line" in text
        seen = text
        for _ in range(40):
            seen += await press(pilot, "down")
        assert "end-of-note" in seen
        assert not [row for row in text.splitlines() if "~" in row and "more line" not in row]
        assert "29 Nov 26" not in text.split("word0")[1]


async def test_a_page_says_how_much_lies_below(owing: Desk):
    async with opened(owing) as pilot:
        text = await press(pilot, "f1")
        assert re.search(r"\d+ more lines? below", text)
        text = await press(pilot, "end")
        assert "more line" not in text


def test_a_page_that_is_whole_says_nothing_of_more():
    assert Lines(["a"], scrolls=True)._scrolls


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (40, 10)])
async def test_no_line_of_a_note_is_passed_over_by_the_page(owing: Desk, size: tuple[int, int]):
    from netbill_tui.screens.shell.forms.why import WhyForm

    async with opened(owing, size=size) as pilot:
        pilot.app.push_screen(WhyForm("Thirty", [(f"line {n:02d}", "") for n in range(30)]))
        seen = await press(pilot)
        for _ in range(30):
            seen += await press(pilot, "pagedown")
        assert {f"line {n:02d}" for n in range(30)} <= set(re.findall(r"line \d\d", seen))


async def test_a_search_in_the_help_shows_its_answers_wherever_it_was_scrolled(owing: Desk):
    async with opened(owing, size=(60, 16)) as pilot:
        await press(pilot, "f1", "end", "slash")
        text = await type_(pilot, "pay", "enter")
        assert "Take a payment" in text or "payment" in text.split("F1 again")[0]
