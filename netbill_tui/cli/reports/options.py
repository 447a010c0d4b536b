"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse


def report(p: argparse.ArgumentParser) -> None:
    """`netbill report`: revenue by code, or tax by rate."""
    p.add_argument("name", metavar="NAME", help="revenue or tax")
    p.add_argument("--from", dest="first", metavar="DATE")
    p.add_argument("--to", dest="last", metavar="DATE")
