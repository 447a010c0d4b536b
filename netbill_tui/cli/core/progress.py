"""A bar for long work: how far, what is done now, how long it has taken. It moves each second, also where the work is silent."""

import sys
import threading
from time import monotonic
from typing import TextIO

from netbill_tui.text import cut

_BAR = 24
_SHOWN: list["Bar"] = []


class Bar:
    """One line on the terminal's stderr, written again in place."""

    def __init__(self, label: str, out: TextIO, *, width: int = 79) -> None:
        """Nothing is shown before the first call."""
        self._label, self._out, self._width = label, out, width
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._began = self._moved = 0.0
        self._done, self._total, self._now = 0, 0, ""
        self._first = 0  # what was done before it began

    def __call__(self, done: int, total: int, now: str = "") -> None:
        """So many are done, of so many; `now` is what is begun."""
        with self._lock:
            self._moved = monotonic()
            if not self._began:
                self._began, self._first = self._moved, done
                _SHOWN.append(self)
                threading.Thread(target=self._tick, daemon=True).start()
            self._done, self._total, self._now = done, total, now
        self._draw(end=total <= 0 or done >= total)

    def close(self) -> None:
        """Leave the line as it is: what is printed next begins on one of its own."""
        if not self._over.is_set():
            self._over.set()
            with self._lock:
                print(file=self._out, flush=True)

    def _tick(self) -> None:
        while not self._over.wait(1.0):
            self._draw()

    def _draw(self, *, end: bool = False) -> None:
        with self._lock:
            if self._over.is_set():
                return
            taken = monotonic() - self._began
            share = min(self._done / self._total, 1.0) if self._total > 0 else 1.0
            # A guess holds where the work moves evenly; where it stands still, or has steps of their own size, it says nothing.
            even = self._first < self._done < self._total and monotonic() - self._moved < 2 and not self._now
            left = f"{taken / (self._done - self._first) * (self._total - self._done):,.0f} s left" if even else f"{taken:,.0f} s"
            text = f"{self._label} [{'#' * int(share * _BAR):<{_BAR}}] {self._done:,} of {self._total:,}, {left}"
            text += f", {self._now}" if self._now and not end else ""
            print(f"\r{cut(text, self._width):<{self._width}}", end="", file=self._out, flush=True)
        if end:
            self.close()


def close_all() -> None:
    """End the bars that still move, before something else is said."""
    for bar in _SHOWN:
        bar.close()
    _SHOWN.clear()


def bar_for(label: str, *, quiet: bool) -> Bar | None:
    """A bar on stderr; None where nobody looks."""
    return None if quiet or not sys.stderr.isatty() else Bar(label, sys.stderr)
