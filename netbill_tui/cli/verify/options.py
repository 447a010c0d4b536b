"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse


def verify(p: argparse.ArgumentParser) -> None:
    """`netbill verify`: check every invariant, the audit chain and the sealed fields."""
    p.add_argument("--checkpoint", action="append", default=[], metavar="FILE", help="checkpoints that the audit must fit")
    p.add_argument("--all-cells", action="store_true", help="open every sealed cell, not a sample of them")
    # A part in a process of its own, which `verify` starts itself.
    p.add_argument("--beside", action="store_true", help=argparse.SUPPRESS)
    p.add_argument("--quick", action="store_true", help="only the quick checks; the screens run them once a day")
