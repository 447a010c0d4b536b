"""Every operator command and every word of the `:` line, declared once.

From here come the bindings, the footer, the palette, the help pages, the user's key map and its check, and the manual.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from netbill_tui.security import rights


@dataclass(frozen=True, slots=True)
class Command:
    """Something an operator can do by a key.

    Attributes:
        id: For the user's key map; never changes.
        keys: The first is shown; F-keys have a twin without F.
        action: Name of the screen's action.
        label: One word for the footer, empty to leave it out.
        help: One sentence for the help page.
        in_fields: Works while a field has the focus; a letter never does, because it is typed.
        posts: Needs a session that may post; greyed out under a pretended date.
        right: What the operator must be allowed to do, of security.rights; greyed out for others. Empty for everybody.
    """

    id: str
    keys: tuple[str, ...]
    action: str
    label: str
    help: str
    in_fields: bool = False
    posts: bool = False
    right: str = ""

    @property
    def current(self) -> tuple[str, ...]:
        """The keys in force: the user's own, or these."""
        return _MAP.get(self.id, self.keys)

    @property
    def shown(self) -> str:
        """The first key in force as people write it."""
        return shown_key(self.current[0]) if self.current else ""


@dataclass(frozen=True, slots=True)
class Verb:
    """A word of the `:` line that the screens do themselves; every other command of the shell runs there as it stands.

    Attributes:
        word: In full; any beginning that fits no other word will do.
        short: A shorter form.
        args: What stands behind it.
        help: One sentence.
        command: Id of the key command that does the same, or empty.
    """

    word: str
    short: str
    args: str
    help: str
    command: str = ""


_NAMES = {
    "question_mark": "?", "slash": "/", "equals_sign": "=", "escape": "Esc", "enter": "Enter", "space": "Space",
    "pagedown": "PgDn", "pageup": "PgUp", "tab": "Tab", "up": "Up", "down": "Down", "home": "Home", "end": "End", "colon": ":",
    "less_than_sign": "<", "greater_than_sign": ">", "full_stop": ".", "asterisk": "*", "number_sign": "#", "plus": "+",
    "vertical_line": "|", "backslash": "\\", "shift+tab": "Shift+Tab", "minus": "-",
}  # fmt: skip
_MAP: dict[str, tuple[str, ...]] = {}


def shown_key(key: str) -> str:
    """A Textual key name as people write it."""
    if key in _NAMES:
        return _NAMES[key]
    if key.startswith("ctrl+") and len(key) == 6:
        return f"^{key[5].upper()}"
    return key.upper() if key[0] == "f" and key[1:].isdigit() else key


def use(user_map: Mapping[str, str]) -> None:
    """Take the user's key map: command id to keys with commas between."""
    _MAP.clear()
    for name, keys in user_map.items():
        _MAP[name] = tuple(k for k in (key.strip() for key in keys.split(",")) if k)


# Everywhere.
HELP = Command("app.help", ("f1", "question_mark"), "help", "Help", "Show the keys of this screen.", in_fields=True)
FIND = Command(
    "app.find", ("f2", "slash"), "find", "Find", "Search everything; in a list / filters it, and F2 searches.", in_fields=True
)
HOME = Command("app.dashboard", ("f3",), "dashboard", "", "Go to the dashboard (g d).", in_fields=True)
REFRESH = Command(
    "app.refresh", ("f5", "ctrl+r"), "refresh", "", "Read this screen again; the cursor stays on its row.", in_fields=True
)
PAY = Command(
    "payment.record", ("f6", "p"), "pay", "Pay", "Take a payment for the account of the row.", in_fields=True, posts=True,
    right=rights.POST,
)  # fmt: skip
OVERDUE = Command("app.overdue", ("f7",), "overdue", "", "Go to the overdue queue (g o).", in_fields=True)
WAITING = Command(
    "app.waiting", ("ctrl+g", "b"), "waiting", "", "Bring back the form that you put aside, as you typed it.", in_fields=True
)
BACK = Command("app.back", ("f12", "escape"), "back", "Back", "Leave this screen; nothing is posted.", in_fields=True)
QUIT = Command("app.quit", ("ctrl+q",), "quit_program", "", "End the program; asks when a form is half filled.", in_fields=True)
STOP = Command("app.stop", ("ctrl+c",), "stop", "", "Leave the field; twice in a row asks to quit.", in_fields=True)
REDRAW = Command("app.redraw", ("ctrl+l",), "redraw", "", "Draw the screen again.", in_fields=True)
GO = Command(
    "app.go", ("g",), "go", "Go",
    "Go to: d dashboard, o overdue, u dues, p payments, c customers, i billing run, x collections, k catalogue, w operators, "
    "a audit, f find; g top, e end.",
)  # fmt: skip
LINE = Command(
    "app.line", ("colon",), "line", "", "Command line: the words of the shell, and numbers; F9 there repeats the last."
)
PALETTE = Command("app.palette", ("ctrl+p",), "palette", "", "Find any command by its name.", in_fields=True)
JUMP_BACK = Command("jump.back", ("less_than_sign",), "jump(-1)", "", "The record that was opened before this one.")
JUMP_ON = Command("jump.forward", ("greater_than_sign",), "jump(1)", "", "The record that was opened after this one.")
AGAIN = Command(
    "app.repeat", ("full_stop",), "repeat", "", "Repeat the last note, tag or outcome here; never a payment.", posts=True
)
YANK = Command("app.yank", ("y",), "yank", "", "Copy the number of the row to the terminal's clipboard and to a file.")
LOCK = Command("app.lock", ("ctrl+x",), "lock", "", "Lock the screens; the password opens them again.", in_fields=True)
UP_ONE = Command("app.q", ("q",), "back", "", "Back; at the dashboard, asks to quit.")
PANE = Command("app.pane", ("f11", "backslash"), "pane", "", "Show or hide the account beside the list, from 120 columns on.")
EVERYWHERE = (
    HELP, FIND, HOME, REFRESH, PAY, OVERDUE, GO, LINE, BACK, PALETTE, WAITING, JUMP_BACK, JUMP_ON, AGAIN, YANK, PANE, UP_ONE,
    STOP, LOCK, REDRAW, QUIT,
)  # fmt: skip

# In lists and on records.
OPEN = Command("list.open", ("enter",), "open", "Open", "Open the row.")
FILTER = Command("list.filter", ("slash",), "filter", "Filter", "Narrow the list down: st:overdue plan:fibre* bal>50 sort:-days.")
NEXT_TAB = Command("record.next_tab", ("tab",), "next_tab", "", "Next tab or scope.")
TABS = tuple(Command(f"record.tab{n}", (str(n),), f"tab({n})", "", f"Tab {n}.") for n in range(1, 8))
VIEWS = tuple(Command(f"list.view{n}", (str(n),), f"view({n})", "", f"View {n}.") for n in range(1, 10))
SORT = Command("list.sort", ("o",), "sort", "Sort", "The next order of the list.")
TURN = Command("list.turn", ("O",), "turn", "", "Turn the order of the list round.")
MARK = Command("list.mark", ("space",), "mark", "Mark", "Mark the row, or unmark it; actions then work on all that are marked.")
MARK_TO = Command("list.mark_to", ("V",), "mark_to", "", "Mark all rows from the last marked one to this one.")
MARK_ALL = Command("list.mark_all", ("asterisk",), "mark_all", "", "Mark every row of the filtered list.")
UNMARK = Command("list.unmark", ("u",), "unmark", "", "Unmark all.")
POSITION = Command(
    "list.position", ("number_sign",), "position", "", "Go to a place in the order: an account, date, days or amount."
)
COLUMNS = Command("list.columns", ("f4", "vertical_line"), "columns", "", "Show, hide, widen and narrow columns.")
EXPORT = Command(
    "list.export", ("e",), "export", "Export", "Write the list as CSV, JSON or text, and show the command that does it.",
    right=rights.EXPORT,
)  # fmt: skip
NOTE = Command(
    "note.add", ("n",), "note", "Note", "Write a note on the account, or on all that are marked.", posts=True, right=rights.NOTE
)
TAG = Command(
    "tag.change", ("t",), "tag", "Tag", "Put a tag on the account or on all that are marked; -tag takes it off.", posts=True,
    right=rights.NOTE,
)  # fmt: skip
CALL = Command(
    "call.outcome", ("c",), "call", "Call", "Record the outcome of a call; one more key says which.", posts=True,
    right=rights.NOTE,
)  # fmt: skip
REVERSE = Command(
    "payment.reverse", ("v",), "reverse", "Reverse", "Take the payment of the row back, with a reason.", posts=True,
    right=rights.VOID,
)  # fmt: skip
RECEIPT = Command("payment.receipt", ("r",), "receipt", "Receipt", "Show the receipt of the payment.")
WHY = Command("record.why", ("equals_sign",), "why", "", "Show the arithmetic behind the balance.")
CUSTOMER = Command("list.customer", ("a",), "customer", "", "Open the account of the row.")
REVEAL = Command(
    "profile.reveal", ("x",), "reveal", "Reveal", "Show a private field for 20 seconds, with a reason.", right=rights.REVEAL
)
CALLER = Command(
    "profile.caller", ("i",), "caller", "Caller", "Compare what the caller says: PIN, birth date, end of the tax id.",
    right=rights.CHECK,
)  # fmt: skip
CHANGE = Command(
    "customer.change", ("d",), "change", "Data", "Change the data of the customer.", posts=True, right=rights.CUSTOMER
)
NEW = Command("customer.new", ("plus",), "new", "New", "A new customer.", posts=True, right=rights.CUSTOMER)
PIN_NOTE = Command(
    "note.pin", ("m",), "pin_note", "", "Pin the note, or take the pin off; pinned notes stand first.", posts=True,
    right=rights.NOTE,
)  # fmt: skip
WIDER = Command("list.within", ("w",), "within", "Span", "Change the span of days that is listed.")
CODE_NEW = Command("code.new", ("plus",), "new_code", "New", "A new billing code.", posts=True, right=rights.CATALOGUE)
CODE_CHANGE = Command(
    "code.change", ("d",), "change_code", "Change", "Change the code, where that is allowed.", posts=True, right=rights.CATALOGUE
)
PRICE_ADD = Command(
    "price.add", ("i",), "add_price", "Price", "Add a dated price; who is affected is shown first.", posts=True,
    right=rights.CATALOGUE,
)  # fmt: skip
PRICE_DROP = Command(
    "price.drop", ("v",), "drop_price", "Drop", "Drop the price or tax rate of the row, if nothing used it.", posts=True,
    right=rights.CATALOGUE,
)  # fmt: skip
SERVICE_ADD = Command(
    "service.add", ("plus",), "add_service", "Service", "Add a service; F9 in the form shows the first bills.", posts=True,
    right=rights.SERVE,
)  # fmt: skip
SERVICE_EVENT = Command(
    "service.event", ("s",), "service_event", "Change", "Change, pause, suspend or end the service of the row.", posts=True,
    right=rights.SERVE,
)  # fmt: skip
SERVICE_BACK = Command(
    "service.back", ("z",), "service_back", "", "Take an event of the service of the row back.", posts=True, right=rights.SERVE
)
BILL_MORE = Command(
    "customer.bill", ("w",), "bill_more", "Bill",
    "A one-off charge, a discount, an exemption, due day and anchor; apply credit.", posts=True, right=rights.SERVE,
)  # fmt: skip
BILL_DATE = Command("billing.date", ("d",), "bill_date", "Date", "Plan and bill as of another day.")
NEXT_BILL = Command("customer.next", ("h",), "next_bill", "Next bill", "What the next invoice of the account will be.")
CREDIT = Command(
    "invoice.credit", ("v",), "credit", "Credit", "Take all or part of the invoice back, with a reason.", posts=True,
    right=rights.CREDIT,
)  # fmt: skip
DISPUTE = Command(
    "invoice.dispute", ("d",), "dispute", "Dispute", "Dispute the invoice, or end its dispute: answered or withdrawn.",
    posts=True, right=rights.NOTE,
)  # fmt: skip
PRINT = Command("invoice.print", ("e",), "print", "Page", "The document as it is printed.")
PAPER = Command(
    "document.paper", ("P",), "paper", "Print", "To the printer, or into a PDF or text file; of a list what is marked."
)
LINE_WHY = Command("invoice.why", ("equals_sign",), "why", "Why", "The arithmetic of the line, or of the total on the last row.")
RUN = Command(
    "billing.run", ("f10", "r"), "run", "Run", "Issue what the preview shows, after typing how many.", posts=True,
    right=rights.BILL,
)  # fmt: skip
RUN_STOP = Command("billing.stop", ("s",), "stop_run", "", "Stop the run after this batch; the next run continues.")
CATCH_UP = Command("billing.catch_up", ("w",), "catch_up", "Missed", "Choose what to do with missed periods.")
RUN_UNDO = Command(
    "billing.undo", ("v",), "undo", "Undo", "Take the run of the row back by credit notes.", posts=True, right=rights.CREDIT
)
RETRY = Command(
    "billing.retry", ("i",), "retry", "Retry", "Bill the customer now, after you corrected the reason.", posts=True,
    right=rights.BILL,
)  # fmt: skip
OPERATOR_ADD = Command(
    "operator.add", ("plus",), "add_operator", "New", "Make an operator, who enrols with a code.", posts=True,
    right=rights.OPERATORS,
)  # fmt: skip
OPERATOR_CHANGE = Command(
    "operator.change", ("d",), "change_operator", "Change", "Grant, change, reset or disable the operator of the row.",
    posts=True, right=rights.OPERATORS,
)  # fmt: skip
SESSION_END = Command(
    "operator.end_session", ("v",), "end_session", "End", "End the sitting of the row.", posts=True, right=rights.OPERATORS
)
KEYS_ROTATE = Command(
    "operator.rotate", ("r",), "rotate", "Rotate", "Seal every cell of the row's compartment with another key.", posts=True,
    right=rights.KEYS,
)  # fmt: skip
ANSWER_YES = Command(
    "operator.approve", ("i",), "approve", "Approve", "Approve and post what was asked for.", posts=True, right=rights.APPROVE
)
ANSWER_NO = Command(
    "operator.decline", ("x",), "decline", "Refuse", "Refuse what another operator asked for.", posts=True, right=rights.APPROVE
)
COLLECT = Command(
    "account.collect", ("c",), "collect_more", "Collect",
    "A promise, an arrangement, waiving a fee, a hold, a write-off, handing over.", posts=True, right=rights.NOTE,
)  # fmt: skip
COLLECT_STORY = Command(
    "account.story", ("C",), "story", "", "What was sent, promised, charged and given up, and what comes next."
)
COLLECT_RUN = Command(
    "collections.run", ("f10", "r"), "collect", "Run", "Do now what the night does, after typing how many.", posts=True,
    right=rights.COLLECT,
)  # fmt: skip
COLLECT_DATE = Command("collections.date", ("d",), "collect_date", "Date", "Look at the night of another day.")
MESSAGE_CANCEL = Command(
    "message.cancel", ("v",), "cancel_message", "Take back", "Take the message of the row back, or settle an unknown one.",
    posts=True, right=rights.COLLECT,
)  # fmt: skip
SENDERS_SWITCH = Command(
    "senders.switch", ("s",), "switch_senders", "Stop", "Stop all that is sent, or let it go on.", posts=True,
    right=rights.COLLECT,
)  # fmt: skip
LETTERS = Command(
    "outbox.letters", ("b",), "letters", "Letters", "Draw the letters that wait into one file, then say that they are printed.",
    posts=True, right=rights.MESSAGE,
)  # fmt: skip
POLICY_NEW = Command(
    "policy.new", ("plus",), "new_policy", "Policy", "Set a version of a policy: reminders, fees or days.", posts=True,
    right=rights.CATALOGUE,
)  # fmt: skip
METHOD = Command("list.method", ("m",), "method", "Method", "Change the method that is listed.")

# In forms.
POST = Command("form.post", ("f10",), "post", "Post", "Post from any field.", in_fields=True, posts=True)
CLEAR = Command("form.clear", ("f5", "ctrl+u"), "clear", "Clear", "Empty the field.", in_fields=True)
PICK = Command("form.pick", ("f4", "ctrl+t"), "pick", "List", "Choose the value of the field from a list.", in_fields=True)
APPLY = Command("form.apply", ("f8", "ctrl+o"), "apply", "Apply", "Say which invoices the payment settles.", in_fields=True)
LAST = Command(
    "form.last", ("f9", "ctrl+y"), "last", "Again", "Fill in method, amount and day of the last payment.", in_fields=True
)
SCOPE = Command("find.scope", ("tab",), "scope", "Scope", "Search all, payments, customers or invoices only.", in_fields=True)

# Movement, for the help page; the grid has these keys itself.
MOVES = (
    ("Up k, Down j", "one row"),
    ("PgUp, PgDn", "one page"),
    ("Home, g g", "first row"),
    ("End, G, g e", "last row"),
)
ALL = (
    *EVERYWHERE, OPEN, FILTER, NEXT_TAB, *TABS, *VIEWS, SORT, TURN, MARK, MARK_TO, MARK_ALL, UNMARK, POSITION, COLUMNS, EXPORT,
    NOTE, TAG, CALL, REVERSE, RECEIPT, WHY, CUSTOMER, REVEAL, CALLER, CHANGE, NEW, PIN_NOTE, WIDER, METHOD, POST, CLEAR, PICK,
    APPLY, LAST, SCOPE, CODE_NEW, CODE_CHANGE, PRICE_ADD, PRICE_DROP, SERVICE_ADD, SERVICE_EVENT, SERVICE_BACK, BILL_MORE,
    NEXT_BILL, CREDIT, DISPUTE, PRINT, PAPER, LINE_WHY, RUN, RUN_STOP, CATCH_UP, BILL_DATE, RUN_UNDO, RETRY,
    OPERATOR_ADD, OPERATOR_CHANGE, SESSION_END, KEYS_ROTATE, ANSWER_YES, ANSWER_NO, COLLECT, COLLECT_STORY, COLLECT_RUN,
    COLLECT_DATE, MESSAGE_CANCEL, SENDERS_SWITCH, LETTERS, POLICY_NEW,
)  # fmt: skip

VERBS = (
    Verb("customer", "c", "ACCOUNT", "Open the account.", "list.customer"),
    Verb("customers", "cs", "[FILTER]", "The list of customers."),
    Verb("overdue", "od", "[FILTER]", "The overdue queue.", "app.overdue"),
    Verb("dues", "", "[FILTER]", "Open invoices."),
    Verb("payments", "", "[FILTER]", "Payments, newest first."),
    Verb("invoice", "inv", "NUMBER", "One invoice."),
    Verb("receipt", "", "RECEIPT", "One payment."),
    Verb("billing", "", "", "The billing run: preview, run, parked, runs, drafts."),
    Verb("collections", "", "", "Collections: tonight, outbox, policies, held."),
    Verb("catalogue", "", "[CODE]", "Billing codes with their prices."),
    Verb("operators", "", "", "Operators, sittings, keys, approvals."),
    Verb("trail", "", "", "The audit of the whole book."),
    Verb("lock", "", "", "Lock the screens.", "app.lock"),
    Verb("find", "f", "WORDS", "Search everything.", "app.find"),
    Verb("pay", "p", "ACCOUNT [AMOUNT] [METHOD] [REFERENCE]", "The payment form, filled in; Enter posts it.", "payment.record"),
    Verb("reverse", "", "RECEIPT", "Take a payment back, with a reason.", "payment.reverse"),
    Verb("new", "", "", "A new customer.", "customer.new"),
    Verb(
        "view", "", "save NAME [DIGIT] | share NAME [DIGIT] | drop NAME | NAME", "Save, share, drop or open a view of this list."
    ),
    Verb("export", "", "csv|json|text [FILE]", "Write this list to a file.", "list.export"),
    Verb("set", "", "theme NAME | pane on|off", "Change the look; a theme is remembered."),
    Verb("theme", "", "NAME", "The same as :set theme NAME."),
    Verb("messages", "", "", "What was said on the message line, the last fifty."),
    Verb("waiting", "w", "", "Bring back the form that was put aside.", "app.waiting"),
    Verb("home", "", "", "The dashboard.", "app.dashboard"),
    Verb("help", "h", "", "The keys of this screen.", "app.help"),
    Verb("back", "", "", "Leave this screen.", "app.back"),
    Verb("quit", "q", "", "End the program.", "app.quit"),
)
