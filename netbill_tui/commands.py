"""Every operator command, declared once: from here come the bindings, the footer, and the help page."""

from dataclasses import dataclass


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
    """

    id: str
    keys: tuple[str, ...]
    action: str
    label: str
    help: str
    in_fields: bool = False
    posts: bool = False

    @property
    def shown(self) -> str:
        """The key as people write it."""
        return shown_key(self.keys[0])


_NAMES = {
    "question_mark": "?", "slash": "/", "equals_sign": "=", "escape": "Esc", "enter": "Enter", "ctrl+r": "^R",
    "ctrl+q": "^Q", "ctrl+c": "^C", "ctrl+l": "^L", "space": "Space", "pagedown": "PgDn", "pageup": "PgUp", "tab": "Tab",
    "up": "Up", "down": "Down", "home": "Home", "end": "End",
}  # fmt: skip


def shown_key(key: str) -> str:
    """A Textual key name as people write it."""
    if key in _NAMES:
        return _NAMES[key]
    return key.upper() if key[0] == "f" and key[1:].isdigit() else key


# Everywhere.
HELP = Command("app.help", ("f1", "question_mark"), "help", "Help", "Show the keys of this screen.", in_fields=True)
FIND = Command("app.find", ("f2", "slash"), "find", "Find", "Search payments, customers and invoices.", in_fields=True)
HOME = Command("app.dashboard", ("f3",), "dashboard", "", "Go to the dashboard.", in_fields=True)
REFRESH = Command(
    "app.refresh",
    ("f5", "ctrl+r"),
    "refresh",
    "",
    "Read this screen again; the cursor stays on its row.",
    in_fields=True,
)
PAY = Command(
    "payment.record",
    ("f6", "p"),
    "pay",
    "Pay",
    "Take a payment for the account of the row.",
    in_fields=True,
    posts=True,
)
OVERDUE = Command("app.overdue", ("f7",), "overdue", "", "Go to the overdue queue.", in_fields=True)
BACK = Command("app.back", ("f12", "escape"), "back", "Back", "Leave this screen; nothing is posted.", in_fields=True)
QUIT = Command("app.quit", ("ctrl+q",), "quit_program", "", "End the program; asks when a form is half filled.", in_fields=True)
STOP = Command("app.stop", ("ctrl+c",), "stop", "", "Leave the field; twice in a row asks to quit.", in_fields=True)
REDRAW = Command("app.redraw", ("ctrl+l",), "redraw", "", "Draw the screen again.", in_fields=True)
GO = Command("app.go", ("g",), "go", "Go", "Go to: d dashboard, o overdue, u dues, p payments, f find; g top, e end.")
UP_ONE = Command("app.q", ("q",), "back", "", "Back; at the dashboard, asks to quit.")
EVERYWHERE = (HELP, FIND, HOME, REFRESH, PAY, OVERDUE, GO, BACK, UP_ONE, STOP, REDRAW, QUIT)

# In lists and on records.
OPEN = Command("list.open", ("enter",), "open", "Open", "Open the row.")
NEXT_TAB = Command("record.next_tab", ("tab",), "next_tab", "", "Next tab or scope.")
TABS = tuple(Command(f"record.tab{n}", (str(n),), f"tab({n})", "", f"Tab or view {n}.") for n in range(1, 7))
SORT = Command("list.sort", ("o",), "sort", "Sort", "Change the order: by days, by amount.")
NOTE = Command("note.add", ("n",), "note", "Note", "Write a note on the account.", posts=True)
CALL = Command("call.outcome", ("c",), "call", "Call", "Say what came of a call; one more key for the outcome.", posts=True)
REVERSE = Command("payment.reverse", ("v",), "reverse", "Reverse", "Take the payment of the row back, with a reason.", posts=True)
RECEIPT = Command("payment.receipt", ("r",), "receipt", "Receipt", "Show the receipt of the payment.")
WHY = Command("record.why", ("equals_sign",), "why", "", "Show the arithmetic behind the balance.")
CUSTOMER = Command("list.customer", ("a",), "customer", "", "Open the account of the row.")
REVEAL = Command("profile.reveal", ("x",), "reveal", "Reveal", "Show a private field for 20 seconds, with a reason.")
PIN = Command("profile.pin", ("i",), "pin", "", "Compare the PIN that the caller says.")
WIDER = Command("list.within", ("w",), "within", "Span", "Change the span: all, due within 7 days, within 30 days.")
METHOD = Command("list.method", ("m",), "method", "Method", "Change the method that is listed.")

# In forms.
POST = Command("form.post", ("f10",), "post", "Post", "Post from any field.", in_fields=True, posts=True)
CLEAR = Command("form.clear", ("f5",), "clear", "Clear", "Empty the field.", in_fields=True)
SCOPE = Command("find.scope", ("tab",), "scope", "Scope", "Search all, payments, customers or invoices only.", in_fields=True)

# Movement, for the help page; the grid has these keys itself.
MOVES = (
    ("Up k, Down j", "one row"),
    ("PgUp, PgDn", "one page"),
    ("Home, g g", "first row"),
    ("End, G, g e", "last row"),
)
ALL = (
    *EVERYWHERE, OPEN, NEXT_TAB, *TABS, SORT, NOTE, CALL, REVERSE, RECEIPT, WHY, CUSTOMER, REVEAL, PIN, WIDER, METHOD, POST,
    CLEAR, SCOPE,
)  # fmt: skip
