"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse

from netbill_tui.cli.core.options import listing


def call(p: argparse.ArgumentParser) -> None:
    """`netbill call`: record what came of a call."""
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument(
        "outcome",
        metavar="OUTCOME",
        help="n no answer, l message, w wrong number, m promise, d dispute, e escalate, s skip",
    )
    p.add_argument("--text", default="", metavar="TEXT")
    p.add_argument("--promise-on", metavar="DATE")
    p.add_argument("--invoice", default="", metavar="NUMBER", help="which one is disputed; default the oldest overdue one")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")


def overdue(p: argparse.ArgumentParser) -> None:
    """`netbill overdue`: the overdue queue."""
    p.add_argument("--work", action="store_true", help="only what is to be done today, in the order of work")
    p.add_argument("--bucket", metavar="B", help="1-30, 31-60, 61-90 or over-90")
    p.add_argument("--sort", metavar="BY", help="days or amount")
    listing(p)
