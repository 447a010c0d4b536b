"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse


def audit(p: argparse.ArgumentParser) -> None:
    """`netbill audit`: who did what, to a record or in the whole book; checkpoints."""
    p.add_argument("record", nargs="?", metavar="RECORD", help="an account, receipt, invoice, operator or other object")
    p.add_argument("--by", metavar="NAME", default="", help="only what this operator did")
    p.add_argument("--action", metavar="WORDS", default="", help="only actions that begin with this, such as payment.")
    p.add_argument("--from", dest="first", metavar="DATE", help="from this day on")
    p.add_argument("--to", dest="last", metavar="DATE", help="to this day")
    p.add_argument("--limit", type=int, metavar="N", default=200, help="the newest N events; 0 for all")
    p.add_argument("--checkpoint", action="store_true", help="write a checkpoint now, and print it for the day's sheet")
