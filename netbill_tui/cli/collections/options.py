"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse

from netbill_tui.cli.core.options import listing


def call(p: argparse.ArgumentParser) -> None:
    """`netbill call`: record what came of a call."""
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument(
        "outcome",
        metavar="OUTCOME",
        help="n no answer, l message, w wrong number, m promise, d dispute, e escalate, s skip",
    )
    p.add_argument("--text", default="", metavar="TEXT")
    p.add_argument("--promise-on", metavar="DATE")
    p.add_argument("--promise", metavar="AMOUNT", help="what is promised; default all that is overdue")
    p.add_argument("--invoice", default="", metavar="NUMBER", help="which one is disputed; default the oldest overdue one")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")


def overdue(p: argparse.ArgumentParser) -> None:
    """`netbill overdue`: the overdue queue."""
    p.add_argument("--work", action="store_true", help="only what is to be done today, in the order of work")
    p.add_argument("--bucket", metavar="B", help="1-30, 31-60, 61-90 or over-90")
    p.add_argument("--sort", metavar="BY", help="days or amount")
    listing(p)


def collect(p: argparse.ArgumentParser) -> None:
    """`netbill collect`: the night by hand."""
    either = p.add_mutually_exclusive_group()
    either.add_argument("--activate", type=int, metavar="COUNT",
                   help="let the nights begin: type how many messages and fees the first would do")  # fmt: skip
    either.add_argument("--off", action="store_true", help="nothing is done any more until it is activated anew")
    p.add_argument("--catch-up", action="store_true", help="fees of missed days are charged too")


def policy(p: argparse.ArgumentParser) -> None:
    """`netbill policy`: ladder, late fees and quiet days."""
    p.add_argument("what", nargs="?", metavar="show|default|set|off")
    p.add_argument("target", nargs="?", metavar="KIND|FILE", help="reminders, fees or days; or a file with tables of these")
    p.add_argument("values", nargs="*", metavar="NAME=VALUE", help="what is not typed stays as it is")
    either = p.add_mutually_exclusive_group()
    either.add_argument("--customer", metavar="ACCOUNT", help="for one account alone")
    either.add_argument(
        "--kind", metavar="KIND", choices=("residential", "business"), help="for residential or business customers"
    )
    p.add_argument("--from", dest="from_on", metavar="DATE", help="the day from which it holds; default today")


def outbox(p: argparse.ArgumentParser) -> None:
    """`netbill outbox`: what waits to be sent."""
    p.add_argument("number", nargs="?", metavar="MESSAGE", help="number of a message")
    p.add_argument("--state", metavar="STATE", help="queued, claimed, sent, unknown, bounced, refused, failed or cancelled")
    either = p.add_mutually_exclusive_group()
    either.add_argument("--stop", action="store_true", help="nothing is sent any more")
    either.add_argument("--start", action="store_true", help="messages are sent again")
    either.add_argument("--send", action="store_true", help="send what waits by mail, by the mail_server of the configuration")
    either.add_argument("--letters", nargs="?", const="", metavar="BATCH",
                   help="draw the letters that wait into one file; of a batch, draw it again as a copy")  # fmt: skip
    either.add_argument("--printed", metavar="BATCH", help="the letters of a batch were printed and go to the post")
    either.add_argument("--lift", action="store_true", help="let more than 20 mails go on a day")
    either.add_argument("--cancel", action="store_true", help="take a message back that waits")
    either.add_argument("--came", action="store_true", help="of an unknown one: it came")
    either.add_argument("--lost", action="store_true", help="of an unknown one: it did not come, and goes by the next channel")
    p.add_argument("--reason", metavar="TEXT")


def promise(p: argparse.ArgumentParser) -> None:
    """`netbill promise`: promises to pay."""
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("amount", nargs="?", metavar="AMOUNT", help="default all that is overdue")
    either = p.add_mutually_exclusive_group()
    either.add_argument("--by", metavar="DATE", help="the day by which it is promised")
    p.add_argument("--text", metavar="TEXT")
    p.add_argument("--channel", metavar="C", help="phone, desk, mail or visit")
    either.add_argument("--cancel", action="store_true", help="cancel the open promise")
    p.add_argument("--reason", metavar="TEXT", help="why it is cancelled")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")


def arrange(p: argparse.ArgumentParser) -> None:
    """`netbill arrange`: an arrangement."""
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument(
        "parts", metavar="INSTALMENTS", help="such as '30.00 2026-12-01, 30.00 2027-01-01'; their sum is what is overdue"
    )
    p.add_argument("--text", metavar="TEXT")
    p.add_argument("--channel", metavar="C", help="phone, desk, mail or visit")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")


def fee(p: argparse.ArgumentParser) -> None:
    """`netbill fee`: late fees."""
    p.add_argument("account", nargs="?", metavar="ACCOUNT", help="whose; without it, what became of all of them")
    p.add_argument("--from", dest="first", metavar="DATE", help="first day; default the first of this month")
    p.add_argument("--to", dest="last", metavar="DATE", help="last day; default today")


def waive(p: argparse.ArgumentParser) -> None:
    """`netbill waive`: waive a late fee."""
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("fee", metavar="FEE", help="its number, as netbill fee ACCOUNT lists it")
    p.add_argument("--reason", required=True, metavar="TEXT")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")


def hold(p: argparse.ArgumentParser) -> None:
    """`netbill hold`: hold an account."""
    p.add_argument("account", nargs="?", metavar="ACCOUNT")
    either = p.add_mutually_exclusive_group()
    either.add_argument("--until", metavar="DATE", help="the last day; without it until it is released")
    p.add_argument("--fees", action="store_true", help="hold fees alone")
    either.add_argument("--release", action="store_true", help="end the hold")
    p.add_argument("--reason", metavar="TEXT")


def write_off(p: argparse.ArgumentParser) -> None:
    """`netbill write-off`: give up what is open of an invoice."""
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("invoice", nargs="?", metavar="INVOICE", help="without it, the write-offs of the account")
    p.add_argument("amount", nargs="?", metavar="AMOUNT", help="a part; default all that is open")
    p.add_argument("--reason", metavar="TEXT")
    p.add_argument("--anyway", action="store_true", help="also where it is not old enough or services run")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")


def hand_over(p: argparse.ArgumentParser) -> None:
    """`netbill hand-over`: hand an account over to an agency."""
    p.add_argument("account", nargs="?", metavar="ACCOUNT", help="without it, all that are handed over, for the agency's file")
    p.add_argument("--take-back", action="store_true")
    p.add_argument("--reason", metavar="TEXT")


def delivery(p: argparse.ArgumentParser) -> None:
    """`netbill delivery`: how an account wants bills and messages."""
    p.add_argument("account", metavar="ACCOUNT")
    ways = "mail, paper, both, none; opted-out, opted-in (of what is not overdue); wrong-mail, right-mail"
    p.add_argument("what", nargs="?", metavar="WAY", help=ways)
    p.add_argument("--reason", default="", metavar="TEXT")


def bounce(p: argparse.ArgumentParser) -> None:
    """`netbill bounce`: reports of mail that did not arrive."""
    p.add_argument(
        "--maildir", metavar="FOLDER", help="its new mails, each moved to cur when it was taken; default standard input"
    )


def template(p: argparse.ArgumentParser) -> None:
    """`netbill template`: the texts of messages."""
    p.add_argument("name", nargs="?", metavar="TEXT", help="courtesy, reminder, final, returned, invoice or credit-note")
    p.add_argument("--language", metavar="L", help="default that of the book")
    p.add_argument("--account", metavar="ACCOUNT", help="fill it in with what this account owes")
    either = p.add_mutually_exclusive_group()
    either.add_argument("--set", metavar="FILE", help="a text of your own: its subject, a blank line, the text")
    either.add_argument("--default", action="store_true", help="go back to the text that came along")
    either.add_argument("--test", metavar="ADDRESS", help="send it there, filled in")
