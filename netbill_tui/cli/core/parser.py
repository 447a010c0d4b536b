"""The words of the command line. Each subcommand names the function that does it; nothing heavy is imported here."""

import argparse
import textwrap
from collections.abc import Sequence
from typing import Any, NoReturn

from netbill_tui.cli.core.declared import COMMANDS, GROUPS, NAMES
from netbill_tui.cli.core.parser_catalogue import Add, catalogue_commands
from netbill_tui.errors import InvalidInput

# What can happen to a service: `service pause 12`.
EVENTS = ("change", "price", "pause", "resume", "suspend", "restore", "end", "anchor")


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, and where to read on. An option is written out: a short form may mean another one."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{"allow_abbrev": False, **more})

    def error(self, message: str) -> NoReturn:
        """Wrong usage, exit 2."""
        raise InvalidInput(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


class _Root(Parser):
    """The whole program, whose help shows the commands of every day first, and the others by what they are about."""

    def format_help(self) -> str:
        """Usage, commands by group, options."""
        usage, _, options = super().format_help().partition("positional arguments:")
        shown = []
        for group, commands in GROUPS.items():
            shown.append(f"{group}:\n")
            for name, declared in commands.items():
                lines = textwrap.wrap(declared.help, 58)
                shown[-1] += f"  {name:<18}{f'{chr(10)}{20 * chr(32)}'.join(lines)}\n"
        _, _, options = options.partition("\noptions:")
        return f"{usage}" + "\n".join(shown) + f"\noptions:{options}"


def _common() -> "Parser":
    # SUPPRESS lets an option stand before or behind the subcommand without one overwriting the other.
    common = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    where = common.add_argument_group("everywhere")
    where.add_argument("--book", metavar="PATH_OR_URL", help="the book: a SQLite path or postgresql://…")
    where.add_argument("--operator", metavar="NAME", help="operator name; default the Unix user's name")
    where.add_argument("--password-file", metavar="FILE", help="file with the password, mode 600")
    where.add_argument("--credential", metavar="FILE", help="key of a service principal, for timers")
    where.add_argument("--accept-shared-file", action="store_const", const="on", help="accept a book the Unix group can write")
    where.add_argument("--as-of", metavar="DATE", help="the business date; default today in the book's time zone")
    where.add_argument("--json", action="store_const", const="json", dest="form", help="data as JSON")
    where.add_argument("--csv", action="store_const", const="csv", dest="form", help="data as CSV")
    where.add_argument("--plain", action="store_const", const="plain", dest="form", help="tab-separated text")
    where.add_argument("--dry-run", action="store_true", help="show what would happen and change nothing")
    where.add_argument("--yes", action="store_true", help="answer yes where a question would be asked")
    where.add_argument("--no-input", action="store_true", help="ask nothing")
    where.add_argument("--quiet", action="store_true", help="no remarks on stderr")
    where.add_argument("--color", metavar="WHEN", help="auto, 16, 256, true or mono")
    return common


class _Unasked:
    """Stands for a command that is not among the words, so that its options need not be made."""

    def add_argument(self, *_: object, **__: object) -> None:
        """Nothing."""

    def set_defaults(self, **_: object) -> None:
        """Nothing."""


def build(argv: Sequence[str]) -> argparse.ArgumentParser:
    """The command line: every command, or only those named among the words, which starts 8 ms sooner."""
    common = _common()
    parser = _Root(prog="netbill", description="Accounts, dues and payments on a text terminal.", parents=[common])
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)

    words = frozenset(argv)

    def add(name: str) -> argparse.ArgumentParser:
        if some and name not in words:
            return _Unasked()  # type: ignore[return-value]
        declared = COMMANDS[name]
        command = commands.add_parser(name, help=declared.help, description=declared.help, parents=[common])
        command.set_defaults(does=declared.does)
        return command

    some = not words.isdisjoint(NAMES)
    _book_commands(add)
    _read_commands(add)
    _write_commands(add)
    _billing_commands(add)
    catalogue_commands(add)
    return parser


def _book_commands(add: Add) -> None:
    p = add("tui")
    p.add_argument("--mouse", action="store_true", help="let the program use the mouse")
    p.add_argument("--theme", metavar="NAME", help="ansi-dark, ansi-light, green or mono")
    p.add_argument("--glyphs", metavar="SET", help="auto, ascii or unicode")
    for name, words in (
        ("ascii", "write ASCII only, whatever the terminal says"), ("a11y", "for screen readers: cursor on the row, no boxes"),
        ("slow", "for a slow line: no pane, no details"), ("readonly", "look only; nothing is written"),
    ):  # fmt: skip
        to, value = {"ascii": ("glyphs", "ascii"), "a11y": ("reader", "on")}.get(name, (name, "on"))
        p.add_argument(f"--{name}", action="store_const", const=value, dest=to, help=words)
    p = add("init")
    p.add_argument("--company", metavar="NAME")
    p.add_argument("--currency", metavar="CODE", help="ISO 4217, such as USD")
    p.add_argument("--timezone", metavar="NAME", help="such as Europe/Berlin")
    p.add_argument("--country", metavar="CC", default="", help="two letters, for phone numbers")
    p.add_argument("--upgrade", action="store_true", help="bring an older book to this version")
    p = add("demo")
    p.add_argument("--customers", type=int, default=1000, metavar="N")
    p.add_argument("--months", type=int, default=12, metavar="M")
    p.add_argument("--seed", type=int, default=2026, metavar="S", help="the same seed makes the same book")
    p.add_argument("--no-tui", action="store_true", help="make the book and open no screens")
    p = add("import")
    p.add_argument("--profile", metavar="FILE.toml", help="without it the mapping is guessed and shown")
    p.add_argument("--kind", metavar="KIND", help="what the file holds, where the guess is wrong")
    p.add_argument("--write-profile", metavar="FILE.toml", help="write the guessed profile, to be corrected by hand")
    p.add_argument("--report", metavar="FILE", help="write every rejected row with its reason as CSV")
    p.add_argument("--all-or-nothing", action="store_true", help="import nothing if one row is bad")
    p.add_argument("--take", metavar="LINE,...", help="post these lines although they look like payments in the book")
    p.add_argument("file", metavar="FILE")
    _key_commands(add)
    p = add("verify")
    p.add_argument("--checkpoint", action="append", default=[], metavar="FILE", help="checkpoints that the audit must fit")
    p.add_argument("--all-cells", action="store_true", help="open every sealed cell, not a sample of them")
    p.add_argument("--quick", action="store_true", help="only the quick checks; the screens run them once a day")
    add("doctor")
    p = add("clock")
    p.add_argument("what", nargs="?", choices=["show", "accept"], default="show", metavar="show|accept")
    p.add_argument("--reason", metavar="WHY", default="", help="why the entries are wrong and not the clock")
    p = add("config")
    p.add_argument("--show-origin", action="store_true", help="show where each setting comes from")
    p = add("keymap")
    p.add_argument("--check", action="store_true", help="look for conflicts in your own key map")
    p.add_argument("--test", action="store_true", help="press keys and see what arrives")


def _key_commands(add: Add) -> None:
    p = add("operator")
    p.add_argument("what", nargs="?", metavar="WHAT", default="list", choices=(
        "list", "roles", "add", "activate", "grant", "disable", "reset", "unlock", "role", "limit", "password",
    ), help="list, roles, add, activate, grant, disable, reset, unlock, role, limit or password")  # fmt: skip
    p.add_argument("name", nargs="?", metavar="NAME")
    p.add_argument(
        "--role",
        metavar="ROLE",
        default="",
        help="clerk, cashier, supervisor, auditor, administrator; of a principal automation, exporter",
    )
    p.add_argument("--limit", metavar="AMOUNT", help="most that may be given back without a second operator, or none")
    p.add_argument("--write-credential", metavar="FILE", help="key of a principal for timers, a new file of mode 600")
    p.add_argument("--contact", action="store_true", help="grant the principal CONTACT, for mail and letters")
    p.add_argument("--code-file", metavar="FILE", help="file with the activation code, mode 600")
    p.add_argument("--new-password-file", metavar="FILE", help="file with the new password, mode 600")
    p = add("session")
    p.add_argument("what", nargs="?", metavar="WHAT", choices=("list", "end"), default="list", help="list or end")
    p.add_argument("id", nargs="?", metavar="ID")
    p.add_argument("--all", action="store_true", help="list ended sittings too")
    p = add("approval")
    p.add_argument(
        "what", nargs="?", metavar="WHAT", choices=("list", "approve", "refuse"), default="list", help="list, approve or refuse"
    )
    p.add_argument("number", nargs="?", type=int, metavar="NUMBER")
    p.add_argument("--reason", default="", metavar="TEXT")
    p.add_argument("--all", action="store_true", help="list answered approvals too")
    p = add("keys")
    p.add_argument(
        "what",
        nargs="?",
        metavar="WHAT",
        choices=("status", "rotate", "pepper"),
        default="status",
        help="status, rotate or pepper",
    )
    p.add_argument("names", nargs="*", metavar="COMPARTMENT", help="CONTACT, PRIVATE or ADMIN; with pepper, a new file")
    p = add("recovery")
    p.add_argument("what", metavar="WHAT", choices=("combine",), help="combine")
    p.add_argument("--shares-file", metavar="FILE", help="file with the two shares, a line each, mode 600")
    p.add_argument("--write", metavar="FILE", help="where the age identity goes, a new file of mode 600")
    p = add("backup")
    p.add_argument("file", metavar="FILE_OR_FOLDER", help="a folder gets a name with date and audit head")
    p.add_argument("--recipient", action="append", default=[], metavar="AGE1…", help="another age recipient that may open it")
    p = add("restore")
    p.add_argument("file", metavar="FILE")
    p.add_argument("--identity", metavar="FILE", help="age identity that opens it, as netbill recovery combine writes it")
    p.add_argument("--shares-file", metavar="FILE", help="file with the two recovery shares, a line each, mode 600")
    p.add_argument("--checkpoint", action="append", default=[], metavar="FILE", help="checkpoints to compare the audit with")
    p.add_argument("--accept-missing", type=int, metavar="N", help="how many audit events may be missing against a checkpoint")
    p.add_argument("--second", metavar="NAME", help="a second operator who agrees to that; signs in too")
    p.add_argument("--second-password-file", metavar="FILE", help="their password, mode 600")
    p.add_argument("--drill", action="store_true", help="restore a test copy, verify it and delete it")


def _read_commands(add: Add) -> None:
    p = add("find")
    p.add_argument("--scope", default="all", metavar="WHAT", help="all, payment, customer or invoice")
    p.add_argument("words", nargs="+", metavar="WORDS")
    p = add("customer")
    p.add_argument("--contact", action="store_true", help="street, e-mail and phone too; leaves an audit event")
    p.add_argument("--reveal", metavar="FIELD", help="one private field; needs --reason, leaves an audit event")
    p.add_argument("--check-pin", action="store_const", const="pin", dest="check", help="the same as --check pin")
    p.add_argument("--check", metavar="FIELD", help="compare pin, birth_date or tax_id (last four) with a line of stdin")
    p.add_argument("--notes", action="store_true", help="its notes and calls too, pinned ones first")
    p.add_argument("--reason", default="", metavar="TEXT")
    p.add_argument("--account", metavar="ACCOUNT", help="the account, where it is called add, change or show")
    p.add_argument("account", nargs="?", default=argparse.SUPPRESS, metavar="ACCOUNT")
    p = add("customers")
    _listing(p)
    p = add("invoice")
    p.add_argument("number", nargs="?", metavar="NUMBER")
    p.add_argument("--all", action="store_true", help="every invoice and credit note, sorted, without what depends on the clock")
    p.add_argument("--text", action="store_true", help="as it is printed, 80 columns")
    p.add_argument("--pdf", metavar="FILE", help="write it as PDF (extra pdf)")
    p.add_argument("--xml", metavar="FILE", help="write it as e-invoice, CII of EN 16931 (extra einvoice)")
    p = add("audit")
    p.add_argument("record", nargs="?", metavar="RECORD", help="an account, receipt, invoice, operator or other object")
    p.add_argument("--by", metavar="NAME", default="", help="only what this operator did")
    p.add_argument("--action", metavar="WORDS", default="", help="only actions that begin with this, such as payment.")
    p.add_argument("--from", dest="first", metavar="DATE", help="from this day on")
    p.add_argument("--to", dest="last", metavar="DATE", help="to this day")
    p.add_argument("--limit", type=int, metavar="N", default=200, help="the newest N events; 0 for all")
    p.add_argument("--checkpoint", action="store_true", help="write a checkpoint now, and print it for the day's sheet")
    p = add("view")
    p.add_argument("list", metavar="LIST", help="customers, dues, overdue or payments")
    p.add_argument("name", nargs="?", metavar="NAME")
    p.add_argument("--save", metavar="FILTER", help="keep this filter under the name")
    p.add_argument("--digit", type=int, metavar="N", help="the key that opens it, 1 to 9")
    p.add_argument("--shared", action="store_true", help="for every operator")
    p.add_argument("--drop", action="store_true", help="forget it")
    p = add("statement")
    p.add_argument("--pdf", metavar="FILE", help="write it as PDF (extra pdf)")
    p.add_argument("--from", dest="first", metavar="DATE")
    p.add_argument("--to", dest="last", metavar="DATE")
    p.add_argument("account", metavar="ACCOUNT")
    p = add("dues")
    p.add_argument("--due-within", type=int, metavar="N", help="those falling due in the next N days")
    _listing(p)
    p.add_argument("account", nargs="?", metavar="ACCOUNT")
    p = add("overdue")
    p.add_argument("--work", action="store_true", help="only what is to be done today, in the order of work")
    p.add_argument("--bucket", metavar="B", help="1-30, 31-60, 61-90 or over-90")
    p.add_argument("--sort", metavar="BY", help="days or amount")
    _listing(p)
    add("ageing")
    p = add("payments")
    p.add_argument("--from", dest="first", metavar="DATE")
    p.add_argument("--to", dest="last", metavar="DATE")
    p.add_argument("--method", metavar="M")
    _listing(p)
    p = add("receipt")
    p.add_argument("receipt", metavar="RECEIPT")


def _listing(p: argparse.ArgumentParser) -> None:
    p.add_argument("--filter", default="", metavar="TERMS", help="such as 'days>30 plan:fibre* !tag:hold sort:-amount'")
    p.add_argument("--view", metavar="NAME", help="a saved view")
    p.add_argument("--limit", type=int, metavar="N", help="the first N rows")


def _write_commands(add: Add) -> None:
    p = add("pay")
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("amount", metavar="AMOUNT")
    p.add_argument("--method", required=True, metavar="M", help="cash, cheque, card, bank, debit, paypal or online")
    p.add_argument("--reference", default="", metavar="R")
    p.add_argument("--received", metavar="DATE")
    p.add_argument("--tendered", metavar="AMOUNT", help="cash handed over")
    p.add_argument("--note", default="", metavar="TEXT")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    p.add_argument("--apply", action="append", default=[], metavar="INVOICE=AMOUNT")
    p = add("reverse")
    p.add_argument("receipt", metavar="RECEIPT")
    p.add_argument("--reason", required=True, metavar="TEXT")
    p.add_argument("--returned", action="store_true", help="the bank returned it")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    p = add("note")
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("text", metavar="TEXT")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    p = add("pin")
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("note", type=int, metavar="NOTE", help="its number, as customer --json --notes shows it")
    p.add_argument("--off", action="store_true", help="take the pin off")
    p = add("tag")
    p.add_argument("account", nargs="?", metavar="ACCOUNT")
    p.add_argument("tag", nargs="?", metavar="TAG")
    p.add_argument("--off", action="store_true", help="take it off")
    p = add("new-customer")
    p.add_argument("name", metavar="NAME")
    p.add_argument("--account", default="", metavar="ACCOUNT", help="default the next free number")
    p.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="such as plan=DSL; fields of an import")
    p.add_argument("--private", action="store_true", help="read FIELD=VALUE lines of private fields from stdin")
    p = add("change-customer")
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="an empty VALUE empties the field")
    p.add_argument("--private", action="store_true", help="read FIELD=VALUE lines of private fields from stdin")
    p.add_argument("--end-services", action="store_true", help="when you close it: end its running services today")
    p = add("call")
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument(
        "outcome",
        metavar="OUTCOME",
        help="n no answer, l message, w wrong number, m promise, d dispute, e escalate, s skip",
    )
    p.add_argument("--text", default="", metavar="TEXT")
    p.add_argument("--promise-on", metavar="DATE")
    p.add_argument("--invoice", default="", metavar="NUMBER", help="which one is disputed; default the oldest overdue one")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    p = add("dispute")
    p.add_argument(
        "what", nargs="?", metavar="INVOICE|ACCOUNT", help="an invoice; to list disputes an account, or nothing for all"
    )
    p.add_argument("--reason", default="", metavar="TEXT", help="raise it, in the customer's words")
    p.add_argument("--answer", default="", metavar="TEXT", help="it was answered: the invoice is right")
    p.add_argument("--withdraw", default="", metavar="TEXT", help="the customer no longer disputes it")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")


def _billing_commands(add: Add) -> None:
    p = add("bill")
    p.add_argument("account", nargs="?", metavar="ACCOUNT", help="only this customer, after you corrected why they were parked")
    p.add_argument("--catch-up", metavar="WHAT", help="periods that were missed: all, latest or skip")
    p.add_argument("--runs", action="store_true", help="the runs so far")
    p.add_argument("--parked", action="store_true", help="who could not be billed, with the reason")
    p.add_argument("--drafts", action="store_true", help="the invoices that wait")
    p.add_argument("--confirm", metavar="BILL-DATE", help="issue the account's draft with the next run")
    p.add_argument("--put-back", dest="throw", metavar="BILL-DATE", help="let the account's draft wait its days again")
    p.add_argument("--undo", metavar="RUN", help="take a whole run back by credit notes")
    p.add_argument("--reason", default="", metavar="TEXT", help="why a run is undone")
    p = add("service")
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
    p = add("quote")
    p.add_argument("codes", nargs="+", metavar="CODE[=QUANTITY]")
    for name in ("account", "start", "cycle", "anchor", "mode", "price", "percent"):
        p.add_argument(f"--{name}", metavar=name.upper())
    p = add("charge")
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("code", nargs="?", metavar="CODE")
    for name, words in (("amount", "price of one; default the price of the code"), ("quantity", "how many, or how much was used"),
                        ("on", "day"), ("text", "as on the invoice"), ("service", "number of the service that was used"),
                        ("withdraw", "number of a charge not yet invoiced"), ("reason", "why it is withdrawn")):  # fmt: skip
        p.add_argument(f"--{name}", metavar=name.upper(), help=words)
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    p = add("discount")
    p.add_argument("account", metavar="ACCOUNT")
    for name, words in (("percent", "percentage to take off"), ("amount", "amount to take off"), ("code", "on this code only"),
                        ("from", "first bill date"), ("until", "first bill date without it"), ("periods", "number of periods"),
                        ("text", "as on the invoice"), ("stop", "number of a discount that ends"), ("on",
                        "day it ends")):  # fmt: skip
        p.add_argument(f"--{name}", metavar=name.upper(), help=words)
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    p = add("terms")
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("--day", metavar="N", help="due on this day of the next month; 0 for none (days: change-customer)")
    p.add_argument("--anchor", metavar="N", help="day of the month for new services; 0 for none")
    p = add("exempt")
    p.add_argument("account", metavar="ACCOUNT")
    p.add_argument("certificate", metavar="CERTIFICATE")
    p.add_argument("--from", metavar="DATE")
    p.add_argument("--until", metavar="DATE")
    p = add("credit")
    p.add_argument("invoice", nargs="?", metavar="INVOICE|CREDIT-NOTE|apply")
    p.add_argument("account", nargs="?", metavar="ACCOUNT", help="after apply: use the credit of this account now")
    p.add_argument("--reason", default="", metavar="TEXT", help="why; without it a credit note is shown")
    p.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    p.add_argument("--amount", metavar="AMOUNT", help="with tax; default all that is left")
    p.add_argument("--line", action="append", default=[], metavar="N=AMOUNT", help="of one line, without tax")
    p.add_argument("--list", metavar="ACCOUNT", help="the credit notes of an account")
    p.add_argument("--pdf", metavar="FILE", help="write the credit note as PDF")
    p.add_argument("--xml", metavar="FILE", help="write it as e-invoice")
