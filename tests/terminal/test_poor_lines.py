"""Poor lines and poor terminals: a lost line keeps the form, Escape is heard at once, nothing but ASCII where that is all."""

import inspect
import os
import signal
from pathlib import Path
from unittest.mock import patch

import pytest
from textual.drivers.linux_driver import LinuxDriver

from netbill_tui.terminal.environment import prepare
from netbill_tui.usecases.access import sign_in
from netbill_tui.usecases.core import demo_key, unfinished_forms
from netbill_tui.usecases.core.open_book import open_book
from tests.terminal.terminal import Terminal
from tests.terminal.test_type_ahead import Open, book, made, on_customer, terminal  # noqa: F401 - fixtures


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL])
def test_a_half_filled_form_outlives_the_line(terminal: Open, book: Path, number: signal.Signals):  # noqa: F811
    one = on_customer(terminal)
    one.send("p2\r23.45\rCHQ 77\r")
    one.settle()
    if number != signal.SIGKILL:
        one.send("5nov")  # not walked away from yet: only a signal that can be heard keeps this
        one.settle()
    one.kill(number)
    one.wait()
    session = open_book(str(book))
    sign_in.sign_in_with_bundle(session, demo_key.OPERATOR, demo_key.key_file(str(book)))
    (kept,) = unfinished_forms.waiting(session)
    session.db.close()
    assert (kept.fields["account"], kept.fields["amount"], kept.fields["reference"]) == ("C10007", "23.45", "CHQ 77")
    if number != signal.SIGKILL:
        assert "5nov" in kept.fields["received"]
    again = terminal()
    again.wait_for("left half-filled")
    again.send("\x07")
    again.wait_for("Take payment")
    again.settle()
    assert "CHQ 77" in again.text


def test_what_goes_on_after_a_stop_paints_and_reads_as_before(terminal: Open):  # noqa: F811
    """Also where the signal comes into the midst of a paint: a line that drops sends one with SIGHUP."""
    one = on_customer(terminal)
    one.settle()
    threads = Path(f"/proc/{one.pid}/task")
    before = len(list(threads.iterdir()))
    for n in range(60):
        one.send("jk"[n % 2])
        os.kill(one.pid, signal.SIGCONT)
        one.read(0.001 * (n % 7))
    one.settle()
    assert len(list(threads.iterdir())) <= before, "no second reader of keys, no second writer"
    os.kill(one.pid, signal.SIGSTOP)
    one.screen.reset()
    os.kill(one.pid, signal.SIGCONT)
    one.wait_for("C10007")
    one.send("p1\r23.45\r")
    one.wait_for("23.45")


def test_escape_alone_closes_and_a_torn_arrow_is_an_arrow(terminal: Open):  # noqa: F811
    one = terminal()
    one.wait_for("Dashboard")
    one.send("go")
    one.wait_for("Overdue queue")
    one.send("\x1b")
    one.wait_for("Dashboard")
    # As long as a line under load may tear it; how long is waited over SSH is told by the test of the environment.
    slow = terminal(env={"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22", "ESCDELAY": "5000"})
    slow.wait_for("Dashboard")
    slow.send("go")
    slow.wait_for("Overdue queue")
    slow.settle()
    slow.send("\x1b")
    slow.read(0.05)
    slow.send("[B")
    slow.settle()
    assert "Overdue queue" in slow.text
    assert slow.screen.display[5].startswith("> "), "one row down"


def test_our_driver_still_stands_for_textuals_own():
    """The loop that ours replaces: when Textual changes it, ours is looked at again."""
    source = inspect.getsource(LinuxDriver.run_input_thread)
    assert "selector.select(0.1)" in source
    assert "tick()" in source


@pytest.mark.parametrize("words", [{"LC_ALL": "C", "LANG": "C"}, {"NETBILL_GLYPHS": "ascii"}, {"LC_ALL": "", "LANG": "en_US.ISO-8859-1"}],
                         ids=str)  # fmt: skip
def test_nothing_but_ascii_where_the_terminal_has_no_more(terminal: Open, words: dict[str, str]):  # noqa: F811
    one = terminal(env=words)
    one.wait_for("Dashboard")
    for keys in (
        "gc",
        "/m*",
        "\x1b",
        "\x1b",
        "go",
        "2",
        "\x1b[6~",
        "gp",
        "gf",
        "mu",
        "\x1b",
        "\x10",
        "\x1b",
        ":",
        "\x1b",
        "p",
        "\x1b",
        "\x1bOP",
    ):
        one.send(keys)
        one.settle()
        assert one.code is None, (keys, one.text)
    assert all(b < 0x80 for b in one.raw), sorted({b for b in one.raw if b >= 0x80})[:5]


def test_a_reader_finds_the_cursor_on_the_row_and_the_message_first(terminal: Open):  # noqa: F811
    one = terminal(env={"NETBILL_READER": "on"})
    one.wait_for("Dashboard")
    one.send("go")
    one.wait_for("Overdue queue")
    one.settle()
    assert b"\x1b[?25h" in one.raw
    row = next(y for y, text in enumerate(one.screen.display) if text.startswith(">"))
    assert one.screen.cursor.y == row
    one.send("\x1b[B")
    one.settle()
    assert one.screen.cursor.y == row + 1
    one.send("9")
    one.settle()
    assert "no view yet" in one.screen.display[0]


@pytest.mark.parametrize(("theme", "env"), [("green", {}), ("ansi-light", {}), ("mono", {}), ("ansi-dark", {"TERM": "linux"})])
def test_every_theme_shows_the_row_in_reverse(terminal: Open, theme: str, env: dict[str, str]):  # noqa: F811
    one = terminal(env={"NETBILL_THEME": theme, **env})
    one.wait_for("Dashboard")
    one.send("gc")
    one.wait_for("Customers")
    one.settle()
    row = next(y for y, text in enumerate(one.screen.display) if text.startswith(">"))
    assert one.screen.buffer[row][3].reverse
    if theme == "mono":
        assert b"38;" not in one.raw, "no colour at all"


@pytest.mark.parametrize("size", [(60, 16), (40, 10), (120, 40), (132, 50)], ids=str)
def test_every_screen_lives_in_every_size(terminal: Open, size: tuple[int, int]):  # noqa: F811
    one = terminal(columns=size[0], lines=size[1])
    one.wait_for("Dashboard")
    for keys, words in (("gc", "Customers"), ("gu", "Dues"), ("gp", "Payments"), ("go", "Overdue"), ("p", "payment"), ("\x1b", "Overdue"),
                        ("+", ""), (":od days>3\r", "Overdue"), ("\x10", ""), ("\x1b", ""), ("gf", "Find")):  # fmt: skip
        one.send(keys)
        one.settle()
        assert one.code is None
        if words:
            assert words in one.text, keys
    assert isinstance(one, Terminal)


@pytest.mark.parametrize(("env", "waits"), [({}, "50"), ({"SSH_CONNECTION": "a 1 b 2"}, "300"), ({"ESCDELAY": "900"}, "900")])
def test_how_long_the_rest_of_a_torn_key_is_waited_for(env: dict[str, str], waits: str):
    with patch.dict(os.environ, env, clear=True):
        prepare("auto")
        assert os.environ["ESCDELAY"] == waits
