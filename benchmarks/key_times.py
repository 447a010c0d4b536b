"""Goals 14, 15 and 18: how soon the last byte of a key arrives, how soon Escape is heard, and what a long sitting weighs."""

import os
import statistics
import time
from pathlib import Path

from benchmarks.harness import PYTHON, book, fact, report, terminal
from benchmarks.start import MINIMAL

TABLE = """
from textual.app import App
from textual.widgets import DataTable
class Table(App):
    ENABLE_COMMAND_PALETTE = False
    def compose(self):
        yield DataTable(cursor_type="row")
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("Account", "Customer", "Balance", "Days", "Overdue", "Status")
        for n in range(1000):
            table.add_row(f"C{n:06d}", "Smith, John", "12.50", "33", "12.50", "active")
        table.focus()
Table().run(mouse=False)
"""
QUIET_S = 0.12


def _last_byte(one: object, key: bytes) -> float:
    """Seconds from the key to the last byte that it made the program write."""
    began = time.perf_counter()
    one.send(key)  # type: ignore[attr-defined]
    last = began
    while one.read(QUIET_S):  # type: ignore[attr-defined]
        last = time.perf_counter()
    return last - began


def run(sizes: list[int], times: int) -> None:
    """Print the rows."""
    size = sizes[-1]
    with terminal([], program=[PYTHON, "-c", TABLE]) as table:
        table.wait_for("C000000")  # type: ignore[attr-defined]
        table.settle()  # type: ignore[attr-defined]
        # Its thousand rows are forty pages long, and at their end nothing is written.
        counts = {b"\x1b[B": times, b"\x1b[6~": min(times, 25)}
        theirs = {key: [_last_byte(table, key) for _ in range(count)] for key, count in counts.items()}
    with terminal(["tui", "--book", book(size)]) as one:
        _open_customers(one)
        ours = {key: [_last_byte(one, key) for _ in range(times)] for key in (b"\x1b[B", b"\x1b[6~")}
        for key, words in ((b"\x1b[B", "cursor down"), (b"\x1b[6~", "page down")):
            a, b = statistics.median(ours[key]), statistics.median(theirs[key])
            report("14", f"{words}, last byte / DataTable of 1,000 rows", f"{size:,}", a, b, 1 / 3)
            worst = sorted(ours[key])[max(int(len(ours[key]) * 0.99) - 1, 0)]
            report("14", f"{words}, p99 / its own p50", f"{size:,}", worst, a, 5.0)
        for key, words in ((b"\x1b[F", "End"), (b"\x1b[H", "Home")):
            fact("14", f"{words} over all rows", f"{size:,}", 1000 * _last_byte(one, key), "ms")
        _memory(one, size, 1000 if times > 50 else 10)
    _escape(size, 7)


def _open_customers(one: object) -> None:
    one.wait_for("Dashboard")  # type: ignore[attr-defined]
    one.settle()  # type: ignore[attr-defined]
    one.send("gc")  # type: ignore[attr-defined]
    one.wait_for("row 1 of")  # type: ignore[attr-defined]
    one.settle()  # type: ignore[attr-defined]


def _resident(pid: int) -> float:
    """Resident memory in MiB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def _memory(one: object, size: int, pages: int) -> None:
    """Goal 18: resident memory after a thousand page-downs against a minimal Textual program with peewee."""
    with terminal([], program=[PYTHON, "-c", MINIMAL]) as minimal:
        minimal.wait_for("All open invoices")  # type: ignore[attr-defined]
        minimal.settle()  # type: ignore[attr-defined]
        theirs = _resident(_deepest(minimal.pid))  # type: ignore[attr-defined]
    one.send("\x1b[H")  # type: ignore[attr-defined]
    one.settle()  # type: ignore[attr-defined]
    before = _resident(_deepest(one.pid))  # type: ignore[attr-defined]
    for _ in range(pages):
        one.send("\x1b[6~")  # type: ignore[attr-defined]
        one.read(0.005)  # type: ignore[attr-defined]
    one.settle()  # type: ignore[attr-defined]
    after = _resident(_deepest(one.pid))  # type: ignore[attr-defined]
    report("18", f"MiB after {pages:,} page-downs / minimal Textual", f"{size:,}", after / 1000, theirs / 1000, 1.25)
    fact("18", f"MiB that {pages:,} page-downs added", f"{size:,}", after - before, "MiB")


def _deepest(pid: int) -> int:
    """The program itself, where a shell stands before it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return _deepest(int(children[0])) if children else pid


def _escape(size: int, times: int) -> None:
    """Goal 15: from a lone Escape to the first byte of what it does, above ESCDELAY."""
    for delay in (50, 300):
        with terminal(["tui", "--book", book(size)], {"ESCDELAY": str(delay)}) as one:
            one.wait_for("Dashboard")  # type: ignore[attr-defined]
            _counted(one)
            found = []
            for _ in range(times):
                one.send("gc")  # type: ignore[attr-defined]
                one.wait_for("row 1 of")  # type: ignore[attr-defined] # counted: nothing else is going to be written
                one.settle()  # type: ignore[attr-defined]
                began = time.perf_counter()
                one.send("\x1b")  # type: ignore[attr-defined]
                one.read(5.0)  # type: ignore[attr-defined]
                found.append(time.perf_counter() - began)
                one.wait_for("Dashboard")  # type: ignore[attr-defined]
                _counted(one)
            fact("15", f"Escape above its ESCDELAY of {delay} ms", f"{size:,}", 1000 * statistics.median(found) - delay, "ms", 15)
    assert os.name == "posix"


def _counted(one: object) -> None:
    """Until the dashboard has counted its work list too."""
    one.settle()  # type: ignore[attr-defined]
    while "counting" in one.text:  # type: ignore[attr-defined]
        one.settle()  # type: ignore[attr-defined]
