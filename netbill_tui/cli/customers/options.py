"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse

from netbill_tui.cli.core.options import listing


def customer(p: argparse.ArgumentParser) -> None:
    """`netbill customer`: the account card; after customer: add, change, show."""
    p.add_argument("--contact", action="store_true", help="street, e-mail and phone too; leaves an audit event")
    p.add_argument("--reveal", metavar="FIELD", help="one private field; needs --reason, leaves an audit event")
    p.add_argument("--check-pin", action="store_const", const="pin", dest="check", help="the same as --check pin")
    p.add_argument("--check", metavar="FIELD", help="compare pin, birth_date or tax_id (last four) with a line of stdin")
    p.add_argument("--notes", action="store_true", help="its notes and calls too, pinned ones first")
    p.add_argument("--reason", default="", metavar="TEXT")
    p.add_argument("--account", metavar="ACCOUNT", help="the account, where it is called add, change or show")
    p.add_argument("account", nargs="?", default=argparse.SUPPRESS, metavar="ACCOUNT")


def note(p: argparse.ArgumentParser) -> None:
    """`netbill note`: write a note on an account."""
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("text", metavar="TEXT")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")


def customers(p: argparse.ArgumentParser) -> None:
    """`netbill customers`: the list of customers."""
    listing(p)


def new_customer(p: argparse.ArgumentParser) -> None:
    """`netbill new-customer`: store a new customer, as customer add does."""
    p.add_argument("name", metavar="NAME")
    p.add_argument("--account", default="", metavar="ACCOUNT", help="default the next free number")
    p.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="such as plan=DSL; fields of an import")
    p.add_argument("--private", action="store_true", help="read FIELD=VALUE lines of private fields from stdin")


def change_customer(p: argparse.ArgumentParser) -> None:
    """`netbill change-customer`: change the data of a customer, as customer change does."""
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="an empty VALUE empties the field")
    p.add_argument("--private", action="store_true", help="read FIELD=VALUE lines of private fields from stdin")
    p.add_argument("--end-services", action="store_true", help="when you close it: end its running services today")


def tag(p: argparse.ArgumentParser) -> None:
    """`netbill tag`: put a tag on an account, take it off, or list all tags."""
    p.add_argument("account", nargs="?", metavar="ACCOUNT")
    p.add_argument("tag", nargs="?", metavar="TAG")
    p.add_argument("--off", action="store_true", help="take it off")


def pin(p: argparse.ArgumentParser) -> None:
    """`netbill pin`: pin a note above the other notes of its account."""
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("note", type=int, metavar="NOTE", help="its number, as customer --json --notes shows it")
    p.add_argument("--off", action="store_true", help="take the pin off")
