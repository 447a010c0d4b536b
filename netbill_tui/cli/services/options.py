"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse


def service(p: argparse.ArgumentParser) -> None:
    """`netbill service`: services of a customer: list, add; what happens to one."""
    p.add_argument("what", nargs="?", metavar="ACCOUNT|EVENT",
                     help="an account; or change, price, pause, resume, suspend, restore, end, anchor")  # fmt: skip
    p.add_argument("number", nargs="?", metavar="SERVICE", help="for an event: number of the service")
    for name, words in (
        ("code", "what is taken, such as INT-100"), ("quantity", "how many"), ("start", "first day"), ("end",
        "day after the last"),
        ("cycle", "1M, 3M, 6M, 1Y, 7D, 2W"), ("anchor", "day of the month that periods begin with"), ("mode",
        "advance or arrears"),
        ("price", "own price"), ("percent", "own price in percent of the list"), ("price-until", "day the own price ends"),
        ("parts", "parts of the bundle that are taken"), ("address", "where the service is"),
        ("billed-through", "day up to which it was billed elsewhere"), ("on", "for an event: its day"),
        ("until", "day an own price ends"), ("policy", "for end: days gives the rest back, period keeps it"), ("reason", "why"),
    ):  # fmt: skip
        p.add_argument(f"--{name}", metavar=name.upper(), help=words)
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    p.add_argument("--next", action="store_true", help="what the next invoice of the account will be")
    p.add_argument("--history", metavar="SERVICE", help="every event of a service")
    p.add_argument("--take-back", nargs=2, metavar=("SERVICE", "EVENT"), help="take an event of a service back")


def quote(p: argparse.ArgumentParser) -> None:
    """`netbill quote`: the first and the following bill of services not yet saved."""
    p.add_argument("codes", nargs="+", metavar="CODE[=QUANTITY]")
    for name in ("account", "start", "cycle", "anchor", "mode", "price", "percent"):
        p.add_argument(f"--{name}", metavar=name.upper())


def charge(p: argparse.ArgumentParser) -> None:
    """`netbill charge`: a one-off charge or usage, on the next invoice."""
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("code", nargs="?", metavar="CODE")
    for name, words in (("amount", "price of one; default the price of the code"), ("quantity", "how many, or how much was used"),
                        ("on", "day"), ("text", "as on the invoice"), ("service", "number of the service that was used"),
                        ("withdraw", "number of a charge not yet invoiced"), ("reason", "why it is withdrawn")):  # fmt: skip
        p.add_argument(f"--{name}", metavar=name.upper(), help=words)
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")


def discount(p: argparse.ArgumentParser) -> None:
    """`netbill discount`: give a discount, list those of an account, end one."""
    p.add_argument("account", metavar="ACCOUNT")
    for name, words in (("percent", "percentage to take off"), ("amount", "amount to take off"), ("code", "on this code only"),
                        ("from", "first bill date"), ("until", "first bill date without it"), ("periods", "number of periods"),
                        ("text", "as on the invoice"), ("stop", "number of a discount that ends"), ("on",
                        "day it ends")):  # fmt: skip
        p.add_argument(f"--{name}", metavar=name.upper(), help=words)
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")


def exempt(p: argparse.ArgumentParser) -> None:
    """`netbill exempt`: take no tax from a customer while a certificate is valid."""
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("certificate", metavar="CERTIFICATE")
    p.add_argument("--from", metavar="DATE")
    p.add_argument("--until", metavar="DATE")


def terms(p: argparse.ArgumentParser) -> None:
    """`netbill terms`: terms by a day of the next month, and the anchor of new services."""
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("--day", metavar="N", help="due on this day of the next month; 0 for none (days: change-customer)")
    p.add_argument("--anchor", metavar="N", help="day of the month for new services; 0 for none")
