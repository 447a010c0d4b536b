"""P: a document to the printer, or into a file; of a list the marked ones."""

from collections.abc import Sequence

from netbill_tui.errors import Refused
from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.screens.shell.bulk import confirmation, each
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.forms.text import TextForm
from netbill_tui.screens.shell.marks import Marks
from netbill_tui.text import counted
from netbill_tui.usecases.audit import printers
from netbill_tui.usecases.collections import bills
from netbill_tui.usecases.receivables import paper
from netbill_tui.usecases.receivables.payments import new_request_id


def _choices(screen: NetbillScreen) -> list[tuple[str, str]]:
    command = screen.session.settings.printer
    printer = [("p", f"print: {command}")] if command.strip() not in ("", printers.OFF) else []
    return [*printer, *([("f", "a PDF file")] if paper.can_pdf() else []), ("t", "a text file of 80 columns")]


def run_choices(screen: NetbillScreen) -> list[tuple[str, str]]:
    """How the documents of a run leave the book."""
    printer = [(key, words) for key, words in _choices(screen) if key == "p"]
    kind = "PDF" if paper.can_pdf() else "text"
    return [*printer, ("f", f"{kind} files of 250 documents each"), ("s", f"a {kind} file for each document")]


async def hand_out(screen: NetbillScreen, kind: str, number: str) -> None:
    """Ask how, and print the document or write it into the folder of exports."""
    what = f"The statement of {number}" if kind == paper.STATEMENT else number
    mail = [("m", "mail it to the customer")] if kind in (paper.INVOICE, paper.CREDIT_NOTE) else []
    key = await screen.ask(ChoiceForm(f"{what}: to the printer or into a file?", [*_choices(screen), *mail]))
    if key is None:
        screen.tell("Nothing was printed.")
    elif key == "m":
        account = await screen.write(bills.mail_again, number, credit=kind == paper.CREDIT_NOTE, request_id=new_request_id())
        screen.done(f"{what} waits in the outbox for {account}; it goes with the next mails.")
    elif key == "p":
        taken = await screen.write(paper.print_one, kind, number)
        screen.done(f"{what} went to {taken}.")
    else:
        path, missing = await screen.write(paper.write_one, kind, number, pdf=key == "f")
        lacks = f" The font lacks {missing[:20]}: other signs stand there." if missing else ""
        screen.done(f"{what} was written to {path}.{lacks}")


async def hand_out_marked(marks: Marks, kind: str, numbers: Sequence[str]) -> None:
    """The same of the marked rows, each with its own audit event; of one row where nothing is marked."""
    screen = marks.screen
    if not numbers:
        raise Refused("There is no document here.")
    if not len(marks):
        await hand_out(screen, kind, numbers[0])
        return
    many = counted(len(numbers), "document")
    key = await screen.ask(ChoiceForm(f"{many}: to the printer or into files?", _choices(screen)))
    if key is None:
        screen.tell("Nothing was printed.")
        return
    first = ", ".join(numbers[:8]) + (f" and {len(numbers) - 8} more" if len(numbers) > 8 else "")
    answer = await screen.ask(TextForm(f"Print {many}", (confirmation(len(numbers), "print"),), (first,)))
    if answer is None:
        screen.tell("Nothing was printed.")
    elif key == "p":
        await each(marks, numbers, "Printed", lambda number, _: screen.write(paper.print_one, kind, number))
    else:
        await each(marks, numbers, "Written", lambda number, _: screen.write(paper.write_one, kind, number, pdf=key == "f"))
