"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse

from netbill_tui.cli.core.options import listing


def pay(p: argparse.ArgumentParser) -> None:
    """`netbill pay`: take a payment."""
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("amount", metavar="AMOUNT")
    p.add_argument("--method", required=True, metavar="M", help="cash, cheque, card, bank, debit, paypal or online")
    p.add_argument("--reference", default="", metavar="R")
    p.add_argument("--received", metavar="DATE")
    p.add_argument("--tendered", metavar="AMOUNT", help="cash handed over")
    p.add_argument("--note", default="", metavar="TEXT")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    p.add_argument("--apply", action="append", default=[], metavar="INVOICE=AMOUNT")


def reverse(p: argparse.ArgumentParser) -> None:
    """`netbill reverse`: take a payment back."""
    p.add_argument("receipt", metavar="RECEIPT")
    p.add_argument("--reason", required=True, metavar="TEXT")
    p.add_argument("--returned", action="store_true", help="the bank returned it")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")


def dues(p: argparse.ArgumentParser) -> None:
    """`netbill dues`: open invoices."""
    p.add_argument("--due-within", type=int, metavar="N", help="those falling due in the next N days")
    listing(p)
    p.add_argument("account", nargs="?", metavar="ACCOUNT")


def statement(p: argparse.ArgumentParser) -> None:
    """`netbill statement`: opening, entries with running balance, closing."""
    p.add_argument("--print", action="store_true", help="send it to the printer of the settings")
    p.add_argument("--pdf", metavar="FILE", help="write it as PDF (extra pdf)")
    p.add_argument("--from", dest="first", metavar="DATE")
    p.add_argument("--to", dest="last", metavar="DATE")
    p.add_argument("account", metavar="ACCOUNT")


def invoice(p: argparse.ArgumentParser) -> None:
    """`netbill invoice`: an invoice as data, text, PDF or e-invoice; all of them to compare two books."""
    p.add_argument("--print", action="store_true", help="send it to the printer of the settings")
    p.add_argument("number", nargs="?", metavar="NUMBER")
    p.add_argument("--all", action="store_true", help="every invoice and credit note, sorted, without what depends on the clock")
    p.add_argument("--text", action="store_true", help="as it is printed, 80 columns")
    p.add_argument("--pdf", metavar="FILE", help="write it as PDF (extra pdf)")
    p.add_argument("--xml", metavar="FILE", help="write it as e-invoice, CII of EN 16931 (extra einvoice)")
    p.add_argument("--mail", action="store_true", help="mail it to the customer, once more too; it waits in the outbox")


def payments(p: argparse.ArgumentParser) -> None:
    """`netbill payments`: payments in a span of days."""
    p.add_argument("--from", dest="first", metavar="DATE")
    p.add_argument("--to", dest="last", metavar="DATE")
    p.add_argument("--method", metavar="M")
    listing(p)


def receipt(p: argparse.ArgumentParser) -> None:
    """`netbill receipt`: a receipt as text or data."""
    p.add_argument("--print", action="store_true", help="send it to the printer of the settings")
    p.add_argument("receipt", metavar="RECEIPT")


def dispute(p: argparse.ArgumentParser) -> None:
    """`netbill dispute`: disputed invoices: list, raise, answer, withdraw."""
    p.add_argument(
        "what", nargs="?", metavar="INVOICE|ACCOUNT", help="an invoice; to list disputes an account, or nothing for all"
    )
    p.add_argument("--reason", default="", metavar="TEXT", help="raise it, in the customer's words")
    p.add_argument("--answer", default="", metavar="TEXT", help="it was answered: the invoice is right")
    p.add_argument("--withdraw", default="", metavar="TEXT", help="the customer no longer disputes it")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")


def credit(p: argparse.ArgumentParser) -> None:
    """`netbill credit`: take back all or part of an invoice; show a credit note."""
    p.add_argument("--print", action="store_true", help="send it to the printer of the settings")
    p.add_argument("invoice", nargs="?", metavar="INVOICE|CREDIT-NOTE|apply")
    p.add_argument("account", nargs="?", metavar="ACCOUNT", help="after apply: use the credit of this account now")
    p.add_argument("--reason", default="", metavar="TEXT", help="why; without it a credit note is shown")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    p.add_argument("--amount", metavar="AMOUNT", help="with tax; default all that is left")
    p.add_argument("--line", action="append", default=[], metavar="N=AMOUNT", help="of one line, without tax")
    p.add_argument("--list", metavar="ACCOUNT", help="the credit notes of an account")
    p.add_argument("--pdf", metavar="FILE", help="write the credit note as PDF")
    p.add_argument("--xml", metavar="FILE", help="write it as e-invoice")
