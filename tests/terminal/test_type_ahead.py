"""Through a real pseudo-terminal: bursts, signals, hostile data, poor terminals. `Pilot` waits between keys and cannot see these."""

import os
import re
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netbill_tui.usecases.demo import book as demo
from netbill_tui.usecases.verify.book import verify
from tests.terminal.terminal import Terminal

Open = Callable[..., Terminal]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    folder.chmod(0o700)
    demo.make(str(folder / "d.db"), customers=60, months=4).session.db.close()
    return folder


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    for path in made.iterdir():
        shutil.copy2(path, tmp_path / path.name)
    return tmp_path / "d.db"


@pytest.fixture
def terminal(book: Path) -> Iterator[Open]:
    opened: list[Terminal] = []

    def start(*words: str, **more: object) -> Terminal:
        env = {"HOME": str(book.parent), "XDG_STATE_HOME": str(book.parent / "state"), **more.pop("env", {})}  # type: ignore[dict-item]
        one = Terminal(["tui", "--book", str(book), *words], env, **more)  # type: ignore[arg-type]
        opened.append(one)
        return one

    yield start
    for one in opened:
        one.close()


def rows(book: Path, sql: str) -> list[tuple]:
    connection = sqlite3.connect(f"file:{book}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def payments_of(book: Path, account: str) -> list[int]:
    sql = f"select p.amount from payment p join customer c on c.id = p.customer_id where c.account = '{account}' and p.received_on = date('now') order by p.id"
    return [r[0] for r in rows(book, sql)]


def on_customer(terminal: Open, account: str = "C10007", **more: object) -> Terminal:
    one = terminal(**more)
    one.wait_for("Dashboard")
    one.send(f"/{account}\r")
    one.wait_for(f"Customer {account}")
    one.wait_for("Ledger")
    one.settle()
    return one


def test_a_whole_payment_typed_in_one_burst_posts_exactly_once(terminal: Open, book: Path):
    before = payments_of(book, "C10007")
    one = on_customer(terminal)
    one.send("p1\r23.45\r\r\r\r\r\r")
    one.wait_for("posted: 23.45 cash for C10007")
    assert "Customer C10007" in one.text
    assert payments_of(book, "C10007") == [*before, 2345]


def test_two_payments_in_one_burst_post_both(terminal: Open, book: Path):
    before = payments_of(book, "C10007")
    one = on_customer(terminal)
    one.send("p1\r1.11\r\r\r\r\r\rp4\r1.22\rRF-1\r\r\r\r")
    one.wait_for("posted: 1.22 bank transfer")
    assert payments_of(book, "C10007") == [*before, 111, 122]


def test_a_burst_from_the_dashboard_finds_and_pays(terminal: Open, book: Path):
    before = payments_of(book, "C10008")
    one = terminal()
    one.wait_for("Dashboard")
    one.send("/C10008\rp1\r12.34\r\r\r\r\r\r")
    one.wait_for("posted: 12.34 cash for C10008")
    assert payments_of(book, "C10008") == [*before, 1234]


def test_an_error_in_the_middle_of_a_burst_posts_nothing(terminal: Open, book: Path):
    before = payments_of(book, "C10007")
    one = on_customer(terminal)
    one.send("p1\rabc\r\r\r\r\r\r")
    one.wait_for("is not an amount")
    one.settle()
    assert "Take payment" in one.text
    assert "abc" in one.text, "the form keeps what was typed"
    assert payments_of(book, "C10007") == before


def test_a_second_enter_on_post_posts_once(terminal: Open, book: Path):
    before = payments_of(book, "C10007")
    one = on_customer(terminal)
    one.send("p1\r23.45\r\r\r\r\r\r\r\r")
    # The Enters behind it open the receipt of what was posted; whichever of the two is on the screen when it is looked at.
    one.wait_until(lambda: "posted: 23.45" in one.text or "RECEIPT R-" in one.text, lambda: "the payment was never posted")
    one.settle()
    assert payments_of(book, "C10007") == [*before, 2345]


def test_keys_typed_before_the_start_are_not_lost(terminal: Open, book: Path):
    one = terminal(early=b"/C10009\r")
    assert "Customer C10009" in one.wait_for("Customer C10009")


def test_a_suspected_duplicate_stops_the_burst_and_asks(terminal: Open, book: Path):
    one = on_customer(terminal)
    one.send("p1\r23.45\r\r\r\r\r\r")
    one.wait_for("posted: 23.45")
    one.settle()
    one.send("p1\r23.45\r\r\r\r\r\ryes\rother\r")
    one.wait_for("Is this another payment?")
    one.settle()
    assert payments_of(book, "C10007")[-2:] != [2345, 2345], "keys typed ahead do not answer a question nobody saw"
    one.send("yes\rtwo invoices\r")
    one.wait_for("posted: 23.45")
    assert payments_of(book, "C10007")[-2:] == [2345, 2345]


def test_two_hundred_arrows_move_two_hundred_rows(terminal: Open):
    one = terminal()
    one.wait_for("Dashboard")
    one.send("gp")
    one.wait_for("Payments: 30 days")
    one.settle()
    one.send("wwwww")
    one.settle()
    one.send("w" * 2)
    one.wait_for("Payments: all")
    one.settle()
    one.send("\x1b[B" * 150)
    one.settle()
    first = next(line for line in one.text.splitlines() if line.startswith(">"))
    one.send("\x1b[A" * 150)
    one.settle()
    last = next(line for line in one.text.splitlines() if line.startswith(">"))
    assert first != last
    assert one.text.splitlines()[4].startswith(">"), "back on the first row"


def test_pasted_line_breaks_never_submit(terminal: Open, book: Path):
    before = payments_of(book, "C10007")
    one = on_customer(terminal)
    one.send("p1\r\x1b[200~11.11\r\r\r\r\r\r\r\x1b[201~")
    one.settle()
    assert "Take payment" in one.text
    assert payments_of(book, "C10007") == before


HOSTILE = "[red]Acme [/ Ltd\x1b]2;PWNED\x07\x1b]52;c;cHduZWQ=\x07\x9b31m\u202egnp.exe\x1b[2J\x1b[1;1HSPOOF"


def poison(book: Path) -> None:
    connection = sqlite3.connect(book)
    for (name,) in connection.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        connection.execute(f"drop trigger {name}")
    names = [
        HOSTILE,
        "x" * 300,
        "محمد الأحمد",
        "王小明" * 30,
        "👨\u200d👩\u200d👧 Family",
        "[@click=app.bell]pay[/]",
        "[link=http://x]y[/link]",
    ]
    accounts = [r[0] for r in connection.execute("select id from customer order by account").fetchall()]
    for at, row_id in enumerate(accounts):
        connection.execute(
            "update customer set name = ?, plan = ?, town = ? where id = ?", (names[at % 7], HOSTILE, HOSTILE, row_id)
        )
    for table, column in (
        ("payment", "reference"),
        ("entry", "text"),
        ("note", "text"),
        ("invoice_line", "text"),
        ("invoice", "text"),
    ):
        connection.execute(f"update {table} set {column} = ?", (HOSTILE,))
    connection.commit()
    connection.close()


def foreign_bytes(raw: bytes) -> list[bytes]:
    """Control sequences that the program itself never writes."""
    text = raw.decode("utf-8", "replace")
    # What Textual writes: CSI with these finals, charset, keypad; everything else came from data.
    own = re.compile(r"\x1b\[[?>=<]?[0-9;$]*[A-Za-z@p]|\x1b[()][A-Z0-9]|\x1b[78=>]|\x1b\]22;[a-z-]*(?:\x1b\\)?|[\r\n\x07]")
    rest = own.sub("", text)
    return [
        c.encode()
        for c in rest
        if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069
    ]


def test_hostile_data_never_reaches_the_terminal_as_commands(terminal: Open, book: Path):
    poison(book)
    one = terminal()
    one.wait_for("Dashboard")
    for keys in (
        "gp",
        "\r",
        "\x1b",
        "gu",
        "\r",
        "\x1b",
        "go",
        "2",
        "\r",
        "1",
        "2",
        "3",
        "4",
        "5",
        "=",
        "\r",
        "\x1b",
        "/acme",
        "\r",
        "p",
        "\x1b",
        "\x1b",
        "\x1bOP",
    ):
        one.send(keys)
        one.settle()
        assert one.code is None, (keys, one.text)
    raw = bytes(one.raw)
    assert foreign_bytes(raw) == []
    for planted in (b"\x1b]2;PWNED", b"\x1b]52;", b"\x1b[2J\x1b[1;1HSPOOF", "\u202e".encode(), b"\xc2\x9b31m"):
        assert planted not in raw
    assert "[red]Acme" in raw.decode("utf-8", "replace"), "markup in data is shown, not obeyed"


def test_columns_stay_aligned_whatever_the_name(terminal: Open, book: Path):
    poison(book)
    one = terminal()
    one.wait_for("Dashboard")
    one.send("gu")
    one.wait_for("Dues")
    one.settle()
    # By cells: pyte keeps a wide character in one cell and leaves the next one empty.
    lines = ["".join(one.screen.buffer[y][x].data or " " for x in range(80)) for y in range(24)]
    ends = set()
    for line in (line for line in lines if "INV-" in line):
        found = re.search(r"\d\d [A-Z][a-z]{2} \d\d", line)
        assert found, line
        ends.add(found.start())
    assert len(ends) == 1, ends


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_restores_the_terminal_and_leaves(terminal: Open, book: Path, number: signal.Signals):
    one = on_customer(terminal)
    one.send("p1\r23.45\r")
    one.settle()
    one.kill(number)
    assert one.wait() == 128 + number
    assert b"\x1b[?1049l" in one.raw, "the alternate screen is left"
    assert b"\x1b[?25h" in one.raw, "the cursor is shown"


def test_a_signal_while_posting_leaves_a_sound_book(terminal: Open, book: Path):
    one = on_customer(terminal)
    one.send("p1\r23.45\r\r\r\r\r\r")
    one.kill(signal.SIGTERM)
    assert one.wait() in (143, 0)
    from netbill_tui.usecases.core.open_book import open_book

    session = open_book(str(book))
    assert all(not c.broken for c in verify(session))
    session.db.close()


@pytest.mark.parametrize(("env", "size"), [
    ({"NO_COLOR": "1"}, (80, 24)), ({"TERM": "linux"}, (80, 24)), ({"TERM": "vt100"}, (80, 24)), ({"TERM": "screen"}, (80, 24)), ({}, (120, 40)),
    ({}, (60, 16)), ({}, (40, 10)),
], ids=str)  # fmt: skip
def test_poor_and_odd_terminals_show_the_cursor(terminal: Open, env: dict[str, str], size: tuple[int, int]):
    one = terminal(env=env, columns=size[0], lines=size[1])
    one.wait_for("Dashboard")
    one.send("go")
    one.wait_for("Overdue queue")
    one.send("2")
    one.settle()
    chosen = [y for y, line in enumerate(one.screen.display) if line.startswith("> ")]
    assert len(chosen) == 1
    assert one.screen.buffer[chosen[0]][2].reverse, "the row under the cursor is in reverse video"


def test_a_storm_of_sizes_does_not_end_the_program(terminal: Open):
    one = terminal()
    one.wait_for("Dashboard")
    for columns, lines in ((120, 40), (1, 1), (20, 5), (200, 60), (3, 2), (80, 24)) * 5:
        one.resize(columns, lines)
        one.read(0.02)
    one.send("\x0c")
    one.settle()
    assert one.code is None
    assert "Dashboard" in one.wait_for("netbill  ")


def test_nothing_is_written_while_nobody_types(terminal: Open):
    one = on_customer(terminal)
    one.send("p")
    one.wait_for("Take payment")
    one.settle()
    before = len(one.raw)
    one.read(1.5)
    assert len(one.raw) == before, "no blinking cursor, no clock, no animation"


def test_a_crash_shows_no_secret(book: Path, tmp_path: Path):
    """An error that nobody foresaw, with a canary in a local variable: neither screen nor log hold it."""
    code = (
        "import sys\n"
        "from netbill_tui.usecases.customers import accounts\n"
        "def broken(session, account):\n"
        "    canary = 'CANARY-' + 'DE555444333'\n"
        "    raise RuntimeError(canary)\n"
        "accounts.card = broken\n"
        "from netbill_tui.cli.core.main import main\n"
        "sys.exit(main(['tui', '--book', sys.argv[1]]))\n"
    )
    script = tmp_path / "crash.py"
    script.write_text(code)
    env = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    one = Terminal([str(book)], env, program=[sys.executable, str(script)])
    one.wait_for("Dashboard")
    one.send("/C10007\r")
    assert one.wait() == 1
    while one.read(0.2):
        pass
    log = (tmp_path / "state" / "netbill" / "errors.log").read_text()
    assert "RuntimeError" in log
    for text in (one.raw.decode("utf-8", "replace"), log):
        assert "CANARY" not in text
        assert "DE555444333" not in text
    assert b"Report incident" in one.raw
    one.close()
    assert os.stat(tmp_path / "state" / "netbill" / "errors.log").st_mode & 0o777 == 0o600


def test_a_demo_book_works_on_after_it_was_locked(terminal: Open, book: Path):
    one = terminal()
    one.wait_for("Dashboard")
    one.send("\x18")
    one.wait_for("Locked")
    one.send("\r")
    one.wait_for("Dashboard")
    one.send("go")
    one.wait_for("Overdue queue")
    one.send("\r")
    one.wait_for("Ledger")
    assert "foresaw" not in one.text
    assert not (book.parent / "state" / "netbill" / "errors.log").exists(), "no incident was written"
