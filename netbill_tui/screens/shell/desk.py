"""What one operator has at hand in one sitting: forms put aside, records opened, lines typed, the last payment."""

import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from netbill_tui.cards import card_number_in
from netbill_tui.settings import state_home
from netbill_tui.styles.roles import PLAIN, QUIET
from netbill_tui.widgets.lines import Part

HISTORY = 200
JUMPS = 50


class Place(NamedTuple):
    """A record that was opened: its kind (customer, invoice, receipt) and number."""

    kind: str
    number: str


class Jumps:
    """The records that were opened, in order, with the one that is shown."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    def visit(self, place: Place) -> None:
        """A record was opened; what lay ahead is forgotten."""
        if self._at >= 0 and self._places[self._at] == place:
            return
        self._places = [*self._places[: self._at + 1], place][-JUMPS:]
        self._at = len(self._places) - 1

    def move(self, by: int, shown: Place | None) -> Place | None:
        """The place before or after; None at the end. From a screen that shows no record, the last one comes first.

        Args:
            by: -1 or 1.
            shown: What is on the screen.
        """
        at = self._at + by if shown is not None or by > 0 else self._at
        if not 0 <= at < len(self._places):
            return None
        self._at = at
        return self._places[at]

    @property
    def last(self) -> list[Place]:
        """The newest places, newest first."""
        return list(dict.fromkeys(reversed(self._places)))


class Filled(NamedTuple):
    """A payment as it was typed on one line."""

    account: str
    amount: str = ""
    method: str = ""
    reference: str = ""


class KeptForm(Protocol):
    """A form of a whole screen that is never lost: what the sitting and the program ask of it."""

    request_id: bytes

    def is_dirty(self) -> bool:
        """True when the operator typed something that would be lost."""

    def put_aside(self) -> bool:
        """Take it off the screen, alive."""

    def bring_back(self) -> None:
        """Put it on the screen again, as it was left."""

    async def let_go(self) -> None:
        """Nobody can bring it back any more."""

    async def keep(self) -> None:
        """Store what stands in it."""


@dataclass(slots=True)
class LastPayment:
    """What F9 fills in."""

    method: str = ""
    amount: str = ""
    received: str = ""


class Message(NamedTuple):
    """What was said on the message line, and when."""

    at: str
    chip: Part | None
    sentence: str

    @property
    def line(self) -> list[Part]:
        """As it is listed."""
        return [(f" {self.at}  ", QUIET), self.chip or ("    ", PLAIN), (f" {self.sentence}", PLAIN)]


@dataclass(slots=True)
class OperatorsDesk:
    """One operator's sitting.

    Attributes:
        waiting: Forms that were put aside, the newest at the end.
        left: The form that was left last, which can still be brought back.
        left_last: It was left after the last one was put aside.
        jumps: Records that were opened.
        payment: The last payment that was posted from here.
        repeat: Does the last note, tag or outcome again on another account; None before the first.
        preferences: Columns, widths and orders that were chosen.
        offered: Forms of an earlier sitting were offered already.
        pane: The account is shown beside a list.
        messages: What was said last.
        phones: Phone numbers that were opened in this sitting, by account.
    """

    waiting: list[KeptForm] = field(default_factory=list)
    left: KeptForm | None = None
    left_last: bool = False
    jumps: Jumps = field(default_factory=Jumps)
    payment: LastPayment = field(default_factory=LastPayment)
    repeat: Callable[[str], Awaitable[str]] | None = None
    preferences: dict[str, str] = field(default_factory=dict)
    offered: bool = False
    pane: bool = True
    phones: dict[str, str] = field(default_factory=dict)
    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=50))

    @property
    def newest(self) -> KeptForm | None:
        """The form that was put aside or left last."""
        waiting = self.waiting[-1] if self.waiting else None
        return self.left if self.left is not None and (self.left_last or waiting is None) else waiting

    def preference(self, name: str) -> dict[str, object]:
        """A remembered choice; empty where there is none or it cannot be read."""
        try:
            stored = json.loads(self.preferences.get(name, "{}"))
        except ValueError:
            return {}
        return stored if isinstance(stored, dict) else {}


def _file(whose: str) -> Path:
    # Operators of a service account share one home.
    return state_home() / f"history-{whose}"


def history(whose: str) -> list[str]:
    """The lines that were typed behind `:`, oldest first; empty where they cannot be read."""
    try:
        return [line for line in _file(whose).read_text(encoding="utf-8").splitlines() if line.isprintable()][-HISTORY:]
    except (OSError, UnicodeDecodeError):
        return []


# What is kept of the line: verbs whose words are numbers, accounts and filters, never notes, contacts or private fields.
_KEPT = frozenset(
    "customer c customers cs overdue od dues payments invoice inv receipt find f pay p reverse new view export set home help "
    "ageing statement audit tag verify doctor keymap".split()
)


def _harmless(line: str) -> bool:
    words = line.split()
    if not words or not line.isprintable() or card_number_in(line) or "@" in line or "--" in line:
        return False
    # A search may be for a phone number.
    is_search = words[0].lower() in ("find", "f") and sum(c.isdigit() for c in line) >= 4
    return words[0].lower() in _KEPT and not is_search


def remember(whose: str, line: str) -> None:
    """Keep a typed line for the next sitting, if nothing in it could be what the book holds sealed."""
    if not _harmless(line):
        return
    lines = [earlier for earlier in history(whose) if earlier != line]
    path = _file(whose)
    try:
        import os

        path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write("\n".join([*lines, line][-HISTORY:]) + "\n")
    except OSError:
        return  # A history that cannot be kept stops nobody.
