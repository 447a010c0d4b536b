"""Goals 1, 2 and 3: how long until something can be done."""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
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


def _until(words: list[str], marker: bytes | None) -> float:
    """Seconds from the start of the process until the marker, or the first visible byte, has arrived."""
    began = time.perf_counter()
    with terminal(words) as one:
        while (marker not in one.raw if marker else not one.raw.strip()) and one.code is None:
            one.read(5.0)
        return time.perf_counter() - began


@contextmanager
def other_program(folder: Path, text: str) -> Iterator[None]:
    """Let the pseudo-terminal run another program in our place."""
    from tests.terminal import terminal as module

    script, wrapper, real = folder / "other.py", folder / "other.sh", sys.executable
    script.write_text(text)
    wrapper.write_text(f'#!/bin/sh\nexec "{real}" "{script}"\n')
    wrapper.chmod(0o700)
    module.sys.executable = str(wrapper)
    try:
        yield
    finally:
        module.sys.executable = real


def run(sizes: list[int], times: int) -> None:
    """Print the rows."""
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            target = book(size)
            sides: dict[str, list[float]] = {"netbill": [], "minimal": [], "paint": [], "bare": []}
            for _ in range(times):
                sides["netbill"].append(_until(["tui", "--book", target], b"All open invoices"))
                sides["paint"].append(_until(["tui", "--book", target], None))
                with other_program(Path(folder), MINIMAL):
                    sides["minimal"].append(_until([], b"All open invoices"))
                with other_program(Path(folder), "print('x')"):
                    sides["bare"].append(_until([], None))
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
