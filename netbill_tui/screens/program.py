"""What a screen may ask of the program it runs in."""

from typing import Protocol

from netbill_tui.screens.calls import Calls
from netbill_tui.services.session import Session
from netbill_tui.settings import Settings


class Program(Protocol):
    """What a screen may ask of the program it runs in."""

    session: Session
    settings: Settings
    calls: Calls

    def hold_keys(self) -> None:
        """Keep typed keys until they are released."""

    def release_keys(self) -> None:
        """Undo one hold."""

    def drop_keys(self) -> None:
        """Forget what was typed ahead."""

    def leave(self, code: int = 0) -> None:
        """End the program."""
