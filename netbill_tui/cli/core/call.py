"""What a command gets."""

import argparse
from datetime import date
from typing import NamedTuple

from netbill_tui.cli.core.output import Output
from netbill_tui.settings import Settings


class Call(NamedTuple):
    """What a command gets: its words, the settings, and where its answer goes."""

    args: argparse.Namespace
    settings: Settings
    output: Output
    as_of: date | None
    dry_run: bool
    yes: bool
    no_input: bool
