"""The words of the `:` line: those that the screens do themselves, and every command of the shell as it stands."""

import io
import json
import shlex
from functools import partial
from typing import TYPE_CHECKING

from netbill_tui import commands, keymap
from netbill_tui.errors import InvalidInput
from netbill_tui.screens.shell.desk import Filled, Place
from netbill_tui.screens.shell.listing import ListScreen
from netbill_tui.screens.shell.program import Program
from netbill_tui.styles.theme_files import names
from netbill_tui.text import visible
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.lookup import views
from netbill_tui.usecases.lookup.lists import LISTINGS
from netbill_tui.usecases.receivables import dues, payments

if TYPE_CHECKING:
    from netbill_tui.screens.shell.base import NetbillScreen

# Commands of the shell that only read; the others go through the writer's thread.
_READS = frozenset(
    "find customer customers statement dues overdue ageing payments receipt invoice audit view tag verify doctor session "
    "approval".split()
)
_OWN_QUOTES = ("find", "customers", "overdue", "dues", "payments")


def words_of(program: Program) -> list[str]:
    """What the line completes: its verbs, and the commands of the shell."""
    return sorted({*(v.word for v in commands.VERBS), *program.shell_words})


def split_line(text: str) -> list[str]:
    """The words of a line; quotes hold words together.

    Raises:
        InvalidInput: A quote that is not closed.
    """
    try:
        return shlex.split(text)
    except ValueError:
        raise InvalidInput("A quote is not closed; type the line again.") from None


async def run_line(screen: "NetbillScreen", text: str) -> None:
    """Do what a line says.

    Raises:
        NetbillError: It cannot be done; the sentence says what to type.
    """
    first = text.split(None, 1)[0]
    verb = keymap.verb_of(first, screen.netbill.shell_words)
    # A filter and a search have quotes of their own, and names have apostrophes.
    words = text.split() if verb in _OWN_QUOTES else split_line(text)
    if words[0].isascii() and words[0].isdigit() and len(words) == 1:
        await _number(screen, words[0])
        return
    if verb == "bill" and len(words) == 1:
        verb = "billing"  # the shell's word alone issues at once; here it leads to the preview, which asks
    if verb == "collect" and len(words) == 1:
        verb = "collections"  # likewise
    if not verb:
        import difflib

        known = words_of(screen.netbill)
        fits = [w for w in known if w.startswith(words[0].lower())] or difflib.get_close_matches(words[0], known, 3, 0.5)
        hint = f"did you mean {' or '.join(fits[:4])}?" if fits else "^P shows every command."
        raise InvalidInput(f"{visible(words[0])[:30]!r} is not a command; {hint}")
    here = _HERE.get(verb)
    does = next((c for v in commands.VERBS if v.word == verb for c in commands.ALL if c.id == v.command), None)
    if does is not None and does.right:
        screen.session.needs(does.right)
    if here is not None and not any(w.startswith("--") for w in words[1:]):
        await here(screen, words[1:], text)
    else:
        await run_shell(screen, [verb, *words[1:]])


async def _number(screen: "NetbillScreen", digits: str) -> None:
    """A number alone: the tab or view of that key, else whatever has exactly that number."""
    does = next((a for a in ("view", "tab") if hasattr(screen, f"action_{a}")), None)
    if len(digits) == 1 and digits != "0" and does:
        await screen.run_action(f"{does}({digits})")
        return
    from netbill_tui.usecases.lookup import search

    exact = [h for h in await screen.read(search.find, digits) if h.exact]
    if not exact:
        raise InvalidInput(f"Nothing has the number {digits}; :find {digits} searches more.")
    from netbill_tui.screens.shell.hits import open_hit

    kind = {"payment": "receipt"}.get(exact[0].type, exact[0].type)
    if kind in ("receipt", "customer", "invoice"):
        screen.open_place(Place(kind, exact[0].id))
    else:
        await open_hit(screen, exact[0])


async def run_shell(screen: "NetbillScreen", words: list[str]) -> None:
    """Run a command of the shell here, and show what it says."""
    from netbill_tui.screens.shell.text_page import TextPage

    out = io.StringIO()

    def run(session: Session) -> int:
        return screen.netbill.run_words(session, words, out, "table")

    call = screen.read if words[0] in _READS else screen.write
    code = await call(run)
    text = out.getvalue().rstrip()
    if "\n" in text or len(text) > 70:
        await screen.app.push_screen(TextPage(f"netbill {shlex.join(words)}"[:60], text.splitlines()))
    else:
        screen.tell(text or ("Done." if code == 0 else f"Ended with code {code}."))
    screen.action_refresh()


# What the screens do themselves.


def _sole(words: list[str], usage: str) -> str:
    if len(words) != 1:
        raise InvalidInput(f"Type it as :{usage}.")
    return words[0]


async def _customer(screen: "NetbillScreen", words: list[str], _: str) -> None:
    customer = await screen.read(accounts.find_customer, _sole(words, "customer ACCOUNT"))
    screen.open_place(Place("customer", customer.account))


async def _invoice(screen: "NetbillScreen", words: list[str], _: str) -> None:
    due, _lines = await screen.read(dues.invoice, _sole(words, "invoice NUMBER"))
    screen.open_place(Place("invoice", due.number))


async def _receipt(screen: "NetbillScreen", words: list[str], _: str) -> None:
    payment = await screen.read(payments.find_payment, _sole(words, "receipt NUMBER"))
    screen.open_place(Place("receipt", payment.row.receipt))


async def _billing(screen: "NetbillScreen", _words: list[str], _: str) -> None:
    screen.go("billing")


async def _collections(screen: "NetbillScreen", _words: list[str], _: str) -> None:
    screen.go("collections")


async def _catalogue(screen: "NetbillScreen", words: list[str], _: str) -> None:
    from netbill_tui.usecases.catalogue import codes

    if words:
        code = await screen.read(codes.code_named, _sole(words, "catalogue CODE"))
        await screen.open_screen("code", code.code)
    else:
        screen.go("catalogue")


async def _find(screen: "NetbillScreen", words: list[str], _: str) -> None:
    await screen.open_screen("find", " ".join(words))


async def _list(screen: "NetbillScreen", name: str, text: str) -> None:
    terms = text.split(None, 1)[1] if len(text.split(None, 1)) > 1 else ""
    # Read here, so that a mistake is told on the line and not on a list that shows something else.
    from netbill_tui.usecases.lookup.lists import read_filter

    read_filter(screen.session, name, terms)
    more = {"work": not terms} if name == "overdue" else {}
    screen.go(name, terms=terms, **more)


async def _operators(screen: "NetbillScreen", _words: list[str], _text: str) -> None:
    screen.go("operators")


async def _trail(screen: "NetbillScreen", _words: list[str], _text: str) -> None:
    screen.go("audit")


async def _lock(screen: "NetbillScreen", _words: list[str], _text: str) -> None:
    screen.netbill.lock("key")


async def _overdue(screen: "NetbillScreen", _words: list[str], text: str) -> None:
    await _list(screen, "overdue", text)


async def _dues(screen: "NetbillScreen", _words: list[str], text: str) -> None:
    await _list(screen, "dues", text)


async def _payments(screen: "NetbillScreen", _words: list[str], text: str) -> None:
    await _list(screen, "payments", text)


async def _customers(screen: "NetbillScreen", _words: list[str], text: str) -> None:
    await _list(screen, "customers", text)


async def _pay(screen: "NetbillScreen", words: list[str], _: str) -> None:
    screen.session.may_post()
    if len(words) > 4:
        raise InvalidInput("Type it as :pay ACCOUNT AMOUNT METHOD REFERENCE; a reference of several words in quotes.")
    filled = Filled(*words) if words else None
    if filled is not None:
        customer = await screen.read(accounts.find_customer, filled.account)
        filled = filled._replace(account=customer.account)
    await screen.open_screen("payment-form", filled.account if filled else screen.account(), filled=filled)


async def _reverse(screen: "NetbillScreen", words: list[str], _: str) -> None:
    from netbill_tui.screens.shell.forms.reversal import reverse_payment

    if await reverse_payment(screen, _sole(words, "reverse RECEIPT")):
        screen.action_refresh()


async def _new(screen: "NetbillScreen", _words: list[str], _: str) -> None:
    screen.session.may_post()
    await screen.open_screen("customer-form")


async def _view(screen: "NetbillScreen", words: list[str], _: str) -> None:
    if words and words[0] in LISTINGS:
        await run_shell(screen, ["view", *words])
        return
    if not isinstance(screen, ListScreen):
        raise InvalidInput("Views belong to lists; go to one first: :overdue, :dues, :payments or :customers.")
    if words and words[0] in ("save", "share"):
        if not 2 <= len(words) <= 3 or (len(words) == 3 and not (words[2].isascii() and words[2].isdigit())):
            raise InvalidInput("Type it as :view save NAME 7; the digit is the key that opens it.")
        digit = int(words[2]) if len(words) == 3 else None
        taken = len(screen.BUILT_IN)
        if digit is not None and not taken < digit <= 9:
            raise InvalidInput(
                f"{f'Keys 1 to {taken} are' if taken > 1 else 'Key 1 is'} the list's own; type a digit from {taken + 1} to 9."
            )
        shared = words[0] == "share"
        saved = await screen.write(views.save_view, screen.LIST, words[1], screen.terms(), digit=digit, shared=shared)
        await screen.read_views()
        who = "for every operator" if shared else "for you"
        screen.done(f"Saved {who}: {saved.name} = {saved.words or 'everything'}" + (f", key {digit}." if digit else "."))
    elif len(words) == 2 and words[0] == "drop":
        await screen.write(views.drop_view, screen.LIST, words[1])
        await screen.read_views()
        screen.done(f"The view {words[1]} is gone.")
    elif len(words) == 1:
        screen.use_terms((await screen.read(views.view, screen.LIST, words[0])).words)
    else:
        names = ", ".join(v.name for v in await screen.read(views.views, screen.LIST)) or "none yet"
        screen.tell(f"Views of {screen.LIST}: {names}. Save this one: :view save NAME 7")


async def _export(screen: "NetbillScreen", words: list[str], _: str) -> None:
    if not words or len(words) > 2:
        raise InvalidInput("Type it as :export csv FILE; without a file it goes to your export folder.")
    if not isinstance(screen, ListScreen):
        raise InvalidInput("Lists are exported; go to one first: :overdue, :dues, :payments or :customers.")
    await screen.export(words[0], words[1] if len(words) == 2 else "")


async def _messages(screen: "NetbillScreen", _words: list[str], _: str) -> None:
    from netbill_tui.screens.shell.text_page import TextPage

    said = [m.line for m in reversed(screen.netbill.desk.messages)]
    await screen.app.push_screen(TextPage("Messages, the newest first", said or ["  Nothing was said in this sitting."]))


async def _set(screen: "NetbillScreen", words: list[str], _: str) -> None:
    if len(words) == 2 and words[0] == "theme":
        screen.netbill.show_theme(words[1])
        screen.draw_frame()
        await _keep_theme(screen, words[1])
    elif len(words) == 2 and words[0] == "pane" and words[1] in ("on", "off"):
        screen.netbill.desk.pane = words[1] == "on"
        screen.on_resize()
    else:
        raise InvalidInput(f"Type it as :set theme {names()[0]} (or {', '.join(names()[1:])}), or :set pane off.")


async def _theme(screen: "NetbillScreen", words: list[str], line: str) -> None:
    await _set(screen, ["theme", *words], line)


async def _keep_theme(screen: "NetbillScreen", name: str) -> None:
    """The operator finds it so the next time, at whatever terminal."""
    text = json.dumps({"name": name})
    screen.netbill.desk.preferences["theme"] = text
    if screen.session.settings.can_post:
        await screen.write(views.prefer, "theme", text)


def _does(action: str):  # type: ignore[no-untyped-def] # the shape of its neighbours
    async def run(screen: "NetbillScreen", _words: list[str], _: str) -> None:
        screen.next_thing(partial(screen.run_action, action))

    return run


_HERE = {
    "customer": _customer, "invoice": _invoice, "receipt": _receipt, "billing": _billing, "catalogue": _catalogue,
    "collections": _collections,
    "operators": _operators, "trail": _trail, "lock": _lock, "find": _find, "overdue": _overdue, "dues": _dues,
    "payments": _payments, "customers": _customers, "pay": _pay, "reverse": _reverse, "new": _new, "view": _view,
    "export": _export, "set": _set, "messages": _messages, "theme": _theme, "waiting": _does("waiting"),
    "home": _does("dashboard"), "help": _does("help"), "back": _does("back"), "quit": _does("quit_program"),
}  # fmt: skip
assert _HERE.keys() == {v.word for v in commands.VERBS}
