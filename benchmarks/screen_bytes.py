"""Goals 13 and 26: what a key costs on the line."""

import statistics

from benchmarks.harness import book, fact, terminal


def run(sizes: list[int], times: int) -> None:
    """Print the rows."""
    size = sizes[0]
    with terminal(["tui", "--book", book(size)]) as one:
        one.wait_for("Dashboard")
        one.settle()
        one.send("gp")
        one.wait_for("Payments")
        one.settle()

        def cost(keys: str, count: int) -> float:
            found = []
            for _ in range(count):
                before = len(one.raw)
                one.send(keys)
                one.settle()
                found.append(len(one.raw) - before)
            return statistics.median(found)

        fact("13", "cursor down in view", f"{size:,}", cost("\x1b[B", 8), "bytes", 256)
        one.send("\x1b[B" * 20)
        one.settle()
        fact("13", "cursor down, scrolled line", f"{size:,}", cost("\x1b[B", 8), "bytes", 2100)
        fact("13", "page down", f"{size:,}", cost("\x1b[6~", 5), "bytes", 2100)
        before = len(one.raw)
        one.read(3.0)
        fact("13", "idle for three seconds", f"{size:,}", len(one.raw) - before, "bytes", 0)
        # Opening and going back, each once there and once back.
        for what, keys, limit in (
            ("opening a record", "\r", 3500), ("back to the list", "\x1b[24~", 4000), ("opening a list", "gc", 4000),
            ("opening the payment form", "\x1b[17~", None),
        ):  # fmt: skip
            before = len(one.raw)
            one.send(keys)
            one.settle()
            fact("26", what, f"{size:,}", len(one.raw) - before, "bytes", limit)
        one.send("\x1b[24~")
        one.settle()
        one.send("\x1bOQ")
        one.wait_for("Find")
        one.settle()
        fact("13", "a letter typed in Find, with its results", f"{size:,}", cost("s", 3), "bytes")
    assert times
