"""Notes and calls, as they cross layers."""

from typing import NamedTuple


class NoteRow(NamedTuple):
    """A note on an account, or the outcome of a call. A pinned one stands above the others."""

    date: str
    kind: str
    outcome: str
    text: str
    next_action_on: str | None
    operator: str
    id: int = 0
    pinned: bool = False
