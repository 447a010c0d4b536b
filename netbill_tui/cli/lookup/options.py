"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse


def find(p: argparse.ArgumentParser) -> None:
    """`netbill find`: search payments, customers and invoices."""
    p.add_argument("--scope", default="all", metavar="WHAT", help="all, payment, customer or invoice")
    p.add_argument("words", nargs="+", metavar="WORDS")


def view(p: argparse.ArgumentParser) -> None:
    """`netbill view`: saved views of a list: show, save, drop."""
    p.add_argument("list", metavar="LIST", help="customers, dues, overdue or payments")
    p.add_argument("name", nargs="?", metavar="NAME")
    p.add_argument("--save", metavar="FILTER", help="keep this filter under the name")
    p.add_argument("--digit", type=int, metavar="N", help="the key that opens it, 1 to 9")
    p.add_argument("--shared", action="store_true", help="for every operator")
    p.add_argument("--drop", action="store_true", help="forget it")
