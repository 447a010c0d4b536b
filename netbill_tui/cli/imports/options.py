"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse


def import_(p: argparse.ArgumentParser) -> None:
    """`netbill import`: read a CSV by a profile, or guess one from it."""
    p.add_argument("--profile", metavar="FILE.toml", help="without it the mapping is guessed and shown")
    p.add_argument("--kind", metavar="KIND", help="what the file holds, where the guess is wrong")
    p.add_argument("--write-profile", metavar="FILE.toml", help="write the guessed profile, to be corrected by hand")
    p.add_argument("--report", metavar="FILE", help="write every rejected row with its reason as CSV")
    p.add_argument("--all-or-nothing", action="store_true", help="import nothing if one row is bad")
    p.add_argument("--take", metavar="LINE,...", help="post these lines although they look like payments in the book")
    p.add_argument("file", metavar="FILE")
