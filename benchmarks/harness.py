"""Both sides of a ratio in one run, interleaved, medians of at least seven."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from netbill_tui.db.core import migrate
from netbill_tui.usecases.core import demo_key
from netbill_tui.usecases.demo import book as demo

CACHE = Path(os.environ.get("NETBILL_BENCH_BOOKS", tempfile.gettempdir())) / "netbill-bench"
ROWS: list[dict[str, object]] = []


def book(customers: int, months: int = 12) -> str:
    """A demo book of this size, made once."""
    CACHE.mkdir(mode=0o700, exist_ok=True)
    # Of this schema: a book that an older program made is not upgraded, it is made anew.
    path = CACHE / f"demo-{customers}-{months}-{migrate.known()[-1][:4]}.db"
    # The key is written last: without it the book was never finished.
    if not demo_key.key_file(str(path)).exists():
        for old in CACHE.glob(f"{path.name}*"):
            old.unlink()
        began = time.perf_counter()
        made = demo.make(str(path), customers=customers, months=months)
        made.session.db.close()
        seconds = time.perf_counter() - began
        print(f"# made {customers:,} customers, {made.invoices:,} invoices, {made.payments:,} payments in {seconds:.1f} s")
    return str(path)


def interleaved(a: Callable[[], object], b: Callable[[], object], times: int = 9) -> tuple[float, float]:
    """Median seconds of both, taken in turns after one warm-up each."""
    a(), b()
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for side, work in enumerate((a, b)):
            began = time.perf_counter()
            work()
            found[side].append(time.perf_counter() - began)
    return statistics.median(found[0]), statistics.median(found[1])


def report(goal: str, what: str, size: str, ours: float, theirs: float, limit: float | None, *, unit: str = "ms") -> None:
    """One row of the table: both sides, the ratio, and whether the goal is met."""
    scale = {"ms": 1e3, "us": 1e6}[unit]
    ratio = ours / theirs
    verdict = "" if limit is None else "met" if ratio <= limit else f"missed (goal {limit:.4g})"
    ROWS.append({"goal": goal, "what": what, "size": size, "ratio": round(ratio, 2), "goal_ratio": limit})
    print(
        f"{goal:>4}  {what:<58} {size:>9}  {ours * scale:9.2f} {unit}  {theirs * scale:9.2f} {unit}  {ratio:6.2f}x  {verdict}",
        flush=True,
    )


def compared(goal: str, what: str, found: dict[int, float], limit: float | None) -> None:
    """The largest book against the smallest; both sides alone where there is one size only."""
    small, large = min(found), max(found)
    report(goal, f"{what}, {large:,} / {small:,}", "both", found[large], found[small], limit, unit="us")


def fact(goal: str, what: str, size: str, value: float, unit: str, limit: float | None = None) -> None:
    """A figure that is no ratio."""
    verdict = "" if limit is None else "met" if value <= limit else f"missed (goal {limit:g})"
    ROWS.append({"goal": goal, "what": what, "size": size, "value": round(value, 1), "unit": unit})
    print(f"{goal:>4}  {what:<58} {size:>9}  {value:9.1f} {unit:<22} {verdict}", flush=True)


def process(words: list[str], env: dict[str, str] | None = None) -> Callable[[], object]:
    """Running a command to its end."""
    # As at a desk: a variable of Python's would make netbill start twice, the second time without it.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | (env or {})
    return lambda: subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)


PYTHON = sys.executable
# The installed script, as operators start it; `python -m` would add 5 ms of its own.
NETBILL = [str(Path(PYTHON).with_name("netbill"))]


@contextmanager
def terminal(words: Sequence[str], env: dict[str, str] | None = None, *, program: Sequence[str] = ()) -> Iterator["object"]:
    """The program in a pseudo-terminal, as it is shipped; or another one."""
    from tests.terminal.terminal import Terminal

    with tempfile.TemporaryDirectory() as home:
        one = Terminal(
            words, {"HOME": home, "XDG_STATE_HOME": home, **(env or {})}, program=program or [PYTHON, "-m", "netbill_tui"]
        )
        try:
            yield one
        finally:
            one.close()


def save(path: Path) -> None:
    """Write the rows as JSON."""
    path.write_text(json.dumps(ROWS, indent=1) + "\n")
