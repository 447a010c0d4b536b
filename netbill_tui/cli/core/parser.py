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

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **{"allow_abbrev": False, **more})

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
            for name, one in commands.items():
                lines = textwrap.wrap(one.help, 58)
                shown[-1] += f"  {name:<18}{f'{chr(10)}{20 * chr(32)}'.join(lines)}\n"
        _, _, options = options.partition("\noptions:")
        return f"{usage}" + "\n".join(shown) + f"\noptions:{options}"


def _common() -> "Parser":
    # SUPPRESS lets an option stand before or behind the subcommand without one overwriting the other.
    common = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    where = common.add_argument_group("everywhere")
    where.add_argument("--book", metavar="PATH_OR_URL", help="the book: a SQLite path or postgresql://…")
    where.add_argument("--operator", metavar="NAME", help="who acts; default the Unix user's name")
    where.add_argument("--password-file", metavar="FILE", help="file with the password, mode 600")
    where.add_argument("--credential", metavar="FILE", help="key of a service principal, for timers")
    where.add_argument("--accept-shared-file", action="store_const", const="on", help="a book that the Unix group can write")
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
        one = COMMANDS[name]
        made = commands.add_parser(name, help=one.help, description=one.help, parents=[common])
        made.set_defaults(does=one.does)
        return made

    some = not words.isdisjoint(NAMES)
    _book_commands(add)
    _read_commands(add)
    _write_commands(add)
    _billing_commands(add)
    catalogue_commands(add)
    return parser


def _book_commands(add: Add) -> None:
    one = add("tui")
    one.add_argument("--mouse", action="store_true", help="let the program have the mouse")
    one.add_argument("--theme", metavar="NAME", help="ansi-dark, ansi-light, green or mono")
    one.add_argument("--glyphs", metavar="SET", help="auto, ascii or unicode")
    for name, words in (
        ("ascii", "write ASCII only, whatever the terminal says"), ("a11y", "for screen readers: cursor on the row, no boxes"),
        ("slow", "for a slow line: no pane, no details"), ("readonly", "look only; nothing is written"),
    ):  # fmt: skip
        to, value = {"ascii": ("glyphs", "ascii"), "a11y": ("reader", "on")}.get(name, (name, "on"))
        one.add_argument(f"--{name}", action="store_const", const=value, dest=to, help=words)
    one = add("init")
    one.add_argument("--company", metavar="NAME")
    one.add_argument("--currency", metavar="CODE", help="ISO 4217, such as USD")
    one.add_argument("--timezone", metavar="NAME", help="such as Europe/Berlin")
    one.add_argument("--country", metavar="CC", default="", help="two letters, for phone numbers")
    one.add_argument("--upgrade", action="store_true", help="bring an older book to this version")
    one = add("demo")
    one.add_argument("--customers", type=int, default=1000, metavar="N")
    one.add_argument("--months", type=int, default=12, metavar="M")
    one.add_argument("--seed", type=int, default=2026, metavar="S", help="the same seed makes the same book")
    one.add_argument("--no-tui", action="store_true", help="only make it")
    one = add("import")
    one.add_argument("--profile", metavar="FILE.toml", help="without it the mapping is guessed and shown")
    one.add_argument("--kind", metavar="KIND", help="what the file holds, where the guess is wrong")
    one.add_argument("--write-profile", metavar="FILE.toml", help="write the guessed profile, to be mended by hand")
    one.add_argument("--report", metavar="FILE", help="write every rejected row with its reason as CSV")
    one.add_argument("--all-or-nothing", action="store_true", help="one bad row refuses all")
    one.add_argument("--take", metavar="LINE,...", help="post these lines although they look like payments in the book")
    one.add_argument("file", metavar="FILE")
    _key_commands(add)
    one = add("verify")
    one.add_argument("--checkpoint", action="append", default=[], metavar="FILE", help="checkpoints that the audit must fit")
    one.add_argument("--all-cells", action="store_true", help="open every sealed cell, not a sample of them")
    one.add_argument("--quick", action="store_true", help="what takes seconds; the screens do it once a day")
    add("doctor")
    one = add("clock")
    one.add_argument("what", nargs="?", choices=["show", "accept"], default="show", metavar="show|accept")
    one.add_argument("--reason", metavar="WHY", default="", help="why the entries are wrong and not the clock")
    one = add("config")
    one.add_argument("--show-origin", action="store_true", help="where each comes from")
    one = add("keymap")
    one.add_argument("--check", action="store_true", help="look for conflicts in your own key map")
    one.add_argument("--test", action="store_true", help="press keys and see what arrives")


def _key_commands(add: Add) -> None:
    one = add("operator")
    one.add_argument("what", nargs="?", metavar="WHAT", default="list", choices=(
        "list", "roles", "add", "activate", "grant", "disable", "reset", "unlock", "role", "limit", "password",
    ), help="list, roles, add, activate, grant, disable, reset, unlock, role, limit or password")  # fmt: skip
    one.add_argument("name", nargs="?", metavar="NAME")
    one.add_argument(
        "--role",
        metavar="ROLE",
        default="",
        help="clerk, cashier, supervisor, auditor, administrator; of a principal automation, exporter",
    )
    one.add_argument("--limit", metavar="AMOUNT", help="most that may be given back without a second operator, or none")
    one.add_argument("--write-credential", metavar="FILE", help="key of a principal for timers, a new file of mode 600")
    one.add_argument("--contact", action="store_true", help="grant the principal CONTACT, for mail and letters")
    one.add_argument("--code-file", metavar="FILE", help="file with the activation code, mode 600")
    one.add_argument("--new-password-file", metavar="FILE", help="file with the password that is to come, mode 600")
    one = add("session")
    one.add_argument("what", nargs="?", metavar="WHAT", choices=("list", "end"), default="list", help="list or end")
    one.add_argument("id", nargs="?", metavar="ID")
    one.add_argument("--all", action="store_true", help="those that ended too")
    one = add("approval")
    one.add_argument(
        "what", nargs="?", metavar="WHAT", choices=("list", "approve", "refuse"), default="list", help="list, approve or refuse"
    )
    one.add_argument("number", nargs="?", type=int, metavar="NUMBER")
    one.add_argument("--reason", default="", metavar="TEXT")
    one.add_argument("--all", action="store_true", help="those that were answered too")
    one = add("keys")
    one.add_argument(
        "what",
        nargs="?",
        metavar="WHAT",
        choices=("status", "rotate", "pepper"),
        default="status",
        help="status, rotate or pepper",
    )
    one.add_argument("names", nargs="*", metavar="COMPARTMENT", help="CONTACT, PRIVATE or ADMIN; with pepper, a new file")
    one = add("recovery")
    one.add_argument("what", metavar="WHAT", choices=("combine",), help="combine")
    one.add_argument("--shares-file", metavar="FILE", help="file with the two shares, a line each, mode 600")
    one.add_argument("--write", metavar="FILE", help="where the age identity goes, a new file of mode 600")
    one = add("backup")
    one.add_argument("file", metavar="FILE_OR_FOLDER", help="a folder gets a name with date and audit head")
    one.add_argument("--recipient", action="append", default=[], metavar="AGE1…", help="another age recipient that may open it")
    one = add("restore")
    one.add_argument("file", metavar="FILE")
    one.add_argument("--identity", metavar="FILE", help="age identity that opens it, as netbill recovery combine writes it")
    one.add_argument("--shares-file", metavar="FILE", help="file with the two recovery shares, a line each, mode 600")
    one.add_argument("--checkpoint", action="append", default=[], metavar="FILE", help="checkpoints to compare the audit with")
    one.add_argument("--accept-missing", type=int, metavar="N", help="how many audit events may be missing against a checkpoint")
    one.add_argument("--second", metavar="NAME", help="a second operator who agrees to that; signs in too")
    one.add_argument("--second-password-file", metavar="FILE", help="their password, mode 600")
    one.add_argument("--drill", action="store_true", help="restore beside, verify, and throw it away")


def _read_commands(add: Add) -> None:
    one = add("find")
    one.add_argument("--scope", default="all", metavar="WHAT", help="all, payment, customer or invoice")
    one.add_argument("words", nargs="+", metavar="WORDS")
    one = add("customer")
    one.add_argument("--contact", action="store_true", help="street, e-mail and phone too; leaves an audit event")
    one.add_argument("--reveal", metavar="FIELD", help="one private field; needs --reason, leaves an audit event")
    one.add_argument("--check-pin", action="store_const", const="pin", dest="check", help="the same as --check pin")
    one.add_argument("--check", metavar="FIELD", help="compare pin, birth_date or tax_id (last four) with a line of stdin")
    one.add_argument("--notes", action="store_true", help="its notes and calls too, pinned ones first")
    one.add_argument("--reason", default="", metavar="TEXT")
    one.add_argument("--account", metavar="ACCOUNT", help="the account, where it is called add, change or show")
    one.add_argument("account", nargs="?", default=argparse.SUPPRESS, metavar="ACCOUNT")
    one = add("customers")
    _listing(one)
    one = add("invoice")
    one.add_argument("number", nargs="?", metavar="NUMBER")
    one.add_argument("--all", action="store_true", help="every invoice and credit note, sorted, without what the clock decides")
    one.add_argument("--text", action="store_true", help="as it is printed, 80 columns")
    one.add_argument("--pdf", metavar="FILE", help="write it as PDF (extra pdf)")
    one.add_argument("--xml", metavar="FILE", help="write it as e-invoice, CII of EN 16931 (extra einvoice)")
    one = add("audit")
    one.add_argument("record", nargs="?", metavar="RECORD", help="an account, receipt, invoice, operator or other object")
    one.add_argument("--by", metavar="NAME", default="", help="only what this operator did")
    one.add_argument("--action", metavar="WORDS", default="", help="only actions that begin so, such as payment.")
    one.add_argument("--from", dest="first", metavar="DATE", help="from this day on")
    one.add_argument("--to", dest="last", metavar="DATE", help="to this day")
    one.add_argument("--limit", type=int, metavar="N", default=200, help="the newest N events; 0 for all")
    one.add_argument("--checkpoint", action="store_true", help="write a checkpoint now, and print it for the day's sheet")
    one = add("view")
    one.add_argument("list", metavar="LIST", help="customers, dues, overdue or payments")
    one.add_argument("name", nargs="?", metavar="NAME")
    one.add_argument("--save", metavar="FILTER", help="keep this filter under the name")
    one.add_argument("--digit", type=int, metavar="N", help="the key that opens it, 1 to 9")
    one.add_argument("--shared", action="store_true", help="for every operator")
    one.add_argument("--drop", action="store_true", help="forget it")
    one = add("statement")
    one.add_argument("--pdf", metavar="FILE", help="write it as PDF (extra pdf)")
    one.add_argument("--from", dest="first", metavar="DATE")
    one.add_argument("--to", dest="last", metavar="DATE")
    one.add_argument("account", metavar="ACCOUNT")
    one = add("dues")
    one.add_argument("--due-within", type=int, metavar="N", help="those falling due in the next N days")
    _listing(one)
    one.add_argument("account", nargs="?", metavar="ACCOUNT")
    one = add("overdue")
    one.add_argument("--work", action="store_true", help="only what is to be done today, in the order of work")
    one.add_argument("--bucket", metavar="B", help="1-30, 31-60, 61-90 or over-90")
    one.add_argument("--sort", metavar="BY", help="days or amount")
    _listing(one)
    add("ageing")
    one = add("payments")
    one.add_argument("--from", dest="first", metavar="DATE")
    one.add_argument("--to", dest="last", metavar="DATE")
    one.add_argument("--method", metavar="M")
    _listing(one)
    one = add("receipt")
    one.add_argument("receipt", metavar="RECEIPT")


def _listing(one: argparse.ArgumentParser) -> None:
    one.add_argument("--filter", default="", metavar="TERMS", help="such as 'days>30 plan:fibre* !tag:hold sort:-amount'")
    one.add_argument("--view", metavar="NAME", help="a saved view")
    one.add_argument("--limit", type=int, metavar="N", help="the first N rows")


def _write_commands(add: Add) -> None:
    one = add("pay")
    one.add_argument("account", metavar="ACCOUNT")
    one.add_argument("amount", metavar="AMOUNT")
    one.add_argument("--method", required=True, metavar="M", help="cash, cheque, card, bank, debit, paypal or online")
    one.add_argument("--reference", default="", metavar="R")
    one.add_argument("--received", metavar="DATE")
    one.add_argument("--tendered", metavar="AMOUNT", help="cash handed over")
    one.add_argument("--note", default="", metavar="TEXT")
    one.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    one.add_argument("--apply", action="append", default=[], metavar="INVOICE=AMOUNT")
    one = add("reverse")
    one.add_argument("receipt", metavar="RECEIPT")
    one.add_argument("--reason", required=True, metavar="TEXT")
    one.add_argument("--returned", action="store_true", help="it bounced")
    one.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    one = add("note")
    one.add_argument("account", metavar="ACCOUNT")
    one.add_argument("text", metavar="TEXT")
    one.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    one = add("pin")
    one.add_argument("account", metavar="ACCOUNT")
    one.add_argument("note", type=int, metavar="NOTE", help="its number, as customer --json --notes shows it")
    one.add_argument("--off", action="store_true", help="no longer")
    one = add("tag")
    one.add_argument("account", nargs="?", metavar="ACCOUNT")
    one.add_argument("tag", nargs="?", metavar="TAG")
    one.add_argument("--off", action="store_true", help="take it off")
    one = add("new-customer")
    one.add_argument("name", metavar="NAME")
    one.add_argument("--account", default="", metavar="ACCOUNT", help="default the next free number")
    one.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="such as plan=DSL; fields of an import")
    one.add_argument("--private", action="store_true", help="read FIELD=VALUE lines of private fields from stdin")
    one = add("change-customer")
    one.add_argument("account", metavar="ACCOUNT")
    one.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="an empty VALUE empties the field")
    one.add_argument("--private", action="store_true", help="read FIELD=VALUE lines of private fields from stdin")
    one.add_argument("--end-services", action="store_true", help="closing: its running services end today")
    one = add("call")
    one.add_argument("account", metavar="ACCOUNT")
    one.add_argument(
        "outcome",
        metavar="OUTCOME",
        help="n no answer, l message, w wrong number, m promise, d dispute, e escalate, s skip",
    )
    one.add_argument("--text", default="", metavar="TEXT")
    one.add_argument("--promise-on", metavar="DATE")
    one.add_argument("--invoice", default="", metavar="NUMBER", help="which one is disputed; default the oldest overdue one")
    one.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    one = add("dispute")
    one.add_argument(
        "what", nargs="?", metavar="INVOICE|ACCOUNT", help="an invoice; without a reason an account, or nobody for all"
    )
    one.add_argument("--reason", default="", metavar="TEXT", help="raise it, in the customer's words")
    one.add_argument("--answer", default="", metavar="TEXT", help="it was answered: the invoice stands")
    one.add_argument("--withdraw", default="", metavar="TEXT", help="the customer no longer disputes it")
    one.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")


def _billing_commands(add: Add) -> None:
    one = add("bill")
    one.add_argument("account", nargs="?", metavar="ACCOUNT", help="only this customer, after what parked them was mended")
    one.add_argument("--catch-up", metavar="WHAT", help="periods that were missed: all, latest or skip")
    one.add_argument("--runs", action="store_true", help="the runs so far")
    one.add_argument("--parked", action="store_true", help="who could not be billed, with the reason")
    one.add_argument("--drafts", action="store_true", help="the invoices that wait")
    one.add_argument("--confirm", metavar="BILL-DATE", help="issue the account's draft with the next run")
    one.add_argument("--put-back", dest="throw", metavar="BILL-DATE", help="let the account's draft wait its days again")
    one.add_argument("--undo", metavar="RUN", help="take a whole run back by credit notes")
    one.add_argument("--reason", default="", metavar="TEXT", help="why a run is undone")
    one = add("service")
    one.add_argument("what", nargs="?", metavar="ACCOUNT|EVENT",
                     help="an account; or change, price, pause, resume, suspend, restore, end, anchor")  # fmt: skip
    one.add_argument("number", nargs="?", metavar="SERVICE", help="of an event: which service")
    for name, words in (
        ("code", "what is taken, such as INT-100"), ("quantity", "how many"), ("start", "first day"), ("end",
        "day after the last"),
        ("cycle", "1M, 3M, 6M, 1Y, 7D, 2W"), ("anchor", "day of the month that periods begin with"), ("mode",
        "advance or arrears"),
        ("price", "own price"), ("percent", "own price in percent of the list"), ("price-until", "day the own price ends"),
        ("parts", "parts of the bundle that are taken"), ("address", "where the service is"),
        ("billed-through", "day up to which it was billed elsewhere"), ("on", "of an event: the day"),
        ("until", "day an own price ends"), ("policy", "of an end: days gives back, period keeps"), ("reason", "why"),
    ):  # fmt: skip
        one.add_argument(f"--{name}", metavar=name.upper(), help=words)
    one.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    one.add_argument("--next", action="store_true", help="what the next invoice of the account will be")
    one.add_argument("--history", metavar="SERVICE", help="every event of a service")
    one.add_argument("--take-back", nargs=2, metavar=("SERVICE", "EVENT"), help="as if the event had never been")
    one = add("quote")
    one.add_argument("codes", nargs="+", metavar="CODE[=QUANTITY]")
    for name in ("account", "start", "cycle", "anchor", "mode", "price", "percent"):
        one.add_argument(f"--{name}", metavar=name.upper())
    one = add("charge")
    one.add_argument("account", metavar="ACCOUNT")
    one.add_argument("code", nargs="?", metavar="CODE")
    for name, words in (("amount", "for one; default the price of the code"), ("quantity", "how many, or how much was used"),
                        ("on", "day"), ("text", "as on the invoice"), ("service", "whose usage it is"),
                        ("withdraw", "a charge that no invoice holds yet"), ("reason", "why it is withdrawn")):  # fmt: skip
        one.add_argument(f"--{name}", metavar=name.upper(), help=words)
    one.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    one = add("discount")
    one.add_argument("account", metavar="ACCOUNT")
    for name, words in (("percent", "so much of it"), ("amount", "so much money"), ("code", "on this code only"),
                        ("from", "first bill date"), ("until", "no longer on this bill date"), ("periods", "for so many periods"),
                        ("text", "as on the invoice"), ("stop", "number of a discount that ends"), ("on",
                        "day it ends")):  # fmt: skip
        one.add_argument(f"--{name}", metavar=name.upper(), help=words)
    one.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    one = add("terms")
    one.add_argument("account", metavar="ACCOUNT")
    one.add_argument("--day", metavar="N", help="due on this day of the next month; 0 for none (days: change-customer)")
    one.add_argument("--anchor", metavar="N", help="day of the month for new services; 0 for none")
    one = add("exempt")
    one.add_argument("account", metavar="ACCOUNT")
    one.add_argument("certificate", metavar="CERTIFICATE")
    one.add_argument("--from", metavar="DATE")
    one.add_argument("--until", metavar="DATE")
    one = add("credit")
    one.add_argument("invoice", nargs="?", metavar="INVOICE|CREDIT-NOTE|apply")
    one.add_argument("account", nargs="?", metavar="ACCOUNT", help="behind apply: use the credit of this account now")
    one.add_argument("--reason", default="", metavar="TEXT", help="why; without it a credit note is shown")
    one.add_argument("--request-id", metavar="UUID", help="the same id never posts twice")
    one.add_argument("--amount", metavar="AMOUNT", help="with tax; default all that is left")
    one.add_argument("--line", action="append", default=[], metavar="N=AMOUNT", help="of one line, without tax")
    one.add_argument("--list", metavar="ACCOUNT", help="the credit notes of an account")
    one.add_argument("--pdf", metavar="FILE", help="write the credit note as PDF")
    one.add_argument("--xml", metavar="FILE", help="write it as e-invoice")
