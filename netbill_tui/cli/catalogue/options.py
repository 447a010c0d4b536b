"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse


def code(p: argparse.ArgumentParser) -> None:
    """`netbill code`: billing codes: list, show, add, change."""
    p.add_argument("code", nargs="?", metavar="CODE")
    for name, words in (
        ("name", "as on the invoice"),
        ("category", "internet, phone, tv, equipment, fee, discount or one-off"),
        ("kind", "recurring, one-time, usage or bundle"),
        ("tax-class", "such as standard"),
        ("proration", "days, 30, whole or free; empty for the book's"),
        ("suspended", "while suspended: continue or stop charging"),
        ("minimum-months", "contract term"),
        ("leave-fee", "fee for leaving before the term ends"),
        ("unit", "what usage is counted in"),
        ("parts", "of a bundle: CODE=WEIGHT,CODE=WEIGHT"),
        ("active", "yes or no"),
    ):
        p.add_argument(f"--{name}", metavar=name.upper(), help=words)


def price(p: argparse.ArgumentParser) -> None:
    """`netbill price`: dated prices of a code: show, add, drop."""
    p.add_argument("code", metavar="CODE")
    p.add_argument("amount", nargs="?", metavar="AMOUNT")
    for name, words in (
        ("from", "first day"),
        ("until", "day it ends, if no other price follows"),
        ("audience", "all or new customers"),
        ("promo-periods", "number of promotion periods"),
        ("included", "units that cost nothing"),
        ("tiers", "usage: '100=0.05, *=0.03'"),
        ("drop", "drop the unused price that begins on this day"),
    ):
        p.add_argument(f"--{name}", metavar=name.upper(), help=words)
    p.add_argument("--promo", dest="promo_amount", metavar="AMOUNT", help="promotional price")
    p.add_argument("--notice", action="store_true", help="announce it on the invoice before")
    # Without an amount the code is shown, by the function that also stores one.
    stored = "name category kind tax_class proration suspended minimum_months leave_fee unit parts active".split()
    p.set_defaults(**dict.fromkeys(stored))


def tax(p: argparse.ArgumentParser) -> None:
    """`netbill tax`: tax classes and their rates: list, add, take back."""
    p.add_argument("tax_class", nargs="?", metavar="CLASS")
    p.add_argument("percent", nargs="?", metavar="PERCENT")
    for name, words in (
        ("name", "as on the invoice"),
        ("category", "EN 16931: S, Z, E, AE or O"),
        ("from", "first day"),
        ("until", "day it ends"),
        ("order", "1 is computed first"),
        ("reason", "why no tax is taken"),
        ("drop", "take back the unused rate that begins on this day"),
    ):
        p.add_argument(f"--{name}", metavar=name.upper(), help=words)
    p.add_argument("--compound", action="store_true", help="also on the taxes of earlier orders")


def rule(p: argparse.ArgumentParser) -> None:
    """`netbill rule`: how the book bills: show, change."""
    p.add_argument("name", nargs="?", metavar="RULE")
    p.add_argument("value", nargs="?", metavar="VALUE")
