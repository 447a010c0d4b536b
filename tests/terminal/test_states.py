"""What stands in the terminal's cells: each state has its word or mark, and is read, in 16 colours, without colour and in ASCII."""

import re
from pathlib import Path

import pyte
import pytest

from netbill_tui.styles.looks import NAMES, Look
from netbill_tui.styles.palettes import worst
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.core import demo_key
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.demo import book as demo
from netbill_tui.usecases.receivables import disputes, payments
from netbill_tui.usecases.receivables.payments import PaymentRequest, new_request_id
from tests.terminal.terminal import Terminal

# pyte's words for the sixteen colours.
_PYTE = {"brown": "yellow", "brightbrown": "bright_yellow", "bfightmagenta": "bright_magenta"}
# Chip, the keys that lead to it, and the lowest contrast that it may have on any of ten terminals.
CHIPS = {
    "BROKEN": ("go2\x1b[F", 4.2), "DISPUTED": ("go2/st:disputed\r", 3.9), "DEMO": ("go", 3.9), "RETURNED": ("gp\x1b[B", 4.2),
    "OK": ("go2nRang twice\r", 3.3), "NO": (":nothing like that\r", 4.2), "F1": ("go", 3.3), "2 All": ("go2", 3.3),
}  # fmt: skip


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A demo book in which every state stands."""
    folder = tmp_path_factory.mktemp("states")
    folder.chmod(0o700)
    path = str(folder / "demo.db")
    session = demo.make(path, customers=120, months=6).session
    rows = session.db.peewee.execute_sql("select account from customer_total where overdue > 2000 and promise_on is null limit 2")
    first, second = (row[0] for row in rows.fetchall())
    number = session.db.peewee.execute_sql(
        "select number from open_item o join customer c on c.id = o.customer_id where c.account = ? and o.disputed = 0 limit 1",
        (first,),
    ).fetchone()[0]
    disputes.start(session, number, "never had that")
    calls.outcome(session, second, "m", "", session.today())
    paid = payments.record(session, PaymentRequest(new_request_id(), second, 100, "cheque", "CHQ 990017"))
    payments.reverse(session, paid.row.receipt, "bounced", returned=True)
    session.db.close()
    assert open_book(path).book.demo
    assert demo_key.key_file(path).exists()
    return path


def _cells(one: Terminal, words: str) -> list["pyte.screens.Char"]:
    """The cells of some words, wherever they stand but under the cursor."""
    for y, line in enumerate(one.screen.display):
        x = line.find(words)
        if x >= 0 and not line.startswith(">"):
            return [one.screen.buffer[y][x + n] for n in range(len(words))]
    raise AssertionError(f"{words!r} stands nowhere:\n" + "\n".join(one.screen.display))


def _number(name: str) -> int | None:
    name = _PYTE.get(name, name)
    name = name.replace("bright", "bright_") if name.startswith("bright") and "_" not in name else name
    return None if name == "default" else NAMES.index(name)


@pytest.mark.parametrize("chip", CHIPS)
def test_a_chip_is_read_in_sixteen_colours(states: str, tmp_path: Path, chip: str):
    keys, least = CHIPS[chip]
    one = Terminal(["tui", "--book", states, "--color", "16"], {"HOME": str(tmp_path)})
    try:
        one.wait_for("Overdue accounts to work today")
        one.settle()
        one.send(keys)
        one.wait_for(f" {chip} ")
        one.settle()
        cells = _cells(one, f" {chip} ")[1:-1]
        (look,) = {Look(_number(c.fg), _number(c.bg), bold=c.bold, reverse=c.reverse) for c in cells if c.data != " "}
        assert look.ground is not None, "a chip brings its own background"
        assert worst(look)[0] >= least
    finally:
        one.close()


@pytest.mark.parametrize("chip", CHIPS)
def test_a_chip_stands_out_without_colour_and_in_ascii(states: str, tmp_path: Path, chip: str):
    keys, _ = CHIPS[chip]
    one = Terminal(["tui", "--book", states, "--ascii"], {"HOME": str(tmp_path), "NO_COLOR": "1"})
    try:
        one.wait_for("Overdue accounts to work today")
        one.settle()
        one.send(keys)
        one.wait_for(f" {chip} ")
        one.settle()
        cells = [c for c in _cells(one, f" {chip} ")[1:-1] if c.data != " "]
        assert {(c.fg, c.bg) for c in cells} == {("default", "default")}
        around = {(c.bold, c.reverse) for c in _cells(one, "netbill")} if chip == "DEMO" else {(False, False)}
        assert {(c.bold, c.reverse) for c in cells} & around == set()
        assert all(line.isascii() for line in one.screen.display)
    finally:
        one.close()


def test_a_cursor_a_mark_and_a_field_are_seen_without_colour(states: str, tmp_path: Path):
    one = Terminal(["tui", "--book", states], {"HOME": str(tmp_path), "NO_COLOR": "1"})
    try:
        one.wait_for("Overdue accounts to work today")
        one.settle()
        one.send("go2 ")
        one.wait_for("marked 1")
        one.settle()
        rows = one.screen.display
        marked = next(y for y, line in enumerate(rows) if line.startswith(" *"))
        chosen = next(y for y, line in enumerate(rows) if line.startswith(">"))
        assert chosen == marked + 1
        assert all(one.screen.buffer[chosen][x].reverse for x in range(60))
        field = next(y for y, line in enumerate(rows) if line.startswith(" Filter>"))
        assert [one.screen.buffer[field][x].underscore for x in (2, 9, 30)] == [False, True, True]
    finally:
        one.close()


def test_a_theme_that_was_chosen_is_there_at_once_and_the_next_time(states: str, tmp_path: Path):
    def title(one: Terminal) -> tuple[str, str]:
        cell = _cells(one, "netbill")[0]
        return cell.fg, cell.bg

    one = Terminal(["tui", "--book", states], {"HOME": str(tmp_path)})
    try:
        one.wait_for("Overdue accounts to work today")
        one.settle()
        assert title(one) == ("brightwhite", "blue")
        one.send(":set theme night\r")
        one.wait_until(lambda: title(one) == ("ffffff", "005faf"), lambda: "the theme never changed")
        one.send(":set theme nihgt\r")
        one.wait_for("did you mean night")
        one.settle()
        assert title(one) == ("ffffff", "005faf")
    finally:
        one.close()
    two = Terminal(["tui", "--book", states], {"HOME": str(tmp_path / "elsewhere")})
    try:
        two.wait_until(
            lambda: any("netbill" in line for line in two.screen.display) and title(two) == ("ffffff", "005faf"), "forgotten"
        )
    finally:
        two.close()
    three = Terminal(["tui", "--book", states, "--theme", "mono"], {"HOME": str(tmp_path)})
    try:
        three.wait_for("Overdue accounts to work today")
        three.settle()
        assert title(three) == ("default", "default")
    finally:
        three.close()


@pytest.mark.parametrize(("columns", "lines"), [(60, 24), (60, 16), (80, 16), (132, 40)])
def test_a_terminal_of_another_size_shows_the_screen_as_it_is(states: str, tmp_path: Path, columns: int, lines: int):
    """Smaller and back, larger and back, and locked on the way: no row of before is left, without a key that draws anew."""
    one = Terminal(["tui", "--book", states], {"HOME": str(tmp_path)})
    try:
        one.wait_for("Overdue accounts to work today")
        one.settle()
        one.send("go2")
        one.wait_for("Overdue queue: All")
        one.settle()
        one.send("\x1b[H")
        whole = one.settle()
        for size in ((columns, lines), (80, 24)):
            one.screen.reset()  # whatever a terminal leaves standing when its size changes
            one.resize(*size)
            one.wait_until(lambda: "F12" in one.screen.display[-1], lambda: "the size was never heard of")
            one.settle()
        assert _figures(one.text) == _figures(whole)
        one.resize(columns, lines)
        one.settle()
        one.send("\x18")
        one.wait_for("Locked")
        one.settle()
        assert not re.search(r"C1\d{4}", one.text), one.text
    finally:
        one.close()


def _figures(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if re.search(r"C1\d{4}|Account", line)]
