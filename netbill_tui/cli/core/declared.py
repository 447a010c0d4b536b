"""Every command of the shell, declared once: what it is for, its group in --help, which function does it, whether it posts."""

from collections.abc import Sequence
from typing import NamedTuple


class Declared(NamedTuple):
    """A command.

    Attributes:
        help: What it is for.
        does: Module below `netbill_tui.cli`, and function.
        posts: It writes; a session under a pretended date refuses it.
    """

    help: str
    does: str
    posts: bool = False


GROUPS: dict[str, dict[str, Declared]] = {
    "every day": {
        "find": Declared("search payments, customers and invoices", "lookup.search:find"),
        "customer": Declared("the account card; after customer: add, change, show", "customers.accounts:customer"),
        "pay": Declared("take a payment", "receivables.payments:pay", posts=True),
        "reverse": Declared("take a payment back", "receivables.payments:reverse", posts=True),
        "note": Declared("write a note on an account", "customers.notes:note", posts=True),
        "call": Declared("record what came of a call", "collections.calls:call", posts=True),
        "overdue": Declared("the overdue queue", "collections.overdue:overdue"),
        "dues": Declared("open invoices", "receivables.dues:dues"),
        "statement": Declared("opening, entries with running balance, closing", "receivables.statements:statement"),
        "invoice": Declared(
            "an invoice as data, text, PDF or e-invoice; all of them to compare two books", "receivables.invoices:invoice"
        ),
    },
    "accounts": {
        "customers": Declared("the list of customers", "customers.accounts:customers"),
        "new-customer": Declared("store a new customer, as customer add does", "customers.changes:new_customer", posts=True),
        "change-customer": Declared(
            "change the data of a customer, as customer change does", "customers.changes:change_customer", posts=True
        ),
        "tag": Declared("put a tag on an account, take it off, or list all tags", "customers.tags:tag", posts=True),
        "pin": Declared("pin a note above the other notes of its account", "customers.notes:pin", posts=True),
    },
    "payments and invoices": {
        "payments": Declared("payments in a span of days", "receivables.payments:payments"),
        "receipt": Declared("a receipt as text or data", "receivables.payments:receipt"),
        "ageing": Declared("what is open by how long it is past due", "receivables.dues:ageing"),
        "dispute": Declared("disputed invoices: list, raise, answer, withdraw", "receivables.disputes:dispute", posts=True),
        "credit": Declared(
            "take back all or part of an invoice; show a credit note", "receivables.credit_notes:credit", posts=True
        ),
    },
    "services": {
        "service": Declared(
            "services of a customer: list, add; what happens to one", "services.subscriptions:service", posts=True
        ),
        "quote": Declared("the first and the following bill of services not yet saved", "services.subscriptions:quote"),
        "charge": Declared("a one-off charge or usage, on the next invoice", "services.charges:charge", posts=True),
        "discount": Declared("give a discount, list those of an account, end one", "services.discounts:discount", posts=True),
        "exempt": Declared("take no tax from a customer while a certificate is valid", "services.discounts:exempt", posts=True),
        "terms": Declared(
            "terms by a day of the next month, and the anchor of new services", "services.subscriptions:terms", posts=True
        ),
    },
    "billing": {
        "bill": Declared("the billing run for a date", "billing_run.runs:bill", posts=True),
    },
    "collections": {
        "collect": Declared(
            "the night by hand: judge promises, charge fees, queue messages", "collections.night:collect", posts=True
        ),
        "policy": Declared(
            "ladder, late fees and quiet days: show, set, default, off", "collections.policies:policy", posts=True
        ),
        "outbox": Declared(
            "what waits to be sent; one message; stop and start all that sends", "collections.outbox:outbox", posts=True
        ),
        "template": Declared(
            "the texts of messages: show, set one's own, fill one in, send it to oneself",
            "collections.templates:template",
            posts=True,
        ),  # fmt: skip
        "bounce": Declared(
            "take reports of mail that did not arrive, from standard input or a Maildir", "collections.outbox:bounce", posts=True
        ),
        "delivery": Declared(
            "how an account wants bills and messages: mail, paper, both, none", "collections.outbox:delivery", posts=True
        ),
        "promise": Declared("promises to pay: list, make, cancel", "collections.promises:promise", posts=True),
        "arrange": Declared("an arrangement: instalments over what is overdue", "collections.promises:arrange", posts=True),
        "fee": Declared("late fees of an account, or what became of all of them", "collections.fees:fee"),
        "waive": Declared("waive a late fee", "collections.fees:waive", posts=True),
        "hold": Declared(
            "hold an account: nothing is sent, charged or suspended; list, release", "collections.write_offs:hold", posts=True
        ),
        "write-off": Declared("give up what is open of an invoice; list", "collections.write_offs:write_off", posts=True),
        "hand-over": Declared(
            "hand an account over to an agency; list, take back", "collections.write_offs:hand_over", posts=True
        ),
    },  # fmt: skip
    "catalogue": {
        "code": Declared("billing codes: list, show, add, change", "catalogue.codes:code", posts=True),
        "price": Declared("dated prices of a code: show, add, drop", "catalogue.codes:price", posts=True),
        "tax": Declared("tax classes and their rates: list, add, take back", "catalogue.tax_rates:tax", posts=True),
        "rule": Declared("how the book bills: show, change", "catalogue.rules:rule", posts=True),
    },
    "lists, reports, files": {
        "view": Declared("saved views of a list: show, save, drop", "lookup.views:view", posts=True),
        "report": Declared("revenue by code, or tax by rate", "reports.revenue:report"),
        "import": Declared("read a CSV by a profile, or guess one from it", "imports.files:import_file", posts=True),
        "script": Declared("run many commands, from a file or standard input, in one process", "core.script:script"),
    },
    "who may do what": {
        "operator": Declared(
            "who may sign in and do what: made, enrolled, granted, limited, disabled", "access.operators:operator"
        ),
        "session": Declared("who is signed in; end a sitting", "access.sittings:session"),
        "approval": Declared("what was asked over a limit: list, approve, refuse", "access.approvals:approval"),
        "keys": Declared("keys of the book: status, rotate, pepper", "access.keys:keys"),
        "recovery": Declared("combine the two recovery shares into the key that opens backups", "access.keys:recovery"),
        "clock": Declared("compare the clock with the book; accept the clock", "access.clock:clock"),
    },
    "the book": {
        "tui": Declared("open the screens", "core.screens:tui"),
        "init": Declared("make a book: company, currency, time zone, first operator", "books.create:init"),
        "demo": Declared("make a throw-away book with believable data and open the screens", "demo.book:demo"),
        "backup": Declared("an encrypted, verified copy of the book", "books.backups:backup"),
        "restore": Declared("bring a book back from a backup", "books.backups:restore"),
        "verify": Declared("check every invariant, the audit chain and the sealed fields", "verify.book:verify"),
        "audit": Declared("who did what, to a record or in the whole book; checkpoints", "audit.trail:audit"),
        "doctor": Declared("check versions, schema, indexes, modes, disk and clock", "verify.doctor:doctor"),
        "config": Declared("the settings in force", "core.config:config"),
        "theme": Declared("how the screens look: the themes, their roles and contrasts", "core.theme:theme"),
        "keymap": Declared("the keys, and what a terminal sends for them", "core.keymap:keymap"),
    },
}
COMMANDS = {name: declared for group in GROUPS.values() for name, declared in group.items()}
NAMES = frozenset(COMMANDS)
POSTING = frozenset(name for name, declared in COMMANDS.items() if declared.posts)
# Other words for some of them: the thing first, then what is done to it.
SPELLED = {("customer", "add"): "new-customer", ("customer", "change"): "change-customer", ("customer", "show"): "customer"}
WITH_VALUE = frozenset(("--book", "--operator", "--password-file", "--credential", "--as-of", "--color"))


def spelled(words: Sequence[str]) -> list[str]:
    """The words with `customer add`, `customer change` and `customer show` under the names they are declared by.

    An account that is called so is reached by `customer --account ADD`.
    """
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in WITH_VALUE else 1
    first, second = (*words[at : at + 2], "", "")[:2]
    name = SPELLED.get((first, second))
    return [*words[:at], name, *words[at + 2 :]] if name else list(words)
