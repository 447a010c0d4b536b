"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse


def demo(p: argparse.ArgumentParser) -> None:
    """`netbill demo`: make a throw-away book with believable data and open the screens."""
    p.add_argument("--customers", type=int, default=1000, metavar="N")
    p.add_argument("--months", type=int, default=12, metavar="M")
    p.add_argument("--seed", type=int, default=2026, metavar="S", help="the same seed makes the same book")
    p.add_argument("--no-tui", action="store_true", help="make the book and open no screens")
