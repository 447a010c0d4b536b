"""Goals 13 and 26: what a key costs on the line, what opens, and what a day at the desk comes to behind `ssh -C`."""

import statistics
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.harness import book, fact, terminal

DOWN, PAGE_DOWN, UP, ESCAPE = "\x1b[B", "\x1b[6~", "\x1b[A", "\x1b[24~"
F2, F3, F6, F7 = "\x1bOQ", "\x1bOR", "\x1b[17~", "\x1b[18~"


def a_day(turn: int) -> Sequence[str]:
    """What a clerk does with thirty keys: a lookup, a payment that is left, the queue, a list; each turn another account."""
    return (
        F2, "1", "0", f"{turn}", "3", f"{2 + turn}", "\r", DOWN, DOWN, "2", "3", F6, "1", "\r", f"{3 + turn}", "7", "\r", ESCAPE,
        F3, F7, PAGE_DOWN * turn, DOWN, DOWN, "\r", ESCAPE, "gp", PAGE_DOWN * turn, DOWN, "\r", F3,
    )  # fmt: skip


def run(sizes: list[int], times: int) -> None:
    """Print the rows."""
    size = sizes[0]
    with terminal(["tui", "--book", book(size)]) as one:
        one.wait_for("Dashboard")
        one.settle()
        fact("13", "start", f"{size:,}", len(one.raw), "bytes", 3000)

        def cost(keys: str, count: int = 1) -> float:
            return statistics.median(_sent(one, keys) for _ in range(count))

        _openings(size, cost)
        one.send("gp")
        one.wait_for("Payments")
        one.settle()
        fact("13", "cursor down in view", f"{size:,}", cost(DOWN, 8), "bytes", 256)
        one.send(DOWN * 20)
        one.settle()
        fact("13", "cursor down, scrolled line", f"{size:,}", cost(DOWN, 8), "bytes", 2100)
        fact("13", "page down", f"{size:,}", cost(PAGE_DOWN, 5), "bytes", 2100)
        before = len(one.raw)
        one.read(3.0)
        fact("13", "idle for three seconds", f"{size:,}", len(one.raw) - before, "bytes", 0)
        one.send(ESCAPE + F2)
        one.wait_for("Find")
        one.settle()
        fact("13", "a letter typed in Find, with its results", f"{size:,}", cost("s", 3), "bytes")
        one.send(F3)
        one.settle()
        _day(one, size)
    assert times


def _openings(size: int, cost: Callable[..., float]) -> None:
    for what, keys, limit in (
        ("the panel of g", "g", 700), ("putting it back", ESCAPE, 700), ("opening the overdue queue", F7, 4000),
        ("a queue row, with its block", DOWN, 546), ("opening a record", "\r", 3500), ("opening the payment form", F6, 2000),
        ("the next field", "1\r", 150), ("a letter", "7", 60), ("back to the record", ESCAPE, 3500),
        ("back to the list", ESCAPE, 4000), ("opening a list", "gc", 4000),
    ):  # fmt: skip
        fact("26" if "open" in what or "back to" in what else "13", what, f"{size:,}", cost(keys), "bytes", limit)


def _sent(one: Any, keys: str) -> int:
    before = len(one.raw)
    one.send(keys)
    one.settle()
    return len(one.raw) - before


def _day(one: Any, size: int) -> None:
    """Three times thirty actions: as they are sent, and as a compressed line would send them, each by itself."""
    line, raw, packed, actions = zlib.compressobj(6), 0, 0, 0
    for turn in range(1, 4):
        for keys in a_day(turn):
            before = len(one.raw)
            _sent(one, keys)
            data = bytes(one.raw[before:])
            raw, actions = raw + len(data), actions + 1
            packed += len(line.compress(data) + line.flush(zlib.Z_SYNC_FLUSH))
    fact("26", "300 actions of a day", f"{size:,}", raw * 300 / actions / 1e3, "kB")
    fact("26", "the same behind ssh -C", f"{size:,}", packed * 300 / actions / 1e3, "kB", 500)
