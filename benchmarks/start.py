"""Goals 1, 2 and 3: how long until something can be done."""

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness import NETBILL, PYTHON, book, interleaved, process, report, terminal

MINIMAL = """
import sys
for name in ("psycopg", "psycopg2"):
    sys.modules[name] = None
import peewee
from textual.app import App
from textual.widgets import Static
class Minimal(App):
    ENABLE_COMMAND_PALETTE = False
    def compose(self):
        yield Static("All open invoices", markup=False)
Minimal().run(mouse=False)
"""
BASE = """
import sys
for name in ("psycopg", "psycopg2"):
    sys.modules[name] = None
import argparse, peewee, dateutil.relativedelta
db = peewee.SqliteDatabase(sys.argv[1]); db.connect(); db.execute_sql("select count(*) from book").fetchone(); db.close()
"""


def _until(words: list[str], marker: bytes | None, program: Sequence[str] = ()) -> float:
    """Seconds from the start of the process until the marker, or the first visible byte, has arrived."""
    began = time.perf_counter()
    with terminal(words, program=program) as one:
        while (marker not in one.raw if marker else not one.raw.strip()) and one.code is None:
            one.read(5.0)
        return time.perf_counter() - began


def run(sizes: list[int], times: int) -> None:
    """Print the rows."""
    for size in sizes:
        target = book(size)
        sides: dict[str, list[float]] = {"netbill": [], "minimal": [], "paint": [], "bare": []}
        for _ in range(times):
            sides["netbill"].append(_until(["tui", "--book", target], b"All open invoices"))
            sides["paint"].append(_until(["tui", "--book", target], None))
            sides["minimal"].append(_until([], b"All open invoices", [PYTHON, "-c", MINIMAL]))
            sides["bare"].append(_until([], None, [PYTHON, "-c", "print('x')"]))
        middle = {name: statistics.median(values) for name, values in sides.items()}
        report("1", "dashboard usable / minimal Textual + peewee", f"{size:,}", middle["netbill"], middle["minimal"], 1.25)
        report("2", "first visible byte / bare python print", f"{size:,}", middle["paint"], middle["bare"], 2.0)
    base_file = Path(tempfile.gettempdir()) / "netbill-bench" / "base.py"
    base_file.parent.mkdir(mode=0o700, exist_ok=True)
    base_file.write_text(BASE)
    for size in sizes:
        target = book(size)
        for words in (["find", "C10002"], ["find", "smith"], ["dues", "C10002"], ["overdue", "--limit", "50"], ["ageing"]):
            ours, theirs = interleaved(
                process([*NETBILL, *words, "--book", target, "--quiet"]), process([PYTHON, str(base_file), target]), times
            )
            report("3", f"netbill {' '.join(words)} / imports + open", f"{size:,}", ours, theirs, 1.3)
