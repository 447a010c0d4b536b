"""What a screen may ask of the program it runs in."""

from collections.abc import Callable
from typing import Any, Protocol, TextIO

from netbill_tui.screens.shell.desk import OperatorsDesk
from netbill_tui.screens.shell.lanes import Calls
from netbill_tui.settings import Settings
from netbill_tui.usecases.core.session import Session

# Runs a command of the shell in the open session: its words, where the answer goes, its form; the exit code.
RunWords = Callable[[Session, list[str], TextIO, str], int]


class Program(Protocol):
    """What a screen may ask of the program it runs in."""

    session: Session
    settings: Settings
    calls: Calls
    desk: OperatorsDesk
    run_words: RunWords
    shell_words: tuple[str, ...]
    leaving: bool
    unlocks_itself: bool
    unlock_again: Callable[[Session], None]

    @property
    def keys_waiting(self) -> int:
        """How many keys are typed ahead."""

    def show_theme(self, name: str) -> None:
        """Show everything in this theme."""

    def draw_anew(self) -> None:
        """Write everything again."""

    def lock(self, why: str) -> None:
        """Drop the keys and hide everything until the password is typed."""

    def hold_keys(self) -> None:
        """Keep typed keys until they are released."""

    def release_keys(self) -> None:
        """Undo one hold."""

    def drop_keys(self) -> None:
        """Forget what was typed ahead."""

    async def run_line(self, screen: Any, text: str) -> None:
        """Do what a line behind `:` says, on a screen."""

    def line_words(self) -> list[str]:
        """What the line completes."""

    def leave(self, code: int = 0) -> None:
        """End the program."""
