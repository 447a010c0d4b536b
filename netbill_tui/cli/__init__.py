"""Words on the command line -> one service call -> an exit code. Contract: docs/commands.md."""

from netbill_tui.cli.main import main

__all__ = ["main"]
