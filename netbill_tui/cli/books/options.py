"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse


def init(p: argparse.ArgumentParser) -> None:
    """`netbill init`: make a book: company, currency, time zone, first operator."""
    p.add_argument("--company", metavar="NAME")
    p.add_argument("--currency", metavar="CODE", help="ISO 4217, such as USD")
    p.add_argument("--timezone", metavar="NAME", help="such as Europe/Berlin")
    p.add_argument("--country", metavar="CC", default="", help="two letters, for phone numbers")
    p.add_argument("--upgrade", action="store_true", help="bring an older book to this version")


def backup(p: argparse.ArgumentParser) -> None:
    """`netbill backup`: an encrypted, verified copy of the book."""
    p.add_argument("file", metavar="FILE_OR_FOLDER", help="a folder gets a name with date and audit head")
    p.add_argument("--recipient", action="append", default=[], metavar="AGE1…", help="another age recipient that may open it")


def restore(p: argparse.ArgumentParser) -> None:
    """`netbill restore`: bring a book back from a backup."""
    p.add_argument("file", metavar="FILE")
    p.add_argument("--identity", metavar="FILE", help="age identity that opens it, as netbill recovery combine writes it")
    p.add_argument("--shares-file", metavar="FILE", help="file with the two recovery shares, a line each, mode 600")
    p.add_argument("--checkpoint", action="append", default=[], metavar="FILE", help="checkpoints to compare the audit with")
    p.add_argument("--accept-missing", type=int, metavar="N", help="how many audit events may be missing against a checkpoint")
    p.add_argument("--second", metavar="NAME", help="a second operator who agrees to that; signs in too")
    p.add_argument("--second-password-file", metavar="FILE", help="their password, mode 600")
    p.add_argument("--drill", action="store_true", help="restore a test copy, verify it and delete it")
